"""Runs cases: a camera, its fault, what is made of it; beside it another camera that is well."""

import contextlib
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from edge.status import CameraState
from edge.stream.backoff import FIRST_S as PAUSE_S
from edge.stream.backoff import JITTER, MOST_S
from tests.cameras.camera import ours
from tests.cameras.encode import media
from tests.cameras.gst import missing, save, theirs
from tests.cameras.watch import Watch
from tests.contracts.cases import STALL_S

FPS = 60.0  # all that a camera sends
FIRST_S = 15.0  # for the first frame: the machine may be busy
SETTLE_S = 1.0
NOISE_S = 2.0  # so much longer than allowed is waited, to measure by how much it was missed
AT_ONCE = 12  # cases that run side by side: they mostly wait


@dataclass(slots=True)
class Outcome:
    """What came of a case; times in seconds, None where there is nothing to time."""

    case: object
    state: str = ""
    reason: str = ""
    error: str = ""  # why it could not be run
    first_frame_s: float | None = None  # after the start
    notice_s: float | None = None  # from the fault to the state
    recover_s: float | None = None  # from the fault's end to the first frame
    allowed_s: float | None = None  # the pause it was in, and a second
    steady: bool = False  # whether it went on streaming then
    own_gap_s: float | None = None  # of a camera that is to stay streaming
    own_fps: float | None = None  # the same
    other_gap_s: float = 0.0  # the longest time that the healthy camera gave no frame
    sessions: int = 0
    frames: int = 0
    damaged: int = 0
    backwards: int = 0  # frames whose pts did not rise
    drift_s: float = 0.0  # pts against arrival
    sizes: frozenset = frozenset()
    clocks: frozenset = frozenset()

    @property
    def as_expected(self):
        """Whether it came to what the case says, however long it took."""
        well = not self.error and self.state in {str(state) for state in self.case.states}
        if CameraState.STREAMING in self.case.states:
            return well and self.sessions == 1 and self.own_fps >= self.case.least_fps
        told = re.search(self.case.reason, self.reason)
        back = not self.case.heals or self.steady
        return well and self.notice_s is not None and told is not None and back

    @property
    def in_time(self):
        """Whether it was noticed, and was back, no later than allowed."""
        noticed = self.notice_s is None or self.notice_s <= self.case.notice_s
        return noticed and (self.recover_s is None or self.recover_s <= self.allowed_s)


class Cameras:
    """The servers that cases share, and those they have to themselves."""

    def __init__(self, folder):
        shown = media()
        saved = shown.save(folder / "media.pickle")
        self._make = {"ours": lambda: ours(saved)}
        if not missing():
            for_gst = save(shown, folder / "gst.json")
            self._make["gst"] = lambda: theirs(for_gst)
        self._stack = contextlib.ExitStack()
        self._shared = {}

    def __enter__(self):
        self._shared = {
            name: self._stack.enter_context(make()) for name, make in self._make.items()
        }
        well = self._stack.enter_context(self._make["ours"]())
        self.well = self._stack.enter_context(Watch("well", well.url("h264/well"), fps=FPS))
        if not self.well.wait(lambda: self.well.seen, within=FIRST_S):
            raise RuntimeError(f"the healthy camera gives no frame: {self.well.health()}")
        return self

    def __exit__(self, *_):
        self._stack.close()

    @property
    def servers(self):
        """The names of those there are here."""
        return set(self._make)

    def of(self, case):
        """The server of a case, as a context."""
        if case.own_server:
            return self._make[case.server]()
        return contextlib.nullcontext(self._shared[case.server])


def run_all(cases, cameras, *, at_once=AT_ONCE):
    """All outcomes, in the order of the cases; several run at once, the long ones first."""
    order = sorted(cases, key=lambda case: case.heals and "REFUSED" in str(case.states))
    with ThreadPoolExecutor(at_once) as pool:
        running = {case.name: pool.submit(run, case, cameras) for case in reversed(order)}
    return [running[case.name].result() for case in cases]


