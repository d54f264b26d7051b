"""A tripwire reports each crossing once, with its direction, and nothing else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.tripwire import Tripwire
from edge.types import Direction, State
from tests.make import HEIGHT, WIDTH, frame, tracks

LINE = ((0.5, 0.1), (0.5, 0.9))  # downwards: the left hand is the right of the picture


def wire(**options):
    return Tripwire(
        camera="gate", name="fence", line=LINE, classes=frozenset({0}), settle_s=0.2, **options
    )


def walk(rule, xs, *, y=50, ended_after=False, track=1):
    """One track's foot points, ten a second."""
    events = []
    for index, x in enumerate(xs):
        seen = tracks({track: (x, y)}) if x is not None else tracks()
        events += rule.update(seen, frame(index))
    if ended_after:
        events += rule.update(tracks(ended=[track]), frame(len(xs)))
    return events


def test_a_walk_across_is_one_alert_that_ends_with_its_track():
    events = walk(wire(), range(150, 40, -10), ended_after=True)
    assert [(e.state, e.reason) for e in events] == [
        (State.RAISED, "crossed"),
        (State.CLEARED, "track_ended"),
    ]
    assert events[0].direction is Direction.INWARD
    assert events[0].key == events[1].key


def test_the_way_back_is_outward_and_clears_the_first():
    there, back = list(range(150, 40, -10)), list(range(40, 150, 10))
    events = walk(wire(), there + back)
    assert [(e.state, e.direction) for e in events] == [
        (State.RAISED, Direction.INWARD),
        (State.CLEARED, Direction.INWARD),
        (State.RAISED, Direction.OUTWARD),
    ]
    assert events[1].reason == "returned"
    assert events[2].key != events[0].key


def test_only_the_wanted_direction_is_reported():
    assert walk(wire(direction="outward"), range(150, 40, -10)) == []
    assert len(walk(wire(direction="inward"), range(150, 40, -10))) == 1


def test_flicker_over_the_line_is_no_crossing():
    assert walk(wire(), [105, 95, 105, 95, 105, 95, 105]) == []


def test_flicker_in_the_midst_of_a_crossing_is_one_crossing():
    assert len(walk(wire(), [120, 105, 95, 105, 95, 94, 93, 92, 90])) == 1


def test_standing_on_the_line_is_no_crossing():
    assert walk(wire(), [120, 100, 100, 100, 100, 110, 120]) == []


def test_appearing_beyond_the_line_is_no_crossing():
    assert walk(wire(), [90, 80, 70, 60]) == []


def test_walking_round_the_end_of_the_line_is_no_crossing():
    assert walk(wire(), range(150, 40, -10), y=98) == []


def test_a_gap_while_crossing_still_counts():
    assert len(walk(wire(), [130, 110, None, None, None, 90, 85, 80, 75])) == 1


def test_other_classes_and_sizes_are_passed_over():
    rule = wire(min_height=0.5)
    assert walk(rule, range(150, 40, -10)) == []
    cars = Tripwire(camera="gate", name="f", line=LINE, classes=frozenset({2}), settle_s=0.2)
    assert walk(cars, range(150, 40, -10)) == []


def test_two_tracks_never_mix():
    rule = wire()
    events = []
    for index, x in enumerate(range(150, 40, -10)):
        seen = tracks({1: (x, 50), 2: (WIDTH - x, 60)})
        events += rule.update(seen, frame(index))
    assert {(e.sighting.track, e.direction) for e in events} == {
        (1, Direction.INWARD),
        (2, Direction.OUTWARD),
    }


def test_a_change_of_resolution_in_midstream_makes_no_alert():
    rule = wire()
    walk(rule, [150, 140, 130])
    import numpy as np

    from edge.types import Frame

    half = Frame("gate", 3, 0.3, 0.3, np.zeros((HEIGHT // 2, WIDTH // 2, 3), np.uint8))
    assert list(rule.update(tracks({1: (62, 25)}), half)) == []


def test_closing_clears_what_is_open_and_forgets():
    rule = wire()
    walk(rule, range(150, 40, -10))
    closed = list(rule.close(frame(20), "session_ended"))
    assert [(e.state, e.reason) for e in closed] == [(State.CLEARED, "session_ended")]
    assert list(rule.close(frame(21), "session_ended")) == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([60, 80, 90, 110, 120, 140]), max_size=40))
def test_alerts_are_the_confirmed_changes_of_side(xs):
    """Against the obvious way: collapse each side's runs, drop those under three pictures."""
    confirmed, run = [], []
    for x in xs:
        side = x < 100
        run = [*run, side] if run and run[-1] == side else [side]
        needed = 1 if not confirmed else 3  # 0.2 s at ten a second
        if len(run) >= needed and (not confirmed or confirmed[-1] != side):
            confirmed.append(side)
    events = [e for e in walk(wire(), xs) if e.state is State.RAISED]
    assert len(events) == max(0, len(confirmed) - 1)
