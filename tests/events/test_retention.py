"""Retention: what is too much or too old goes, the oldest first, and what is lost is counted."""

import pytest

from edge.events import retention
from edge.rpc import event_pb2 as pb
from tests.events.make_events import (
    CLEARED,
    NOW,
    UPDATED,
    FakeClock,
    message,
    messages,
    open_outbox,
    read_all,
    sample,
    sequences,
)


def test_the_oldest_rows_go_with_the_append_that_is_too_much(tmp_path, metrics):
    with open_outbox(tmp_path, rows=5, metrics=metrics) as outbox:
        for _ in range(8):
            outbox.append(messages(1))
        assert sequences(outbox.read(0)) == [4, 5, 6, 7, 8]
        assert (outbox.first_sequence, outbox.last_sequence) == (4, 8)
    assert sample(metrics, "outbox_rows") == 5


def test_the_bytes_of_events_are_bounded(tmp_path, metrics):
    with open_outbox(tmp_path, size=10_000, metrics=metrics) as outbox:
        for _ in range(30):
            outbox.append(messages(1, reason="x" * 1000))
        kept = outbox.read(0)
        size = sum(one.ByteSize() for one in kept)
        assert 8_000 < size <= 10_000
        assert sample(metrics, "outbox_bytes") == size
    with open_outbox(tmp_path, size=10_000, metrics=metrics):
        assert sample(metrics, "outbox_bytes") == size


def test_old_events_go_though_nothing_new_happens(tmp_path):
    clock = FakeClock()
    with open_outbox(tmp_path, age_s=60, clock=clock) as outbox:
        outbox.append(messages(2))
        clock.now += 50
        outbox.append(messages(1))
        clock.now += 11
        assert outbox.append([]) == []
        assert sequences(outbox.read(0)) == [3]


def test_pruning_removes_everything_in_steps(tmp_path, monkeypatch):
    monkeypatch.setattr("edge.events.outbox.STEP", 10)
    clock = FakeClock()
    with open_outbox(tmp_path, age_s=60, clock=clock) as outbox:
        outbox.append(messages(95))
        clock.now += 61
        outbox.append([])
        assert outbox.first_sequence == 11
        outbox.prune()
        assert (outbox.first_sequence, outbox.last_sequence) == (96, 95)


def test_a_lowered_bound_is_reached_while_events_come(tmp_path, monkeypatch):
    monkeypatch.setattr("edge.events.outbox.STEP", 10)
    with open_outbox(tmp_path) as outbox:
        outbox.append(messages(50))
    with open_outbox(tmp_path, rows=5) as outbox:
        for _ in range(5):
            outbox.append(messages(1))
        assert sequences(read_all(outbox)) == [51, 52, 53, 54, 55]


def test_what_a_consumer_had_not_acknowledged_is_counted_for_it_alone(tmp_path, metrics):
    with open_outbox(tmp_path, rows=10, metrics=metrics) as outbox:
        outbox.append(messages(10))
        for name, cursor in [("slow", 2), ("middling", 7), ("quick", 10), ("new", 0)]:
            outbox.confirm(name, cursor)
        for _ in range(8):
            outbox.append(messages(1))
    for name, lost in [("slow", 6), ("middling", 1), ("quick", 0), ("new", 8)]:
        assert sample(metrics, "outbox_pruned_unsent_total", consumer=name) == lost


def test_the_backlog_is_of_what_is_kept(tmp_path):
    with open_outbox(tmp_path, rows=5) as outbox:
        outbox.append(messages(12))
        assert outbox.backlog("centre")[0] == 5


def test_an_open_alert_outlives_its_events_and_can_go_on(tmp_path):
    with open_outbox(tmp_path, rows=3) as outbox:
        outbox.append([message("long")])
        outbox.append([message("long", UPDATED, reason="dwelling")])
        outbox.append(messages(9, state=CLEARED))
        (latest,) = outbox.open_alerts()
        assert (latest.alert_id, latest.sequence, latest.reason) == ("long", 2, "dwelling")
    with open_outbox(tmp_path, rows=3) as outbox:
        assert outbox.open_alerts() == [latest]
        outbox.append([message("long", UPDATED, reason="again")])
        assert [one.reason for one in outbox.open_alerts()] == ["again"]
        outbox.append([message("long", CLEARED)])
        assert outbox.open_alerts() == []
        outbox.append(messages(3))
        assert "long" not in {one.alert_id for one in outbox.alerts(limit=99)[0]}


