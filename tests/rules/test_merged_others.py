"""Whose alert goes on as whose: a lost track's as that of the track that follows, nobody else's."""

from dataclasses import replace

import numpy as np
import pytest

from edge.rules.merged import merged
from edge.rules.tripwire import Tripwire
from edge.rules.view import View
from edge.rules.zone import Zone
from edge.types import Past, State
from tests.make import frame, tracks
from tests.rules.make_rules import MIDDLE, RIGHT_HALF, built, lead, raised, told


def wire():
    return merged(built(Tripwire, line=MIDDLE, settle_s=0.0), merge_s=2.0, cooldown_s=0.0)


def yard():
    return merged(built(Zone, polygon=RIGHT_HALF), merge_s=2.0, cooldown_s=0.0)


def test_a_track_that_begins_where_another_was_lost_goes_on_with_its_alert():
    events = lead(yard(), [{1: (150, 50)}, {}, {2: (152, 50)}, {2: (154, 50)}])
    assert told(events) == [(State.RAISED, "entered"), (State.UPDATED, "continued")]
    assert len({event.key for event in events}) == 1


def test_who_was_seen_together_with_the_lost_one_is_somebody_else():
    """Two cross side by side; the first is hidden as the second crosses."""
    steps = [{1: (110, 50), 2: (120, 52)}, {1: (95, 50), 2: (110, 52)}, {2: (96, 52)}]
    events = lead(wire(), steps)
    assert told(events) == [(State.RAISED, "crossed")] * 2


def test_who_was_seen_before_and_not_just_now_is_somebody_else_too():
    steps = [{1: (110, 50), 2: (120, 52)}, {1: (95, 50)}, {2: (96, 52)}]
    assert len(raised(lead(wire(), steps))) == 2


def test_who_was_measured_beside_the_lost_one_before_his_id_was_given_is_somebody_else():
    rule, past = yard(), Past(np.array([0.1]), tracks({2: (152, 50)}).xyxy)
    events = lead(rule, [{1: (20, 50)}, {1: (150, 50)}])
    fresh = replace(tracks({2: (154, 50)}), past={2: past})
    events += rule.update(View(fresh, frame(2)))
    assert told(events) == [(State.RAISED, "entered")] * 2


def test_a_crossing_the_other_way_is_another_one():
    events = lead(wire(), [{1: (110, 50)}, {1: (95, 50)}, {2: (94, 50)}, {2: (104, 50)}])
    assert told(raised(events)) == [(State.RAISED, "crossed")] * 2
    assert raised(events)[0].direction is not raised(events)[1].direction


def test_a_crossing_again_by_whom_the_lost_one_became_is_the_same_one():
    events = lead(wire(), [{1: (104, 50)}, {1: (96, 50)}, {2: (103, 50)}, {2: (97, 50)}])
    assert told(events) == [(State.RAISED, "crossed"), (State.UPDATED, "continued")]


@pytest.mark.parametrize("ended", [[], [1]])
@pytest.mark.parametrize(("index", "foot"), [(30, (152, 50)), (2, (195, 95))])
def test_who_comes_too_late_or_too_far_away_is_somebody_else(index, foot, ended):
    rule = yard()
    events = lead(rule, [{1: (150, 50)}, {}], ended=ended)
    events += lead(rule, [{2: foot}], first=index)
    assert len(raised(events)) == 2


def test_who_goes_on_under_another_id_was_here_before():
    rule = wire()
    events = lead(rule, [{1: (95, 50), 2: (110, 50)}, {1: (110, 50), 2: (112, 50)}])
    events += lead(rule, [{1: (95, 50), 2: (112, 50)}], first=2)
    renamed = replace(tracks({3: (96, 50)}), split={2: 3})
    events += rule.update(View(renamed, frame(3)))
    assert [event.reason for event in events] == ["crossed", "returned", "crossed", "crossed"]


def test_nothing_is_remembered_of_tracks_that_ended():
    rule = yard()
    for number in range(1, 50):
        lead(rule, [{number: (20, 50)}, {}], first=2 * number, ended=[number])
    assert rule._begins == {}
    lead(rule, [{99: (150, 50)}], first=200)
    assert list(rule.close(frame(201), "disarmed"))
    assert rule._begins == {}
