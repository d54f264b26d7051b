"""What keeps a camera streaming, on a source that fails as told and on a real camera."""

import threading

import pytest
import structlog

from edge.demo.rtsp import RtspServer
from edge.errors import StreamError
from edge.metrics import Metrics
from edge.status import CameraState
from edge.stream import source_for
from edge.stream.facts import Facts
from edge.stream.faults import StallError
from edge.stream.slots import Slots
from edge.stream.supervisor import CameraThread
from tests.make import frame
from tests.stream.make_clip import eventually

SECRET = "s3cret"


class Script:
    """A source that plays one act per session: numbers are frames, errors are raised."""

    damaged = 0
    facts = Facts("h264", "cpu", "all")

    def __init__(self, *acts, live=True):
        self.acts, self.live, self.sessions = list(acts), live, []

    def frames(self, session, stop=None):
        self.sessions.append(session)
        act = self.acts.pop(0) if self.acts else ["wait"]
        for step in act:
            if isinstance(step, int):
                yield frame(step, session=session)
            elif isinstance(step, Exception):
                raise step
            else:
                stop.wait(60)


@pytest.fixture
def run():
    """Start cameras; whatever a test does, they are gone after it."""
    started = []

    def start(source, *, slots=None):
        slots = slots or Slots(["gate"])
        thread = CameraThread("gate", source, slots, metrics=Metrics())
        thread.start()
        started.append((thread, slots))
        return thread, slots

    yield start
    for thread, slots in started:
        thread.stop()
        slots.close()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr("edge.stream.backoff.FIRST_S", 0.01)


def state_is(thread, state):
    return eventually(lambda: thread.health() if thread.health().state is state else None)


def count(metric):
    return metric.labels("gate")._value.get()


def test_a_file_is_given_on_whole_and_then_ends(run):
    thread, slots = run(Script([0, 1, 2, 3], live=False))

    taken = [slots.take(10)[0].index for _ in range(4)]

    thread.join(10)
    assert taken == [0, 1, 2, 3]
    health = thread.health()
    assert health.state is CameraState.ENDED
    assert (health.frames, health.dropped, health.reason) == (4, 0, "")


def test_a_live_camera_does_not_wait_and_counts_what_was_dropped(run):
    thread, slots = run(Script([0, 1, 2, 3, 4, "wait"]))

    eventually(lambda: slots.dropped("gate") == 4)

    health = state_is(thread, CameraState.STREAMING)
    assert (health.frames, health.dropped, health.width, health.height) == (1, 4, 200, 100)
    assert count(thread._metrics.dropped) == 4
    assert slots.take(1)[0].index == 4


def test_a_lost_camera_is_asked_again_under_a_new_session(run):
    lost = StreamError("camera 'gate': gone", "wait")
    source = Script([0, lost], [lost], [0, lost], [0, "wait"])
    thread, _ = run(source)

    eventually(lambda: len(source.sessions) == 4)

    assert source.sessions == [0, 1, 1, 2]  # an attempt that gave no frame has no number
    health = state_is(thread, CameraState.STREAMING)
    assert (health.reconnects, health.reason) == (3, "")
    assert count(thread._metrics.reconnects) == 3
    assert count(thread._metrics.streaming) == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (StreamError("camera 'gate': gone", "wait", refused=True), CameraState.REFUSED),
        (StallError("camera 'gate': silent", "wait"), CameraState.STALLED),
        (StreamError("camera 'gate': gone", "wait"), CameraState.LOST),
    ],
)
def test_a_failure_is_a_state_with_its_reason(run, monkeypatch, error, state):
    monkeypatch.setattr("edge.stream.backoff.FIRST_S", 30.0)
    thread, _ = run(Script([0, error]))

    health = state_is(thread, state)

    assert health.reason == str(error)
    assert count(thread._metrics.streaming) == 0


def test_a_surprise_is_told_without_its_text_and_tried_again(run):
    source = Script([0, ValueError(f"rtsp://cam:{SECRET}@10.0.0.9/")], [0, "wait"])
    with structlog.testing.capture_logs() as logs:
        thread, _ = run(source)
        eventually(lambda: source.sessions == [0, 1])
        state_is(thread, CameraState.STREAMING)

    lost = next(log for log in logs if log["event"] == "camera lost")
    assert "unexpected ValueError in frames" in lost["reason"]
    assert SECRET not in str(logs)


