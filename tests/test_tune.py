"""What a combination of settings is worth on labelled clips, and which is the best."""

import pytest

from edge.rules.view import View
from edge.scoring import Happening
from edge.tune import Result, Score, Watched, best_first, results
from edge.variants import Aside, combinations
from tests.make import WIDTH, frame, tracks
from tests.test_variants import built, fence

FLICKER = [90, 110, 90, 90, 90]  # over the line for one picture
CROSSING = [90, 95, 105, 108, 110, 112]
SETTLE = {"settle_s": [0.0, 0.1, 0.25]}


def watched(rules, feet, *crossings, name="clip"):
    """A clip in which somebody walks at the foot of the picture, ten steps a second."""
    aside = Aside(built(*rules))
    for index, x in enumerate(feet):
        aside.update(View(tracks({1: (x, 90)}, height=80), frame(index)))
    truth = [Happening("fence", 1, at) for at in crossings]
    return Watched(name, len(feet) / 10, truth, aside.raised)


def result(hits, false, missed, delays=(), **more):
    return Result({}, Score(hits, false, missed, delays), 1.0, **more)


def test_a_flicker_is_a_false_alarm_of_those_that_settle_too_soon():
    rules = combinations(fence(beyond=0.01, settle_s=9), SETTLE)
    clips = [watched(rules, FLICKER), watched(rules, CROSSING, 0.2)]
    values = [{"settle_s": rule.settle_s} for rule in rules]
    found = results(clips, values, now=2, tolerance_s=1.0)
    assert WIDTH / 2 == 100
    assert [(one.score.hits, one.score.false) for one in found] == [(1, 2), (1, 0), (1, 0)]
    assert [one.score.delay(0.5) for one in found] == pytest.approx([0.0, 0.1, 0.3])
    assert best_first(found) == [1, 2, 0]
    assert [one.now for one in found] == [False, False, True]


def test_false_alarms_are_counted_per_hour_of_all_clips():
    clips = [
        Watched("a", 1800.0, [], [[Happening("fence", 1, 5.0), Happening("fence", 1, 90.0)]]),
        Watched("b", 5400.0, [], [[]]),
    ]
    (one,) = results(clips, [{}], now=0, tolerance_s=1.0)
    assert (one.hours, one.false_per_hour) == (2.0, 1.0)


def test_the_tolerance_decides_what_is_right():
    clip = Watched("a", 60.0, [Happening("fence", 1, 5.0)], [[Happening("fence", 1, 7.0)]])
    hits = [results([clip], [{}], now=0, tolerance_s=s)[0].score.hits for s in (1.0, 2.0)]
    assert hits == [0, 1]


def test_alerts_of_one_clip_are_not_matched_with_events_of_another():
    said = [Happening("fence", 1, 5.0)]
    clips = [Watched("a", 60.0, said, [[]]), Watched("b", 60.0, [], [said])]
    (one,) = results(clips, [{}], now=0, tolerance_s=1.0)
    assert one.score == Score(0, 1, 1)


def test_the_best_has_the_highest_f1_then_the_fewest_false_alarms_then_the_shortest_delay():
    worse, false = result(1, 0, 1, (0.1,)), result(2, 2, 0, (0.1, 0.1))
    late, soon = result(2, 1, 1, (0.9, 0.9)), result(2, 1, 1, (0.1, 0.2))
    few = result(4, 0, 4, (0.1,) * 4)
    found = [worse, late, false, soon, few]
    assert [round(one.score.f1, 3) for one in found] == [0.667, 0.667, 0.667, 0.667, 0.667]
    assert best_first(found) == [0, 4, 3, 1, 2]
    assert best_first([worse, result(2, 0, 0, (5.0, 5.0))]) == [1, 0]


def test_of_two_that_are_as_good_the_configured_one_is_first():
    same = result(1, 0, 1, (0.5,))
    assert best_first([same, same, result(1, 0, 1, (0.5,), now=True)]) == [2, 0, 1]


def test_without_a_right_alert_there_is_no_delay_and_it_comes_last_of_its_kind():
    one = result(0, 0, 2)
    assert (one.plain()["delay_s"], one.plain()["f1"]) == (None, 0.0)
    assert best_first([one, result(0, 0, 2)]) == [0, 1]


def test_json_has_settings_as_they_are_written():
    found = Result({"classes": ("person", "car"), "settle_s": 0.2}, Score(1, 0, 0, (0.3,)), 0.5)
    assert found.plain() == {
        "settings": {"classes": "person+car", "settle_s": 0.2},
        "now": False,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "right": 1,
        "false": 0,
        "missed": 0,
        "delay_s": 0.3,
        "delay_p95_s": 0.3,
        "false_per_hour": 0.0,
    }
