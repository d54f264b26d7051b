"""The ladder: alerts that nobody acknowledges rise by time, and nothing else does."""

import pytest

from edge.events.ladder import Ladder
from edge.rpc import event_pb2 as pb
from edge.types import Grade
from tests.events.make_events import CLEARED, RAISED, UPDATED, message

AFTER_S = (60.0, 300.0, 900.0)


def ladder(**options):
    return Ladder([Grade.YELLOW, Grade.RED], AFTER_S, **options)


def alert(name="a", state=RAISED, grade=pb.GRADE_RED, level=1, **fields):
    return message(name, state, grade=grade, level=level, **fields)


def acknowledged(name="a"):
    return alert(name, UPDATED, acknowledgement=pb.Acknowledgement(who="lead"))


def climbed(one, times):
    """What rises at these times, each told to have risen."""
    found = []
    for now in times:
        for name, level in one.due(now):
            one.heed(alert(name, UPDATED, level=level), now)
            found.append((now, name, level))
    return found


def test_an_alert_rises_when_its_time_has_come_and_not_before():
    one = ladder()
    one.heed(alert(), 0.0)
    assert climbed(one, [0, 59.9, 60, 61, 299, 300, 899, 900, 9999]) == [
        (60, "a", 2),
        (300, "a", 3),
        (900, "a", 4),
    ]
    assert len(one) == 0


def test_what_was_not_told_to_have_risen_is_due_again():
    one = ladder()
    one.heed(alert(), 0.0)
    assert one.due(60.0) == one.due(61.0) == [("a", 2)]


def test_one_that_is_late_rises_at_once_to_where_it_belongs():
    one = ladder()
    one.heed(alert(), 0.0)
    assert climbed(one, [400]) == [(400, "a", 3)]


def test_an_acknowledged_alert_rises_no_further():
    one = ladder()
    one.heed(alert(), 0.0)
    climbed(one, [60])
    one.heed(acknowledged(), 100.0)
    assert climbed(one, [300, 900]) == []


def test_an_alert_that_is_cleared_rises_all_the_same():
    one = ladder()
    one.heed(alert(), 0.0)
    one.heed(alert(state=CLEARED), 5.0)
    assert climbed(one, [60]) == [(60, "a", 2)]


@pytest.mark.parametrize(
    "fields", [{"grade": pb.GRADE_BLUE}, {"status": pb.STATUS_TEST}], ids=["grade", "test"]
)
def test_other_grades_and_tests_do_not_rise(fields):
    one = ladder()
    one.heed(alert(**fields), 0.0)
    assert (len(one), one.due(9999.0)) == (0, [])


def test_a_drill_rises():
    one = ladder()
    one.heed(alert(status=pb.STATUS_EXERCISE), 0.0)
    assert one.due(60.0) == [("a", 2)]


def test_a_level_that_was_reached_before_a_restart_is_not_reached_again():
    one = ladder()
    one.heed(alert(), -400.0)
    one.heed(alert(state=CLEARED, level=3), 0.0)
    assert climbed(one, [0, 499, 500]) == [(500, "a", 4)]


def test_beyond_the_bound_the_oldest_give_way_and_are_counted():
    one = ladder(most=2)
    dropped = [one.heed(alert(name), float(at)) for at, name in enumerate("abc")]
    assert dropped == [0, 0, 1]
    assert [name for name, _ in one.due(100.0)] == ["b", "c"]
