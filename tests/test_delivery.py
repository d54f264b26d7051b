"""Late sinks and the canary, with a real outbox and a real relay between."""

import pytest

from edge.delivery import Delivery
from edge.errors import OutboxError, SinkError
from edge.events.journal import Journal, Origin
from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.events.route import Route
from edge.grades import grades_for
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.settings import Config
from edge.settings import Delivery as DeliverySettings
from edge.types import Receipt

CONFIG = Config.model_validate(
    {"site": "quarry", "cameras": [{"name": "gate", "url": "rtsp://192.0.2.1/sub"}]}
)
ORIGIN = Origin("quarry", "r1", "m", "0" * 64, "CPUExecutionProvider")


class Centre:
    """A sink that takes everything, or nothing."""

    name = "centre"

    def __init__(self):
        self.away, self.taken = True, []

    def send(self, events):
        if self.away:
            raise SinkError("no route to the centre", "wait")
        self.taken += events
        return Receipt(events[-1].sequence)

    def close(self):
        pass


class Site:
    """A box that tells of nothing but its delivery; its clock is a test's."""

    def __init__(self, folder, **wanted):
        self.now, self.metrics, self.centre = 1_000_000.0, Metrics(), Centre()
        self.outbox = Outbox(
            folder / "outbox.db",
            box="box",
            max_rows=1000,
            max_bytes=10**7,
            max_age_s=10**7,
            metrics=self.metrics,
            clock=lambda: self.now,
        )
        # Red alerts only: a canary is sent all the same.
        route = Route(grades={"red"})
        self.relay = Relay(self.outbox, self.centre, route=route, metrics=self.metrics)
        settings = DeliverySettings(**wanted)
        clocks = {"monotonic": lambda: self.now, "clock": lambda: self.now}
        self.delivery = Delivery([self.relay], settings, self.metrics, **clocks)
        self.ids = iter(range(10**6))
        self.journal = Journal(
            self.outbox,
            None,
            origin=ORIGIN,
            grades=grades_for(CONFIG),
            clock=lambda: self.now,
            new_id=lambda _: f"id{next(self.ids)}",
            metrics=self.metrics,
            committed=[self.delivery.heed],
        )

    def look(self, seconds=1.0):
        """Let time pass, look, and record what there is to tell."""
        self.now += seconds
        self.journal.record(self.delivery.events(), None)

    def deliver(self):
        """Have the relay do what its thread does."""
        while self.relay._deliver():
            pass

    @property
    def told(self):
        return [
            (pb.Kind.Name(one.kind)[5:], pb.State.Name(one.state)[6:], one.reason)
            for one in self.outbox.read(0, limit=1000)
        ]


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path, canary_s=60, overdue_s=10)
    with made.outbox:
        made.relay._enrol()
        yield made


def test_a_canary_is_a_test_and_goes_to_every_sink_and_is_confirmed(site):
    site.centre.away = False
    site.look()
    site.deliver()
    site.look()
    assert site.told == [("CANARY", "RAISED", "scheduled"), ("CANARY", "CLEARED", "confirmed")]
    assert [one.status for one in site.centre.taken] == [pb.STATUS_TEST]
    assert site.centre.taken[0].grade == pb.GRADE_BLUE
    text = site.metrics.text().decode()
    assert 'fenceline_canary_confirmed_timestamp_seconds{sink="centre"} 1.000002e+06' in text


def test_a_canary_that_does_not_arrive_raises_an_alert_that_clears_when_it_does(site):
    site.look()
    with pytest.raises(SinkError):
        site.relay._deliver()
    for _ in range(12):
        site.look()
    assert site.told == [("CANARY", "RAISED", "scheduled"), ("DELIVERY", "RAISED", "overdue")]
    late = site.outbox.read(1)[0]
    assert (late.status, late.grade) == (pb.STATUS_ACTUAL, pb.GRADE_YELLOW)
    assert late.note == "centre: nothing sent yet"
    site.centre.away = False
    site.deliver()
    site.look()
    assert site.told[2:] == [
        ("DELIVERY", "CLEARED", "delivered"),
        ("CANARY", "CLEARED", "confirmed"),
    ]


def test_it_looks_once_a_second(site):
    site.look()
    for _ in range(5):
        site.look(0.1)
    assert len(site.told) == 1


def test_an_outbox_that_can_not_be_read_stops_nothing(site, monkeypatch):
    def fails(_):
        raise OutboxError("the disk is gone", "replace it")

    monkeypatch.setattr(site.outbox, "backlog", fails)
    site.look()
    assert site.told == []
    monkeypatch.undo()
    site.look()
    assert site.told == [("CANARY", "RAISED", "scheduled")]


def test_without_a_canary_a_quiet_box_tells_nothing(tmp_path):
    quiet = Site(tmp_path)
    with quiet.outbox:
        for _ in range(600):
            quiet.look()
        assert quiet.told == []
