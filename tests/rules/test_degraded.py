"""Boxes that can't do their work as they should."""

from itertools import chain, cycle, islice

from edge.rules.degraded import CAUSES, Degraded
from edge.types import Kind, State

WELL, BUSY, FAILED, HANGS = (), ("overloaded",), ("detector_failed",), ("detector_hangs",)


def told(*spells, after_s=5, clear_s=10):
    """What is said of a box that suffers from some causes after others, so many seconds each."""
    rule = Degraded(after_s, clear_s)
    seconds = chain.from_iterable([causes] * count for causes, count in spells)
    return [
        (now, event.state, event.reason)
        for now, causes in enumerate(seconds)
        for event in rule.update(dict.fromkeys(causes, "why"), now=now, time=1000.0 + now)
    ]


def test_a_box_that_is_unwell_for_long_is_raised_once_and_cleared_when_it_is_well_for_long():
    assert told((WELL, 3), (BUSY, 60), (WELL, 60)) == [
        (8, State.RAISED, "overloaded"),
        (73, State.CLEARED, "restored"),
    ]


def test_a_short_spell_is_nothing():
    assert told(*[(BUSY, 5), (WELL, 1)] * 10) == []


def test_a_short_recovery_is_none():
    assert told((BUSY, 10), (WELL, 10), (BUSY, 10), (WELL, 10)) == [(5, State.RAISED, "overloaded")]


def test_the_next_alert_has_the_whole_grace_again():
    spells = [(BUSY, 10), (WELL, 20), (BUSY, 10)]

    assert [one for one in told(*spells) if one[1] is State.RAISED] == [
        (5, State.RAISED, "overloaded"),
        (35, State.RAISED, "overloaded"),
    ]


def test_the_grace_spans_causes_that_take_turns():
    turns = islice(cycle([(FAILED, 2), (HANGS, 2)]), 30)

    assert told(*turns) == [(5, State.RAISED, "detector_failed")]


def test_a_graver_cause_is_told_once_it_has_lasted_and_so_is_what_is_left_after_it():
    assert told((BUSY, 10), (BUSY + HANGS, 10), (BUSY, 10)) == [
        (5, State.RAISED, "overloaded"),
        (15, State.UPDATED, "detector_hangs"),
        (20, State.UPDATED, "overloaded"),
    ]


def test_a_cause_that_comes_and_goes_changes_nothing():
    assert told((BUSY, 10), *[(BUSY + FAILED, 4), (BUSY, 4)] * 5) == [
        (5, State.RAISED, "overloaded")
    ]


def test_another_cause_without_a_pause_is_the_same_alert():
    assert told((HANGS, 10), (BUSY, 10), (WELL, 11)) == [
        (5, State.RAISED, "detector_hangs"),
        (15, State.UPDATED, "overloaded"),
        (30, State.CLEARED, "restored"),
    ]


def test_the_gravest_of_those_that_have_lasted_is_the_reason():
    for gravest, *others in (CAUSES, CAUSES[1:], ("overloaded", "of_tomorrow")):
        assert told(((*others, gravest), 10)) == [(5, State.RAISED, gravest)]
    assert told((BUSY, 4), (BUSY + HANGS, 3)) == [(5, State.RAISED, "overloaded")]


def test_a_cause_that_nobody_has_ranked_is_told_too():
    assert told((("of_tomorrow",), 10)) == [(5, State.RAISED, "of_tomorrow")]


def test_without_grace_every_change_is_told_at_once():
    assert told((BUSY, 1), (WELL, 1), (FAILED, 2), (HANGS, 1), after_s=0, clear_s=0) == [
        (0, State.RAISED, "overloaded"),
        (1, State.CLEARED, "restored"),
        (2, State.RAISED, "detector_failed"),
        (4, State.UPDATED, "detector_hangs"),
    ]


def test_the_event_has_no_camera_and_the_boxs_time():
    (event,) = Degraded(0, 0).update({"overloaded": "too many cameras"}, now=5.0, time=77.0)

    assert (event.kind, event.camera, event.rule, event.key) == (
        Kind.DEGRADED,
        "",
        "box-degraded",
        "degraded",
    )
    assert (event.pts, event.time, event.sighting) == (5.0, 77.0, None)
