"""Matching alerts with events, on lists short enough to count by hand."""

from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.scoring import TOLERANCE_S, Happening, Score, score, total, verdicts

times = st.integers(0, 12).map(lambda quarter: quarter / 4)
rules, lengths = st.sampled_from(["a", "b"]), st.none() | st.integers(0, 8)


@st.composite
def happenings(draw):
    begun, length = draw(times), draw(lengths)
    until = None if length is None else begun + length / 4
    way = draw(st.sampled_from([1, -1, 0]))
    return Happening(draw(rules), way, begun, draw(st.booleans()), until)


events = st.lists(happenings(), max_size=5)
alarms = st.lists(st.builds(Happening, rules, st.sampled_from([1, -1]), times), max_size=5)


def line(time, *, rule="fence", way=1):
    return Happening(rule, way, time)


def stay(time, *, counts=True):
    return Happening("yard", 0, time, counts)


def test_everything_right_is_one():
    found = score([line(1.2), line(5.0, way=-1)], [line(1.0), line(5.5, way=-1)])
    assert found.delays == pytest.approx((0.2, -0.5))
    assert (found.hits, found.false, found.missed) == (2, 0, 0)
    assert (found.precision, found.recall, found.f1) == (1.0, 1.0, 1.0)


def test_hits_misses_and_false_alarms_are_counted():
    alerts = [line(0.0), line(10.0), line(20.0), line(30.0)]
    truth = [line(0.5), line(10.9), line(22.0), line(40.0), line(50.0)]
    found = score(alerts, truth)
    assert (found.hits, found.false, found.missed) == (2, 2, 3)
    assert found.precision == pytest.approx(2 / 4)
    assert found.recall == pytest.approx(2 / 5)
    assert found.f1 == pytest.approx(4 / 9)


def test_another_line_another_direction_or_a_second_too_late_is_no_match():
    truth = [line(1.0)]
    for alert in (line(1.0, rule="gate"), line(1.0, way=-1), line(2.01), line(-0.01)):
        assert score([alert], truth) == Score(0, 1, 1)


def test_exactly_one_second_matches():
    assert score([line(2.0)], [line(1.0)]).hits == 1
    assert 8.3 - 7.3 > 1
    assert score([line(8.3)], [line(7.3)]).hits == 1


def test_an_event_is_used_once_by_the_nearest_alert():
    found = score([line(0.4), line(1.1)], [line(1.0)])
    assert (found.hits, found.false, found.missed) == (1, 1, 0)
    assert found.delays == pytest.approx((0.1,))


def test_more_pairs_go_before_nearer_ones():
    found = score([line(1.0), line(1.8)], [line(1.0), line(0.2)])
    assert (found.hits, found.false, found.missed) == (2, 0, 0)
    assert sorted(found.delays) == pytest.approx([0.8, 0.8])


def test_a_stay_that_does_not_count_is_neither_missed_nor_false():
    assert score([], [stay(1.0, counts=False)]) == Score(0, 0, 0)
    assert score([stay(1.0)], [stay(1.0, counts=False)]) == Score(0, 0, 0)
    assert score([stay(1.0), stay(1.1)], [stay(1.0, counts=False)]) == Score(0, 1, 0)


def test_a_stay_that_counts_takes_an_alert_from_one_that_does_not():
    found = score([stay(1.0)], [stay(1.0, counts=False), stay(1.9)])
    assert (found.hits, found.false, found.missed) == (1, 0, 0)


def test_nothing_said_of_nothing_is_right():
    found = score([], [])
    assert (found.precision, found.recall, found.f1) == (1.0, 1.0, 1.0)
    assert found.delay(0.5) is None


def test_delays_are_quantiles_of_the_hits():
    found = Score(3, 0, 0, (0.1, 0.3, 0.2))
    assert found.delay(0.5) == pytest.approx(0.2)
    assert found.delay(0.95) == pytest.approx(0.29)


def test_an_event_without_a_direction_is_found_by_an_alert_of_either():
    truth = [line(1.0, way=0), line(3.0, way=0)]
    assert score([line(1.0, way=1), line(3.0, way=-1)], truth) == Score(2, 0, 0, (0.0, 0.0))
    assert score([line(1.0, way=0)], [line(1.0, way=1)]) == Score(0, 1, 1)


def test_what_goes_on_may_be_reported_until_it_ends():
    truth = [Happening("yard", 0, 1.0, until=6.0)]
    assert [score([stay(at)], truth).hits for at in (-0.1, 0.0, 4.0, 7.0, 7.1)] == [0, 1, 1, 1, 0]
    assert score([stay(4.0)], truth).delays == (3.0,)


def test_the_tolerance_is_what_is_asked():
    assert score([line(2.5)], [line(1.0)], tolerance_s=1.5).hits == 1
    assert score([line(1.2)], [line(1.0)], tolerance_s=0.1) == Score(0, 1, 1)


def test_each_alert_is_right_false_or_neither():
    truth = [line(1.0), stay(3.0, counts=False), stay(7.0)]
    alerts = [stay(3.2), line(5.0), line(1.1), stay(7.1), line(1.2, rule="gate")]
    assert verdicts(alerts, truth) == [None, False, True, True, False]


@given(alarms, events)
def test_verdicts_are_what_the_score_counts(alerts, truth):
    judged, found = verdicts(alerts, truth), score(alerts, truth)
    assert (judged.count(True), judged.count(False)) == (found.hits, found.false)


def test_scores_of_several_clips_are_one():
    both = total([Score(2, 1, 0, (0.1, 0.2)), Score(1, 0, 3, (0.5,))])
    assert both == Score(3, 1, 3, (0.1, 0.2, 0.5))
    assert total([]) == Score(0, 0, 0)


@given(alarms, events)
def test_the_matching_is_the_best_of_all_matchings(alerts, truth):
    found = score(alerts, truth)
    pairs, counted, gaps = best_matching(alerts, truth)
    assert found.hits == counted
    assert found.false == len(alerts) - pairs
    assert found.missed == sum(one.counts for one in truth) - counted
    if all(one.counts for one in truth):
        assert sum(map(abs, found.delays)) == pytest.approx(gaps)


@given(alarms, events, st.randoms(use_true_random=False))
def test_the_order_of_alerts_and_events_does_not_matter(alerts, truth, random):
    one = score(alerts, truth)
    random.shuffle(alerts)
    random.shuffle(truth)
    two = score(alerts, truth)
    assert (one.hits, one.false, one.missed) == (two.hits, two.false, two.missed)
    assert one.f1 == pytest.approx(two.f1)


def best_matching(alerts, truth):
    """Most pairs, then most pairs that count, then the least sum of gaps: all are tried."""
    best = (0, 0, 0.0)
    for size in range(1, min(len(alerts), len(truth)) + 1):
        for said in combinations(alerts, size):
            for real in permutations(truth, size):
                if all(fits(a, b) for a, b in zip(said, real, strict=True)):
                    gaps = sum(abs(a.time - b.time) for a, b in zip(said, real, strict=True))
                    best = max(best, (size, sum(b.counts for b in real), -gaps))
    return best[0], best[1], -best[2]


def fits(alert, event):
    same = alert.rule == event.rule and event.way in (0, alert.way)
    until = event.time if event.until is None else event.until
    return same and event.time - TOLERANCE_S <= alert.time <= until + TOLERANCE_S
