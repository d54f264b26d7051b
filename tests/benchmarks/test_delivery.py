"""The delivery benchmark: quickly, over real processes; and what it counts."""

import pytest

from benchmarks import delivery, delivery_far, delivery_gateway
from benchmarks.delivery_box import Box, decided
from benchmarks.delivery_far import COUNTED, TIMED, Far, subscribers
from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb


def test_each_event_is_timed_from_its_decision_to_the_subscriber(tmp_path):
    with Box(tmp_path) as box, Far(subscribers, box.port, 2, TIMED) as far:
        assert box.ask("pace", 5, 0.01) == 5
        delays = far.until(5)
    assert len(delays) == 2 * 5
    assert all(0 < delay < 10 for delay in delays)


def test_a_flood_waits_for_its_slowest_reader(tmp_path):
    with Box(tmp_path) as box, Far(subscribers, box.port, 1, COUNTED) as far:
        count, early, late = box.ask("flood", 0.5, 1, 100)
        far.until(count)
        assert count > 20
        assert early > 0
        assert late > 0
        assert box.ask("backlog", "pull:far0") < delivery_far.EVERY


@pytest.mark.parametrize("size", [1, 2, 100])
def test_events_of_a_batch_are_counted_without_reading_them(size):
    events = [event_pb2.Event(event_id="x" * n, note="y" * 200 * n) for n in range(size)]
    heard = pb.SubscribeResponse(batch=pb.EventBatch(events=events))
    assert delivery_far._counted(heard.SerializeToString()) == size


def test_one_event_counts_as_one_and_a_mark_as_none():
    one = pb.SubscribeResponse(event=event_pb2.Event(note="y" * 300))
    mark = pb.SubscribeResponse(progress=pb.Progress(last_sequence=7))
    assert delivery_far._counted(one.SerializeToString()) == 1
    assert delivery_far._counted(mark.SerializeToString()) == 0


def test_simulated_boxes_are_acknowledged_by_a_gateway(tmp_path):
    with delivery_gateway.gateway(tmp_path) as port, delivery_gateway._Fleet(port, 0, 5) as fleet:
        fleet.start(3, 0.0)
        delays, sent, served, acked = fleet.outcome()
        fleet.start(2, 0.0)
        again = fleet.outcome()
    assert (len(delays), sent, served, acked) == (5, 15, 5, 15)
    assert again[1:] == (10, 5, 10)


def test_decisions_make_whole_alerts():
    states = [str(decided(n).state) for n in range(6)]
    assert states == ["raised", "updated", "cleared"] * 2
    assert decided(3).key != decided(2).key


def test_ninety_nine_of_a_hundred_are_not_above_the_p99():
    assert delivery._p99([float(n) for n in range(100)]) == 99.0
    assert delivery._p99([1.0]) == 1.0