def test_a_cleared_alert_is_listed_as_long_as_its_last_event_is_kept(tmp_path):
    with open_outbox(tmp_path, rows=3) as outbox:
        outbox.append([message("a"), message("a", CLEARED)])
        outbox.append(messages(2))
        assert [one.state for one in outbox.alerts(limit=9)[0]] == [1, 1, pb.STATE_CLEARED]
        outbox.append(messages(1))
        assert len(outbox.alerts(limit=9)[0]) == 3


@pytest.mark.parametrize("by", ["age", "count"])
def test_dead_letters_are_bounded(tmp_path, monkeypatch, by):
    monkeypatch.setattr(retention, "MOST_DEAD_LETTERS", 4)
    clock = FakeClock()
    with open_outbox(tmp_path, age_s=60, clock=clock) as outbox:
        outbox.append(messages(9))
        for sequence in range(1, 10 if by == "count" else 4):
            outbox.dead_letter("centre", sequence, "no")
        clock.now += 61 * (by == "age")
        if by == "age":  # too many are not kept till then
            outbox.append(())
        left = outbox._store.ask("SELECT sequence FROM dead_letter ORDER BY sequence")
    assert left == ([] if by == "age" else [(6,), (7,), (8,), (9,)])


class Machine:
    """A box's clock, which can be set, and the seconds since it was started."""

    def __init__(self):
        self.clock, self.up, self.boot = FakeClock(), 5.0, "first"

    def open(self, folder):
        return open_outbox(folder, age_s=100, clock=self.clock, since=lambda: (self.boot, self.up))

    def live(self, seconds):
        self.clock.now += seconds
        self.up += seconds

    def restart(self, clock):
        self.boot, self.up, self.clock.now = f"{self.boot}, again", 5.0, clock


@pytest.mark.parametrize("step", [50 * 365 * 86_400.0, -50 * 365 * 86_400.0])
def test_events_are_as_old_as_they_are_though_the_clock_is_set(tmp_path, step):
    machine = Machine()
    with machine.open(tmp_path) as outbox:
        outbox.append(messages(3))
        machine.live(40)
        outbox.append(messages(1))
        machine.clock.now += step
        outbox.append(messages(1))
        assert sequences(read_all(outbox)) == [1, 2, 3, 4, 5]
        assert outbox.backlog("nobody") == (5, pytest.approx(40))
        machine.live(61)
        outbox.append(messages(1))
        assert sequences(read_all(outbox)) == [4, 5, 6]


def test_it_may_be_set_while_the_service_is_restarted_too(tmp_path):
    machine = Machine()
    with machine.open(tmp_path) as outbox:
        outbox.append(messages(2))
    machine.live(30)
    machine.clock.now += 10**9
    with machine.open(tmp_path) as outbox:
        assert outbox.backlog("nobody") == (2, pytest.approx(30))
        machine.clock.now += 10**8
        outbox.append(messages(1))
        assert outbox.backlog("nobody") == (3, pytest.approx(30))


def test_what_an_earlier_start_of_the_machine_stored_keeps_its_time(tmp_path):
    machine = Machine()
    with machine.open(tmp_path) as outbox:
        outbox.append(messages(2))
    machine.restart(clock=0.0)
    with machine.open(tmp_path) as outbox:
        outbox.append(messages(1))
        machine.clock.now = NOW + 50
        outbox.append(messages(1))
        assert sequences(read_all(outbox)) == [1, 2, 3, 4]
        assert outbox.backlog("nobody") == (4, pytest.approx(50))


def test_the_machine_says_which_start_it_is():
    assert retention.uptime()[0] == retention.uptime()[0] != ""
    assert retention.uptime()[1] <= retention.uptime()[1]
