"""The life of alerts: gives events their identities and has them committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import structlog

from edge.errors import OutboxError
from edge.events.alert import Alert, Mark
from edge.events.codec import Origin, timestamp, to_message
from edge.events.committer import Committer, Log
from edge.events.draft import Draft
from edge.events.exhibits import Exhibits
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.types import Event, Grade, Scene, State

__all__ = ["Journal", "Log", "Origin"]
MOST_PENDING = 10_000  # events kept in memory while the disk takes none
TEND_S = 60.0  # between looks at what is past retention; a quiet box forgets too
BARE = Mark(None)
NOTHING: Mapping[str, pb.Evidence] = {}

Key = tuple[str, str, str]  # camera, rule, the rule's own key


class Journal:
    """Turns rules' events into committed ones; used by one thread.

    RAISED opens an alert under (camera, rule, key), UPDATED goes on, CLEARED closes it. The
    `committer` may be started: then recording waits for no disk and words no message, whoever is to
    be told of what was committed is told on its thread, and what was given up is seen to with the
    next call.
    """

    def __init__(  # noqa: PLR0913 - everything an identity is made of
        self,
        log: Log,
        exhibits: Exhibits | None,
        *,
        origin: Origin,
        grades: Mapping[tuple[str, str], Grade],
        clock: Callable[[], float],
        new_id: Callable[[float], str],
        metrics: Metrics,
        most_pending: int = MOST_PENDING,
        committed: Sequence[Callable[[Sequence[pb.Event]], None]] = (),
    ) -> None:
        self._log, self._exhibits = log, exhibits
        self._origin, self._grades = origin, grades
        self._clock, self._new_id, self._metrics = clock, new_id, metrics
        self._committed = committed  # are told what was, on the thread that did it
        self._open: dict[Key, Alert] = {}
        self.committer = Committer(log, most_pending, self._stored)
        self._strange: set[tuple[str, str]] = set()  # rules whose events made no life, logged once
        self._tended = clock()

    @property
    def pending(self) -> int:
        """Events that wait in memory."""
        return self.committer.pending

    @property
    def failing(self) -> str:
        """Why events can't be stored, for people."""
        return self.committer.failing

    def reconcile(self) -> None:
        """Clear what the last run left open, before the first record.

        Raises OutboxError where that can't be read.
        """
        self.committer.put([Draft.of(self._cleared(one)) for one in self._log.open_alerts()])

    def reconfigure(self, origin: Origin, grades: Mapping[tuple[str, str], Grade]) -> None:
        """What events say from now on; what rules that are gone had open is recorded by then."""
        self._origin, self._grades = origin, grades

    def record(self, events: Sequence[Event], scene: Scene | None) -> None:
        """Commit what a frame led to, in one transaction, behind what is still pending.

        Without a scene there is nothing to see: a camera is gone.
        """
        if self.committer.refused:
            self._give_up()
        ready = self._exhibits.see(scene) if self._exhibits and scene else {}
        drafts = self._goes_on(ready, events) if ready else []
        now = self._clock()
        for event in events:
            drafts += self._drafts(event, scene, now, events)
        if drafts:
            self.committer.put(drafts)
            if self.committer.refused:
                self._give_up()
        if not 0 <= now - self._tended < TEND_S:
            self._tend(now)

    def alert_id(self, event: Event) -> str | None:
        """Of the open alert that a recorded event belongs to; None: it is not open."""
        alert = self._open.get((event.camera, event.rule, event.key))
        return None if alert is None else alert.alert_id

    def latest(self, alert_id: str) -> pb.Event | None:
        """The latest event of an alert, open or cleared; None where it is not kept.

        Raises OutboxError, also while something waits to be stored.
        """
        self._flush()
        return self._log.latest(alert_id)

    def tell(self, event: pb.Event) -> None:
        """Commit what has become of an alert besides its rule, or raise OutboxError.

        `event` is its latest one, with another reason, and level or acknowledgement.
        """
        self._flush()
        self._renew(event)
        if event.state == pb.STATE_RAISED:
            event.state = pb.STATE_UPDATED
        still = [one for one in self._open.values() if one.alert_id == event.alert_id]
        if still:
            self._regrade(event)
        stored = self._log.append([event])
        for alert in still:
            alert.become(event)
        self._stored(stored)

    def retry(self) -> None:
        """Commit what is pending, if the outbox takes it now; called while no frames come."""
        if self.pending:
            self.committer.commit()
        if self.committer.refused:
            self._give_up()
        if not 0 <= (now := self._clock()) - self._tended < TEND_S:
            self._tend(now)

    def _drafts(
        self, event: Event, scene: Scene | None, now: float, events: Sequence[Event]
    ) -> list[Draft]:
        """Of one of a frame's events, and of alerts whose clip its end has made ready."""
        key = event.camera, event.rule, event.key
        ready = NOTHING
        alert = self._open.get(key)
        if (alert is None) is not (event.state is State.RAISED):
            event = self._out_of_order(event)
        if alert is None:
            if event.state is not State.RAISED:
                return []
            alert = self._open[key] = self._begun(event, scene)
        elif event.state is State.CLEARED:
            del self._open[key]
            if self._exhibits is not None:
                ready = self._ended(self._exhibits, alert, event, scene)
        drafts = [self._draft(event, alert, now)]
        return drafts + self._goes_on(ready, events) if ready else drafts

    def _begun(self, event: Event, scene: Scene | None) -> Alert:
        alert_id = self._new_id(event.time)
        if self._exhibits is None or scene is None:
            return Alert(alert_id, BARE)
        picture = self._exhibits.open(alert_id, event, scene)
        more = self._exhibits.large(scene) if event.sighting else ()
        return Alert(alert_id, Mark(picture, more))

    def _ended(
        self, exhibits: Exhibits, alert: Alert, event: Event, scene: Scene | None
    ) -> Mapping[str, pb.Evidence]:
        more, ready = exhibits.close(alert.alert_id, event, scene)
        alert.show(more)
        return ready

    def _draft(self, event: Event, alert: Alert, now: float) -> Draft:
        grade = self._grades[event.camera, event.rule]
        parts = event, alert.alert_id, alert.mark, self._origin, grade, now
        alert.last = draft = Draft(alert.alert_id, event.state, self._word, parts)
        return draft

    def _word(
        self, event: Event, alert_id: str, mark: Mark, origin: Origin, grade: Grade, now: float
    ) -> pb.Event:
        """Called by any thread."""
        ids = self._new_id(event.time), alert_id
        message = to_message(event, origin=origin, grade=grade, ids=ids)
        mark.put_on(message)
        message.detect_time.CopyFrom(timestamp(now))
        return message

    def _goes_on(self, ready: Mapping[str, pb.Evidence], events: Sequence[Event]) -> list[Draft]:
        """Alerts whose clip is ready are told so, but for those whose end is about to tell it."""
        ending = {
            (event.camera, event.rule, event.key)
            for event in events
            if event.state is State.CLEARED
        }
        told = []
        for key, alert in self._open.items():
            clip = ready.get(alert.alert_id)
            if clip is None:
                continue
            alert.show([clip])
            last = alert.last.tried() if alert.last is not None and key not in ending else None
            if last is not None:
                told.append(Draft.of(self._with_clip(last, alert)))
        return told

    def _with_clip(self, last: pb.Event, alert: Alert) -> pb.Event:
        message = pb.Event()
        message.CopyFrom(last)
        message.event_id = self._new_id(self._clock())
        message.state, message.reason = pb.STATE_UPDATED, "evidence"
        message.config_revision = self._origin.config_revision
        self._regrade(message)
        alert.mark.put_on(message)
        message.detect_time.CopyFrom(timestamp(self._clock()))
        return message

    def _regrade(self, event: pb.Event) -> None:
        """An open alert is as grave as its rule is now; one whose rule is gone as it was."""
        grade = self._grades.get((event.camera, event.rule))
        if grade is not None:
            event.MergeFrom(pb.Event(grade=f"GRADE_{grade.upper()}"))

    def _out_of_order(self, event: Event) -> Event:
        """An alert is raised once, and nothing happens to one that was not; said once per rule."""
        is_raised = event.state is State.RAISED
        rule = (event.camera, event.rule)
        if rule not in self._strange:
            self._strange.add(rule)
            structlog.get_logger().warning(
                "an alert's life is out of order",
                camera=event.camera,
                rule=event.rule,
                state=str(event.state),
                open=is_raised,
            )
        return event.but(state=State.UPDATED) if is_raised else event

    def _cleared(self, last: pb.Event) -> pb.Event:
        """The end of an alert whose cause a restart has lost sight of."""
        event = pb.Event()
        event.CopyFrom(last)
        self._renew(event)
        event.state, event.reason = pb.STATE_CLEARED, "restart"
        event.capture_time.CopyFrom(event.detect_time)
        event.clock_source = pb.CLOCK_SOURCE_ARRIVAL
        event.ClearField("clock_offset")
        event.ClearField("clock_uncertainty")
        return event

    def _renew(self, event: pb.Event) -> None:
        """Make an event of the next one of its alert, here and now."""
        now = self._clock()
        event.event_id = self._new_id(now)
        event.config_revision = self._origin.config_revision
        event.detect_time.CopyFrom(timestamp(now))
        event.level = max(1, event.level)

    def _flush(self) -> None:
        """Have all committed, by this thread; raises OutboxError where that can't be."""
        self.committer.commit()
        if self.committer.refused:
            self._give_up()
        if self.pending:
            raise OutboxError(f"events can't be stored: {self.failing}", "try again later")

    def _stored(self, events: Sequence[pb.Event]) -> None:
        """Called by whoever commits."""
        kinds = Counter((event.camera, event.rule, event.state) for event in events)
        for (camera, rule, state), count in kinds.items():
            name = pb.State.Name(state).removeprefix("STATE_").lower()
            self._metrics.events.labels(camera, rule, name).inc(count)
        for told in self._committed:
            told(events)

    def _give_up(self) -> None:
        refused = self.committer.given_up()
        self._metrics.events_refused.inc(len(refused))
        gone = {event.alert_id for event in refused if event.state is State.RAISED}
        if self._exhibits:
            for alert_id in gone:
                self._exhibits.forget(alert_id)
        self._open = {key: one for key, one in self._open.items() if one.alert_id not in gone}

    def _tend(self, now: float) -> None:
        self._tended = now
        self.committer.tidy()
        if self._exhibits is not None:
            self._exhibits.sweep()
