"""Events.Subscribe to some events only, over a real socket."""

import contextlib
from queue import Empty

import pytest

from edge.rpc import event_pb2 as ev
from edge.rpc import events_pb2 as pb
from edge.serve.sieve import EVERYTHING, MOST_CAMERAS, Sieve, sieve_of
from tests.serve.make_serve import Reader, event, eventually

GATE = {"cameras": ["gate"]}
KNOWN = {"grade": ev.GRADE_YELLOW, "kind": ev.KIND_ZONE, "status": ev.STATUS_ACTUAL}


def subscribed(channel, wanted=GATE, **start):
    return Reader(channel, consumer="centre", filter=pb.Filter(**wanted), **start)


def mixed(log, *cameras):
    for camera in cameras:
        log.append(camera=camera)


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        ({}, True),
        ({"cameras": ["yard", "gate"]}, True),
        ({"cameras": ["yard"]}, False),
        ({"cameras": [""]}, False),
        ({"kinds": [ev.KIND_ZONE]}, True),
        ({"kinds": [ev.KIND_TRIPWIRE]}, False),
        ({"grades": [ev.GRADE_YELLOW]}, True),
        ({"grades": [ev.GRADE_BLUE, ev.GRADE_RED]}, False),
        ({"min_grade": ev.GRADE_YELLOW}, True),
        ({"min_grade": ev.GRADE_RED}, False),
        ({"statuses": [ev.STATUS_ACTUAL, ev.STATUS_EXERCISE]}, True),
        ({"statuses": [ev.STATUS_TEST]}, False),
        ({"cameras": ["gate"], "kinds": [ev.KIND_ZONE], "min_grade": ev.GRADE_RED}, False),
    ],
)
def test_an_event_is_taken_for_which_all_that_is_set_holds(wanted, taken):
    assert sieve_of(pb.Filter(**wanted)).takes(event(1, **KNOWN)) is taken


def test_the_empty_name_is_the_box_itself():
    assert sieve_of(pb.Filter(cameras=[""])).takes(event(1, camera=""))


def test_a_filter_of_nothing_takes_all():
    assert sieve_of(pb.Filter()) == EVERYTHING
    assert EVERYTHING.takes_all
    assert not Sieve(min_grade=1).takes_all


def test_a_consumer_is_sent_what_it_asked_for_in_order(log, channel):
    mixed(log, "gate", "yard", "gate", "yard", "yard")
    reader = subscribed(channel)
    assert reader.events(2) == [1, 3]
    assert reader.next() == pb.Progress(last_sequence=5)
    mixed(log, "yard", "gate")
    assert reader.events(1) == [7]


def test_what_is_passed_over_is_acknowledged_once_all_before_it_is(log, channel):
    mixed(log, "yard", "yard", "gate", "yard", "gate", "yard")
    reader = subscribed(channel)
    assert reader.events(2) == [3, 5]
    reader.next()
    eventually(lambda: log.cursors["pull:centre"] == 2)
    reader.ack(3)
    eventually(lambda: log.cursors["pull:centre"] == 4)
    reader.ack(5)
    eventually(lambda: log.cursors["pull:centre"] == 6)


def test_a_consumer_that_is_sent_nothing_has_no_backlog_that_grows(log, box, channel):
    box._events._idle_s = 0.05
    reader = subscribed(channel)
    assert reader.next() == pb.Progress(last_sequence=0)
    for _ in range(5):
        log.append(300, camera="yard")
        eventually(lambda: log.cursors["pull:centre"] == log.last_sequence)
    reader.close()
    assert reader.error() == ("OK", None)
    assert subscribed(channel).next() == pb.Progress(last_sequence=1500)


def test_marks_tell_how_far_it_is_although_the_box_is_never_quiet(log, box, channel):
    box._events._idle_s = 0.05
    reader = subscribed(channel)
    marks = [reader.next().last_sequence]
    while len(marks) < 5:
        log.append(camera="yard")
        with contextlib.suppress(Empty):
            marks.append(reader.next(timeout=0.001).last_sequence)
    assert marks == sorted(set(marks))
    assert marks[-2] <= log.cursors["pull:centre"] <= log.last_sequence


def test_a_mark_may_be_acked_and_begun_behind(log, channel):
    mixed(log, "gate", "yard", "yard")
    reader = subscribed(channel)
    reader.events(1)
    mark = reader.next().last_sequence
    reader.ack(mark)
    eventually(lambda: log.cursors["pull:centre"] == mark == 3)


def test_the_window_counts_only_what_is_sent(log, channel):
    mixed(log, *["gate", "yard", "yard"] * 4)
    reader = subscribed(channel, max_outstanding=2)
    assert reader.events(2) == [1, 4]
    assert reader.hears_nothing()
    assert log.cursors["pull:centre"] == 0
    reader.ack(1)
    assert reader.events(1) == [7]
    assert reader.hears_nothing()
    eventually(lambda: log.cursors["pull:centre"] == 3)


def test_another_filter_later_goes_on_behind_what_was_passed(log, channel):
    mixed(log, "yard", "gate", "yard")
    first = subscribed(channel)
    first.events(1)
    first.ack(2)
    first.next()
    first.close()
    assert first.error() == ("OK", None)
    log.append(camera="yard")
    assert subscribed(channel, {}).events(1) == [4]


def test_a_gap_is_told_whatever_the_filter_with_what_is_open_of_it(log, channel):
    mixed(log, *["yard"] * 6, "gate")
    log.forget(6)
    log.open_alerts = lambda: [event(2, camera="yard"), event(3, camera="gate")]
    reader = subscribed(channel)
    gap = reader.next()
    assert (gap.first_missing, gap.last_missing) == (1, 6)
    assert [alert.sequence for alert in gap.open_alerts] == [3]
    assert reader.events(1) == [7]
    assert reader.next() == pb.Progress(last_sequence=7)
    assert log.cursors["pull:centre"] == 0
    reader.ack(6)
    eventually(lambda: log.cursors["pull:centre"] == 6)


def test_without_a_name_it_is_sent_some_events_only_too(log, channel):
    mixed(log, "gate", "yard", "gate")
    reader = Reader(channel, after_sequence=0, filter=pb.Filter(cameras=["yard"]))
    assert reader.events(1) == [2]
    assert reader.next() == pb.Progress(last_sequence=3)
    assert log.confirmed == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": [99]},
        {"kinds": [ev.KIND_UNSPECIFIED]},
        {"grades": [-1]},
        {"min_grade": 7},
        {"statuses": [ev.STATUS_TEST, 4]},
        {"cameras": ["x"] * (MOST_CAMERAS + 1)},
    ],
)
def test_a_filter_that_the_box_does_not_know_is_refused(log, channel, wrong):
    assert subscribed(channel, wrong).error() == ("INVALID_ARGUMENT", "BAD_FILTER")
    assert log.cursors == {}