def run(case, cameras):
    """One case, from the start of its camera to the end."""
    outcome, began = Outcome(case), time.monotonic()
    try:
        with cameras.of(case) as camera:
            if case.early:
                camera.set(case.place, **case.early)
            if case.act == "down":
                camera.kill()
            with _watch(case, camera) as watch:
                _play(case, camera, watch, outcome)
    except Exception as error:  # noqa: BLE001 - one case's surprise is its own
        outcome.error = f"{type(error).__name__}: {error}"
    outcome.other_gap_s = cameras.well.gap(began, time.monotonic())
    return outcome


def _watch(case, camera):
    login = {"login": case.login} if case.login else {}
    url = camera.url(case.place + case.suffix, port=case.port, **login)
    transport = case.transport if case.transport in ("tcp", "udp") else "tcp"
    options = {"transport": transport, "fps": FPS, "stall_s": STALL_S} | case.options
    return Watch(case.name, url, **options)


def _play(case, camera, watch, outcome):
    struck = time.time()
    if CameraState.STREAMING in case.states or case.streams_first:
        watch.wait(lambda: watch.seen, within=FIRST_S)
    if case.streams_first:
        _pass(SETTLE_S)
        struck = time.time()
        _strike(case, camera)
    if CameraState.STREAMING in case.states:
        _bear(case, watch, outcome)
    else:
        _notice(case, watch, outcome, struck)
    if case.heals and outcome.notice_s is not None:
        _recover(case, camera, watch, outcome)
    _count(case, watch, outcome)


def _bear(case, watch, outcome):
    """The camera is to stay streaming."""
    began = time.monotonic()
    watch.wait(lambda: watch.health().state is not CameraState.STREAMING, within=case.watch_s)
    ended = time.monotonic()
    outcome.own_gap_s = watch.gap(began, ended)
    outcome.own_fps = sum(one.at > began for one in list(watch.seen)) / (ended - began)
    outcome.state, outcome.reason = str(watch.health().state), watch.health().reason


def _notice(case, watch, outcome, struck):
    """The camera is to come into another state."""
    noticed = watch.wait(
        lambda: watch.health().state in case.states, within=case.notice_s + NOISE_S
    )
    health = watch.health()
    outcome.state, outcome.reason = str(health.state), health.reason
    outcome.notice_s = max(0.0, health.since - struck) if noticed else None


def _recover(case, camera, watch, outcome):
    """The fault goes away; frames are to come within the pause that had begun, and a second."""
    newest = watch.seen[-1].session if watch.seen else -1
    if case.act != "reset":
        _pass(case.down_s)
    outcome.allowed_s = _pause(watch.health()) * (1 + JITTER) + 1
    healed = time.monotonic()
    _heal(case, camera)
    watch.wait(lambda: watch.after(healed, session=newest + 1), within=outcome.allowed_s + NOISE_S)
    if back := watch.after(healed, session=newest + 1):
        outcome.recover_s = back.at - healed
        fails = watch.wait(
            lambda: watch.health().state is not CameraState.STREAMING, within=case.steady_s
        )
        outcome.steady = not fails


def _pause(health):
    if health.state is CameraState.REFUSED:
        return MOST_S / (1 + JITTER)  # jitter never makes it longer
    return min(MOST_S, PAUSE_S * 2**health.reconnects)


def _count(case, watch, outcome):
    seen = list(watch.seen)
    if seen and (case.streams_first or CameraState.STREAMING in case.states):
        outcome.first_frame_s = seen[0].at - watch.began
    outcome.frames, outcome.damaged = len(seen), watch.source.damaged
    outcome.sessions = len({one.session for one in seen})
    outcome.backwards, outcome.drift_s = watch.backwards(), watch.drift()
    outcome.sizes = frozenset(one.size for one in seen)
    outcome.clocks = frozenset(one.clock for one in seen)


def _strike(case, camera):
    if case.late:
        camera.set(case.place, **case.late)
    match case.act:
        case "kill":
            camera.kill()
        case "pause":
            camera.pause()
        case "reset":
            camera.reset(case.place)


def _heal(case, camera):
    """Undo what was done."""
    match case.act:
        case "kill" | "down":
            camera.start()
        case "pause":
            camera.resume()
    if case.late or case.early:
        camera.set(case.place, **{fault: HEALTHY[fault] for fault in case.late | case.early})


def _pass(seconds):
    threading.Event().wait(seconds)


HEALTHY = {"stalled": False, "frozen": False, "status": ""}
