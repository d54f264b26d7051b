"""What users of comparable systems suffer from, by name: none of it happens here."""

import numpy as np
import pytest

from edge.picture import Still
from edge.pipeline import Pipeline
from edge.rules import RULES
from edge.rules.merged import Merged
from edge.rules.stopped import Stopped
from edge.rules.tripwire import Tripwire
from edge.rules.zone import Zone
from edge.track import Tracking
from edge.types import Frame, State
from tests.events.make_events import open_journal, open_outbox, read_all, scene
from tests.make import detections, frame, tracks
from tests.rules.make_rules import (
    CAR,
    LEFT,
    MIDDLE,
    RIGHT,
    RIGHT_HALF,
    View,
    built,
    lead,
    make_rule,
    raised,
    told,
)
from tests.rules.make_rules import scene as with_car

LINES = ["tripwire", "tailgating"]


def at(*feet):
    return [{} if foot is None else {1: foot} for foot in feet]


@pytest.mark.parametrize("kind", LINES)
def test_flicker_over_a_line(kind):
    """One box that flickers was counted 97 and 95 times."""
    rule = make_rule(kind, settle_s=0.3)
    assert raised(lead(rule, at(*[(105, 50), (97, 50)] * 100))) == []


def test_standing_on_the_line():
    """A car at a stop line was counted 400 times in four hours: `beyond` is for such places."""
    rule, random = make_rule("tripwire", settle_s=0.3, beyond=0.05), np.random.default_rng(1)
    feet = [(110, 50), *[(100 + x, 50) for x in random.normal(0, 0.8, 3000)], (120, 50)]
    assert raised(lead(rule, at(*feet))) == []
    assert len(raised(lead(rule, at((110, 50), *[(90, 50)] * 5), first=4000))) == 1


def test_shared_unconfirmed_ids():
    """Objects without an id shared one, so that two ghosts were one who crosses all the time."""
    one = Pipeline(Tracking().open, [built(Tripwire, line=MIDDLE, settle_s=0.0)])
    events = []
    for index in range(100):
        seen = detections([LEFT, (10, 90)] if index % 2 else [RIGHT, (190, 90)])
        events += one.step(frame(index), seen if index % 3 else detections()).events
    assert events == []


def test_leaving_and_re_entering():
    rule = built(Zone, polygon=RIGHT_HALF, leave_s=1.0)
    briefly = lead(rule, at(RIGHT, *[LEFT] * 8, RIGHT))
    assert told(briefly) == [(State.RAISED, "entered")]
    long = lead(rule, at(*[LEFT] * 12, RIGHT), first=10)
    assert told(long) == [(State.CLEARED, "left"), (State.RAISED, "entered")]


def test_id_switch_in_the_middle_of_a_zone():
    """Three people were 16 ids and 111 clips."""
    rule = Merged(built(Zone, polygon=RIGHT_HALF), merge_s=2.0)
    events = []
    for index in range(120):
        track = 1 + index // 15  # another id every 1.5 s
        gone = [track - 1] if index % 15 == 14 else []
        seen = {track: (150 + index / 10, 50)} if index % 15 < 12 else {}
        events += rule.update(View(tracks(seen, ended=gone), frame(index)))
    assert len(raised(events)) == 1


@pytest.mark.parametrize("kind", sorted(RULES.keys() - {"left_object"}))
def test_one_errant_box(kind):
    """One box of one frame raised the burglar alarm."""
    waits = {
        "tripwire": {"settle_s": 0.3},
        "tailgating": {"settle_s": 0.3},
        "sequence": {"settle_s": 0.3},
        "zone": {"dwell_s": 0.5},
        "loitering": {"dwell_s": 0.5},
        "stopped": {"after_s": 0.5},
        "wrong_way": {"for_s": 0.5},
        "occupancy": {"for_s": 0.5},
        "exclusion": {"for_s": 0.5},
    }
    rule = make_rule(kind, **waits[kind])
    over = (107, 50)  # as if its legs were hidden: over the line, in the area, near the car
    events = lead(rule, at(*[(99, 50)] * 20, over, *[(99, 50)] * 20), view=with_car)
    assert raised(events) == []


def test_parked_car_through_a_night():
    """Parked cars were reported all night, each time that their track began anew."""
    rule = built(Stopped, polygon=RIGHT_HALF, classes=frozenset({CAR}))
    events, random = [], np.random.default_rng(2)
    for index in range(10 * 3600):  # one frame a second
        track = 1 + index // 240
        gone = [track - 1] if index % 240 == 3 and track > 1 else []
        foot = np.array(RIGHT) + random.normal(0, 0.5, 2)
        seen = {track: tuple(foot)} if index % 240 > 5 and random.random() > 0.1 else {}
        view = View(tracks(seen, ended=gone, class_id=CAR, width=40), frame(index, fps=1.0))
        events += rule.update(view)
    assert len(raised(events)) == 1


@pytest.mark.parametrize("kind", ["zone", "loitering", "occupancy", "tripwire", "tailgating"])
def test_shadow_of_a_passing_train_of_people(kind):
    """Thirty who pass by outside, close together, hide one another and change their ids."""
    rule, events, random = make_rule(kind), [], np.random.default_rng(3)
    for index in range(300):
        places = {n + 31 * (index // 60): (80, (index * 2 + 9 * n) % 100) for n in range(1, 30)}
        seen = {track: foot for track, foot in places.items() if random.random() > 0.3}
        events += rule.update(View(tracks(seen), frame(index)))
    assert raised(events) == []


@pytest.mark.parametrize("kind", sorted(RULES.keys() - {"left_object"}))
def test_a_change_of_resolution(kind):
    """Zones lost their places when the picture's size was changed."""
    rule = make_rule(kind)
    lead(rule, at(*[LEFT] * 10), view=with_car)
    double = Frame("gate", 10, 1.0, 1.0, Still(np.zeros((200, 400, 3), np.uint8)))
    twice = {"width": 20, "height": 40}
    assert [*rule.update(with_car(tracks({1: (80, 100)}, **twice), double))] == []


def test_restart_within_a_stay(tmp_path):
    """Alerts that were open at a restart were never cleared, or were never raised again."""
    with open_outbox(tmp_path / "o.db") as outbox:
        journal = open_journal(outbox, grades={("gate", "fence"): "yellow"})
        journal.record(lead(make_rule("zone"), at(RIGHT)), scene())
    with open_outbox(tmp_path / "o.db") as outbox:
        journal = open_journal(outbox, grades={("gate", "fence"): "yellow"})
        journal.reconcile()
        journal.record(lead(make_rule("zone"), at(RIGHT)), scene())
        events = read_all(outbox)
    assert [event.reason for event in events] == ["entered", "restart", "entered"]
    first, cleared, again = (event.alert_id for event in events)
    assert first == cleared != again
