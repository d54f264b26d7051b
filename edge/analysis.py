"""The analysis thread: newest frames of all cameras in, events out."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from edge.alarms import Alarms
from edge.arming import Told
from edge.attention import Attention
from edge.changes import Change
from edge.detect.budget import Claim
from edge.errors import FencelineError
from edge.events.journal import Journal
from edge.lives import Lives
from edge.metrics import Metrics
from edge.pipeline import Pipeline, Seen, Step
from edge.privacy import masked
from edge.rules import Rule
from edge.rules.view import NO_ORDERS
from edge.stream.slots import Slots
from edge.track import Follow, Session
from edge.types import Event, Frame, Kind, Points, Scene, State
from edge.watch import Watch

TURN_S = 0.2  # the longest wait for a frame, so that ends and stops are seen
GATHER_S = 0.04  # the longest wait for frames of other cameras, to look at them together
ENOUGH = 1.5  # network inputs that are worth a call without waiting for more
BACK_OFF_S = 1.0
STALE_S = 5.0  # an older picture shows nothing of an alarm that is given now


@dataclass(frozen=True, slots=True)
class Lane:
    """What one camera's frames go through."""

    pipeline: Pipeline[Session]
    masks: Sequence[Points] = ()


class Analysis(threading.Thread):
    """Serves all cameras from one detector; the only thread that writes events.

    `follow` advances the trackers of the lanes, of all cameras of a turn at once. `trouble` says
    what is wrong with the detector: one word, and words for people. `told` is what rules are told
    of orders and inputs, `alarms` are those that no picture causes, `lives` what becomes of any.
    """

    def __init__(  # noqa: PLR0913 - everything a frame meets
        self,
        slots: Slots,
        attention: Attention,
        journal: Journal,
        *,
        lanes: Mapping[str, Lane],
        follow: Follow,
        watch: Watch,
        metrics: Metrics,
        trouble: Callable[[], tuple[str, str] | None] = lambda: None,
        told: Callable[[], Told] = Told,
        alarms: Alarms | None = None,
        lives: Lives | None = None,
    ) -> None:
        super().__init__(name="analysis", daemon=True)
        self._slots, self._attention, self._journal = slots, attention, journal
        self._lanes, self._follow = lanes, follow
        self._watch, self._metrics = watch, metrics
        self._told, self._alarms, self._lives = told, alarms, lives
        self._scenes: dict[str, Scene] = {}
        self._open = set(lanes)
        self._trouble = trouble
        self._since, self._idle, self._dropped = time.monotonic(), 0.0, 0
        self._stopping = threading.Event()
        self._changes: deque[Change] = deque()
        self.failing = ""  # why frames are not being analysed, for people
        for camera in lanes:  # asked when somebody looks, so that it grows while no frame comes
            metrics.staleness.labels(camera).set_function(partial(self._staleness_or_nan, camera))

    def run(self) -> None:
        """Take, detect, step, record; until stopped."""
        log = structlog.get_logger()
        while not self._stopping.is_set():
            try:
                self._turn()
                self.failing = ""
            except Exception as error:  # the top of a loop: one bad turn is not the end
                reason = str(error) if isinstance(error, FencelineError) else repr(error)
                if reason != self.failing:
                    log.exception("analysis failed", reason=reason)
                self.failing = reason
                self._account(0, 0, failed=True)
                self._stopping.wait(BACK_OFF_S)
        for asked in (self._alarms, self._lives):
            if asked is not None:
                asked.close()

    def stop(self) -> None:
        """Ask the thread to end after the present turn."""
        self._stopping.set()

    def rules(self, camera: str) -> Sequence[Rule]:
        """What a camera's tracks are held against."""
        return self._lanes[camera].pipeline.rules

    def take_over(self, change: Change) -> None:
        """Have the configuration changed between two frames; returns at once."""
        self._changes.append(change)

    def scene(self, camera: str) -> Scene | None:
        """The newest analysed picture of a camera."""
        return self._scenes.get(camera)

    def staleness_s(self, camera: str) -> float | None:
        """Age of the newest analysed picture; None before the first."""
        scene = self._scenes.get(camera)
        if scene is None:
            return None
        return max(0.0, time.time() - scene.frame.box_time)

    @property
    def load(self) -> float:
        """Share of the time that the analysis is busy, 0..1, over the last seconds."""
        return self._attention.budget.load

    @property
    def degraded(self) -> Mapping[str, str]:
        """Why the box does less than it should: one word each, and words for people."""
        reasons = {}
        if trouble := self._trouble():
            reasons[trouble[0]] = trouble[1]
        budget = self._attention.budget
        if budget.overloaded:
            reasons["overloaded"] = (
                f"some {round(10 * budget.dropped) or 1}0 % of the pictures are not looked at; "
                "use fewer cameras, a lower fps, or more cores"
            )
        return reasons

    def _staleness_or_nan(self, camera: str) -> float:
        age = self.staleness_s(camera)
        return math.nan if age is None else age

    def _change(self, change: Change) -> None:
        """Rules that stay keep what they know, and tracks go on as they are."""
        try:
            if self._alarms is not None:
                for event in self._alarms.swap(change.alarms, "reconfigured"):
                    self._sound(event, None)
            change.apply()
            self._swap(change.rules)
        finally:
            self._journal.reconfigure(change.origin, change.grades)
            self._attention.regrade(change.urgent)

    def _swap(self, changed: Mapping[str, Sequence[Rule]]) -> None:
        """Give each camera its rules; one whose old rules fail keeps no other from its new ones."""
        failed: list[Exception] = []
        for camera, rules in changed.items():
            try:
                step = self._lanes[camera].pipeline.swap(rules, "reconfigured")
            except Exception as error:  # noqa: BLE001 - raised below
                failed.append(error)
                continue
            if step is not None:
                self._attention.heed(step.events)
                self._journal.record(step.events, step.scene)
        if failed:
            raise failed[0]

    def _hear(self) -> None:
        """What is not about a picture."""
        while self._changes:
            self._change(self._changes.popleft())
        if happened := self._watch.events():
            self._journal.record(happened, None)
        if self._alarms is not None:
            self._ring(self._alarms)
        if self._lives is not None:
            self._lives.turn(self._journal)

    def _turn(self) -> None:
        self._hear()
        claims = self._gather()
        if not claims:
            self._journal.retry()
            self._finish_ended()
            self._account(0, 0)
            return
        glances, left = self._attention.choose(claims)
        with self._metrics.detect_seconds.time():
            found = self._attention.see(glances)
        began = time.monotonic()
        lanes = [self._lanes[glance.frame.camera].pipeline for glance in glances]
        followed = self._follow(
            [
                (lane.tracker(glance.frame), objects, glance.frame.pts)
                for lane, glance, (objects, _) in zip(lanes, glances, found, strict=True)
            ]
        )
        failed: list[Exception] = []
        inputs, orders = self._told()
        for lane, glance, (objects, seen), tracks in zip(
            lanes, glances, found, followed, strict=True
        ):
            try:
                with self._metrics.step_seconds.time():
                    step = lane.step(
                        glance.frame,
                        objects,
                        Seen(seen, glance.looked),
                        tracks,
                        inputs=inputs,
                        orders=orders.get(glance.frame.camera, NO_ORDERS),
                    )
                    self._record(step, glance.frame)
            except Exception as error:  # noqa: BLE001 - the others were followed too; raised below
                failed.append(error)
        if failed:
            raise failed[0]
        self._attention.budget.followed(len(glances), time.monotonic() - began)
        for glance in left:
            self._metrics.dropped.labels(glance.frame.camera).inc()
        self._account(len(glances), len(left))

    def _ring(self, alarms: Alarms) -> None:
        """What no picture causes; whoever asked for it is answered once it is stored."""
        for event in alarms.events(self._journal):
            self._sound(event, self._evidence(event))
        alarms.answer(self._journal)

    def _sound(self, event: Event, scene: Scene | None) -> None:
        self._journal.record([event], scene)
        if event.camera in self._lanes and event.kind is not Kind.ARMING:
            self._attention.heed([event])

    def _evidence(self, event: Event) -> Scene | None:
        """What the event's camera sees at the moment, where it has one and sees."""
        age = self.staleness_s(event.camera)
        shows = event.state is State.RAISED and age is not None and age <= STALE_S
        return self._scenes[event.camera] if shows else None

    def _gather(self) -> list[Claim]:
        """The newest frames of the cameras; those that are nearly there are waited for."""
        claims: dict[str, Claim] = {}
        until = time.monotonic() + TURN_S
        while frames := self._wait(until, claims):
            for frame in frames:
                lane = self._lanes[frame.camera]
                seen = masked(frame, lane.masks)
                claims[frame.camera] = self._attention.claim(seen, lane.pipeline.expected(seen))
            until = min(until, time.monotonic() + GATHER_S)
            wanted = sum(claim.glance.cost for claim in claims.values())
            if wanted >= ENOUGH * self._attention.area or self._open <= claims.keys():
                break
        return list(claims.values())

    def _wait(self, until: float, without: Container[str]) -> list[Frame]:
        began = time.monotonic()
        frames = self._slots.take(max(0.0, until - began), without=without)
        self._idle += time.monotonic() - began
        return frames

    def _account(self, taken: int, left: int, *, failed: bool = False) -> None:
        """Tell the budget how busy this turn was; what a failure cost is no load."""
        now, dropped = time.monotonic(), self._slots.all_dropped
        passed = now - self._since
        self._attention.budget.passed(
            passed,
            busy_s=0.0 if failed else passed - self._idle,
            taken=taken,
            dropped=0 if failed else left + dropped - self._dropped,
            live=self._slots.live,
        )
        self._metrics.load.set(self.load)
        self._since, self._idle, self._dropped = now, 0.0, dropped

    def _record(self, step: Step, frame: Frame) -> None:
        self._scenes[frame.camera] = step.scene
        self._attention.heed(step.events)
        self._journal.record(step.events, step.scene)
        self._metrics.frames.labels(frame.camera).inc()

    def _finish_ended(self) -> None:
        """A recording that is over closes what is open."""
        for camera in [camera for camera in self._open if self._watch.ended(camera)]:
            self._open.discard(camera)
            step = self._lanes[camera].pipeline.finish("session_ended")
            if step is not None:
                self._journal.record(step.events, step.scene)