def test_a_file_that_breaks_off_ends_with_the_reason(run):
    error = StreamError("camera 'gate': it breaks off", "replace it")
    thread, slots = run(Script([0, error], live=False))

    assert slots.take(10)
    assert state_is(thread, CameraState.ENDED).reason == str(error)


def test_an_unchanged_failure_is_logged_once(run):
    lost = StreamError("camera 'gate': gone", "wait")
    source = Script(*[[lost]] * 5)
    with structlog.testing.capture_logs() as logs:
        run(source)
        eventually(lambda: len(source.sessions) == 6)

    assert [log["event"] for log in logs] == ["camera lost"]


@pytest.mark.parametrize("live", [True, False])
def test_a_stop_ends_the_thread(run, live):
    thread, _ = run(Script([0, 1, 2, "wait"], live=live))
    state_is(thread, CameraState.STREAMING)

    thread.stop()
    thread.join(10)

    assert not thread.is_alive()
    assert thread.health().state is CameraState.STOPPED
    assert thread.daemon
    assert thread.name == "camera-gate"


def test_a_stop_ends_a_pause(run, monkeypatch):
    monkeypatch.setattr("edge.stream.backoff.FIRST_S", 30.0)
    thread, _ = run(Script([StreamError("gone", "wait")]))
    state_is(thread, CameraState.LOST)

    thread.stop()
    thread.join(10)

    assert not thread.is_alive()


def test_damaged_pictures_are_counted(run):
    source = Script([0, "wait"])
    source.damaged = 3
    thread, _ = run(source)

    eventually(lambda: count(thread._metrics.decode_errors))
    assert count(thread._metrics.decode_errors) == 3


def camera(url, **options):
    return source_for("gate", url, fps=60, **({"stall_s": 1} | options))


def session_of(slots):
    """The session of the newest frame."""
    return next((frame.session for frame in slots.take(0.1)), None)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_that_reboots_comes_back_as_a_new_session(run, h264, transport):
    with RtspServer({"road": h264}, fps=40) as server:
        thread, slots = run(camera(server.url("road"), transport=transport))
        eventually(lambda: session_of(slots) == 0)
    failed = (CameraState.LOST, CameraState.STALLED)
    eventually(lambda: thread.health().state in failed)

    with RtspServer({"road": h264}, fps=40, port=server.port):
        eventually(lambda: session_of(slots) == 1)
        thread.stop()

    assert thread.health().reconnects >= 1


def test_a_camera_that_falls_silent_comes_back_as_a_new_session(run, h264):
    with RtspServer({"road": h264}, fps=40) as server:
        thread, slots = run(camera(server.url("road")))
        eventually(lambda: session_of(slots) == 0)

        server.stall("road", True)
        assert "sent nothing for 1 s" in state_is(thread, CameraState.STALLED).reason
        server.stall("road", False)

        eventually(lambda: session_of(slots) == 1)


def test_a_password_is_nowhere_to_be_seen(run, h264):
    with (
        structlog.testing.capture_logs() as logs,
        RtspServer({"road": h264}, fps=40, user="cam", password="right") as server,
    ):
        thread, _ = run(camera(f"rtsp://cam:{SECRET}@127.0.0.1:{server.port}/road"))
        health = state_is(thread, CameraState.REFUSED)

    assert SECRET not in str(health) + str(logs) + repr(thread)
    assert SECRET not in thread._metrics.text().decode()


def test_a_stop_is_seen_by_every_kind_of_source(run, clip, h264):
    with RtspServer({"road": h264}, fps=40) as server:
        threads = [
            run(camera(server.url("road")))[0],
            run(camera(server.url("road"), transport="udp"))[0],
            run(source_for("gate", str(clip)))[0],
            run(source_for("gate", str(clip), realtime=False))[0],
        ]
        for thread in threads:
            state_is(thread, CameraState.STREAMING)

        for thread in threads:
            thread.stop()
            thread.join(20)

    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("camera-")]
