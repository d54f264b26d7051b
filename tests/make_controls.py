"""A box without cameras: what it can be told, and what comes of it."""

from __future__ import annotations

from edge.alarms import Alarms
from edge.arming import Arming
from edge.errors import OutboxError
from edge.events.codec import Origin
from edge.events.ids import replay_ids
from edge.events.journal import Journal
from edge.inputs import Inputs
from edge.lives import Lives
from edge.metrics import Metrics
from edge.orders import AlarmRequest
from edge.rpc import event_pb2 as pb
from edge.rules.armed import Gate
from edge.rules.external_input import ExternalInput
from edge.rules.manual import Manual
from edge.types import Grade

PANIC, DOOR = ("", "panic"), ("gate", "door")


class Log:
    """What is stored; takes nothing while it is full."""

    def __init__(self):
        self.kept, self.full = [], False

    def append(self, events):
        if self.full:
            raise OutboxError("the disk is full", "free space")
        self.kept += events
        return events

    def open_alerts(self):
        return []

    def latest(self, alert_id):
        return latest(self.kept, alert_id)


def latest(events, alert_id):
    """A copy of the newest event of an alert, as an outbox would read it."""
    found = [one for one in events if one.alert_id == alert_id]
    return pb.Event.FromString(found[-1].SerializeToString()) if found else None


class NoStore:
    def orders(self):
        return []

    def find(self, _):
        return None

    def keep(self, *_):
        pass


class Controls:
    """What a box can be told, with all that is behind it, and the turns of its analysis.

    What is asked by a server (`raise_alarm`, `acknowledge`) is heard at once.
    """

    def __init__(self, *, most_pending=100, ladder=None, **options):
        self.now, self.log = 0.0, Log()
        tick = lambda: self.now  # noqa: E731
        gates = {PANIC: Gate("panic", lambda _: self.night), DOOR: Gate("door")}
        inputs = Inputs(["door"], clock=tick, monotonic=tick)
        self.arming = Arming(gates, inputs, NoStore(), new_id=lambda t: f"o{t}", clock=tick)
        self.night = True
        self.rules = {
            PANIC: Manual(camera="", name="panic", **options),
            DOOR: ExternalInput(camera="gate", name="door", input="door"),
        }
        self.alarms = Alarms(self.rules, self.arming, clock=tick, monotonic=tick)
        self.lives = Lives(ladder, metrics=Metrics(), clock=tick, monotonic=tick)
        grades = {PANIC: Grade.RED, DOOR: Grade.YELLOW, ("", "arming"): Grade.BLUE}
        self.journal = Journal(
            self.log,
            None,
            origin=Origin("quarry", "r1", "m", "ab", "CPU"),
            grades=grades,
            clock=tick,
            new_id=replay_ids("alarms"),
            metrics=Metrics(),
            most_pending=most_pending,
            committed=[self.lives.heed],
        )

    def ask(self, **request):
        return self.alarms.ask(AlarmRequest(**{"rule": "panic"} | request))

    def turn(self, seconds=0.2):
        self.now += seconds
        for event in self.alarms.events(self.journal):
            self.journal.record([event], None)
        self.alarms.answer(self.journal)
        self.lives.turn(self.journal)

    def told(self):
        return [(pb.State.Name(one.state)[6:], one.reason) for one in self.log.kept]

    def set_arming(self, request):
        return self.arming.order(request)

    def set_input(self, request):
        return self.arming.inputs.set(request)

    def raise_alarm(self, request):
        future = self.alarms.ask(request)
        self.turn()
        return future

    def acknowledge(self, request):
        future = self.lives.ask(request)
        self.turn()
        return future
