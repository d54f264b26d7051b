"""Visits that a person labelled: one alert and one crossing each."""

import pytest

from benchmarks.alerts_intel import DOWN, LINE, UP, Visit, judged, visits_of
from benchmarks.footage import ZONE
from benchmarks.intel import CAR, PERSON
from benchmarks.result import SkipBenchmark
from edge.scoring import Happening

UPWARDS, DOWNWARDS = Visit(1.0, 4.0, UP), Visit(3.0, 6.0, DOWN)


def there(time):
    return Happening(ZONE, 0, time)


def across(time, way):
    return Happening(LINE, way, time)


def judge(alerts, visits=(UPWARDS, DOWNWARDS)):
    return judged(alerts, visits, slack_s=0.5, hours=0.1)


def test_each_visit_wants_one_alert_while_it_lasts():
    found = judge([there(1.2), there(3.5)]).zone
    assert (found.hits, found.false, found.missed) == (2, 0, 0)
    assert found.delays == pytest.approx((0.2, 0.5))


def test_a_second_alert_of_a_visit_and_one_of_nobody_are_false():
    found = judge([there(0.6), there(1.2), there(9.0)]).zone
    assert (found.hits, found.false, found.missed) == (1, 2, 1)
    assert found.delays == pytest.approx((0.2,))


def test_as_many_visits_as_can_be_are_found_before_the_soonest_are():
    found = judge([there(3.4), there(3.6)]).zone
    assert (found.hits, found.false) == (2, 0)


def test_the_line_is_crossed_the_way_that_the_visitor_goes():
    found = judge([across(2.0, UP), across(4.0, UP), across(4.5, DOWN)]).line
    assert (found.hits, found.false, found.missed) == (2, 1, 0)
    assert judge([across(2.0, DOWN)], [UPWARDS]).line.false == 1


def test_nobody_and_nothing():
    found = judge([], [])
    assert (found.line.f1, found.zone.f1) == (1.0, 1.0)


@pytest.mark.data
def test_persons_go_to_the_right_and_cars_up_and_down():
    try:
        persons, cars = visits_of(PERSON), visits_of(CAR)
    except SkipBenchmark as reason:
        pytest.skip(str(reason))
    assert len(persons) == 6
    assert [visit.way for visit in cars] == [UP, DOWN, UP, DOWN]
    assert cars[0].first == pytest.approx(4.4)
