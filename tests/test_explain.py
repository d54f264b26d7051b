"""Words for an alert: the numbers that decided, with what they had to be."""

import pytest

from edge.explain import headline, length_of, number, reasons
from edge.types import Direction, Event, Fact, Gap, Kind, Motion, PathPoint, Sighting, State

PERSON = Sighting(7, 0, 0.8234, (0.4, 0.2, 0.5, 0.6), (0.45, 0.6))


def event(**more):
    known = {
        "kind": Kind.TRIPWIRE,
        "camera": "gate",
        "rule": "fence",
        "state": State.RAISED,
        "key": "7/1",
        "reason": "crossed",
        "pts": 12.4,
        "time": 1_700_000_012.4,
    }
    return Event(**known | more)


def way(*places, ground=None):
    return tuple(
        PathPoint(x, y, float(pts), None if ground is None else ground[pts])
        for pts, (x, y) in enumerate(places)
    )


def test_the_headline_says_what_happened_when_and_to_whom():
    told = event(sighting=PERSON, direction=Direction.INWARD, confidence=0.7125)
    assert headline(told) == (
        "12.40 s  fence: raised, crossed inward; person, track 7, score 0.823; confidence 0.713"
    )


def test_an_alert_about_nobody_has_a_headline_too():
    assert headline(event(reason="track_ended")) == "12.40 s  fence: raised, track ended"


def test_what_is_of_no_class_is_an_object():
    thing = Sighting(7, 24, 0.5, (0.4, 0.2, 0.5, 0.6), (0.45, 0.6))
    assert "; object, track 7, " in headline(event(sighting=thing))


def test_a_thing_that_nobody_tracks_has_no_number_and_no_score():
    thing = Sighting(0, None, 0.0, (0.4, 0.2, 0.5, 0.6), (0.45, 0.6))
    told = event(reason="left_behind", sighting=thing, confidence=0.6)
    assert headline(told) == "12.40 s  fence: raised, left behind; object; confidence 0.6"


def test_the_end_of_an_alert_says_no_direction():
    ended = event(state=State.CLEARED, reason="returned", direction=Direction.INWARD)
    assert headline(ended) == "12.40 s  fence: cleared, returned"


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (Fact("dwell", 4.2, "s", least=4), "dwell 4.2 s, had to be at least 4"),
        (Fact("speed", 1.32, "m/s", most=8), "speed 1.32 m/s, had to be at most 8"),
        (Fact("count", 3, least=2, most=5), "count 3, had to be at least 2 and at most 5"),
        (Fact("beyond", 0.031, "heights", least=0), "beyond 0.031 of the picture's height"),
        (Fact("off_course", 120, "deg"), "off course 120 degrees"),
        (Fact("mass", 3, "kg"), "mass 3 kg"),
        (Fact("alone", 0, "", most=0), "alone 0, had to be at most 0"),
    ],
)
def test_a_fact_is_told_with_its_unit_and_limits(fact, said):
    assert reasons(event(facts=(fact,)), 1.5)[0] == said


def test_the_margin_is_told_when_an_alert_is_raised():
    assert reasons(event(margin=0.25), 1.5) == ["margin 0.25, where 0 is only just and 1 is clear"]
    assert reasons(event(margin=0.25, state=State.UPDATED), 1.5) == []


def test_a_dwell_is_told_once():
    zone = event(dwell_s=4.2, facts=(Fact("dwell", 4.2, "s"),))
    assert [line for line in reasons(zone, 1.5) if "dwell" in line] == ["dwell 4.2 s"]
    assert "dwell 9 s" in reasons(event(dwell_s=9.0, state=State.CLEARED), 1.5)


def test_a_path_is_as_long_as_its_parts_in_heights_of_the_picture():
    there_and_back = way((0.1, 0.5), (0.3, 0.5), (0.1, 0.5))
    assert length_of(there_and_back, 2.0) == (pytest.approx(0.8), "picture heights")
    assert "path 0.8 picture heights long in 2 s, 3 points" in reasons(
        event(path=there_and_back), 2.0
    )


def test_a_path_on_the_ground_is_told_in_metres():
    walk = way((0.1, 0.5), (0.3, 0.5), ground=[(0.0, 0.0), (3.0, 4.0)])
    assert length_of(walk, 2.0) == (5.0, "m")


def test_a_path_that_leaves_the_ground_is_not_told_in_metres():
    walk = way((0.1, 0.5), (0.3, 0.5), ground=[(0.0, 0.0), None])
    assert length_of(walk, 1.0)[1] == "picture heights"


def test_a_point_is_no_path():
    assert not [line for line in reasons(event(path=way((0.1, 0.5))), 2.0) if "path" in line]


def test_gaps_are_told_with_what_may_have_happened_there():
    (line,) = reasons(event(gaps=(Gap(11.2, 12.0),), state=State.UPDATED), 1.5)
    assert line.startswith("not seen from 11.20 s to 12.00 s (0.8 s): found again, or somebody new")


@pytest.mark.parametrize(
    ("motion", "said"),
    [
        (
            Motion(0.2, 0.05, 91, 4, on_ground=False),
            [
                "moves at 0.2 picture heights a second, give or take 0.05",
                "heading 91 degrees (right), give or take 4",
            ],
        ),
        (
            Motion(1.3, 0.1, 350, 5, on_ground=True),
            [
                "moves at 1.3 m/s, give or take 0.1",
                "heading 350 degrees (on the ground), give or take 5",
            ],
        ),
        (
            Motion(0.0, 0.1, 0, 180, on_ground=True),
            ["moves at 0 m/s, give or take 0.1", "heading unknown: it stands still"],
        ),
    ],
)
def test_motion_is_told_with_its_uncertainty(motion, said):
    assert reasons(event(motion=motion, state=State.UPDATED), 1.5) == said


@pytest.mark.parametrize(
    ("heading", "way"), [(0, "up"), (44, "up right"), (180, "down"), (270, "left"), (359, "up")]
)
def test_headings_of_the_picture_are_told_in_words(heading, way):
    motion = Motion(0.2, 0.05, heading, 4, on_ground=False)
    assert f"({way})" in reasons(event(motion=motion), 1.5)[-1]


def test_the_end_repeats_nothing_that_decided():
    ended = event(
        state=State.CLEARED,
        facts=(Fact("beyond", 0.1),),
        motion=Motion(1, 0, 0, 1, on_ground=True),
        path=way((0, 0), (0, 1)),
    )
    assert reasons(ended, 1.5) == ["path 1 picture heights long in 1 s, 2 points"]


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0"), (-0.0001, "0"), (1234567.0, "1234567"), (0.0305, "0.03")]
)
def test_numbers_have_no_digits_that_say_nothing(value, said):
    assert number(value) == said
