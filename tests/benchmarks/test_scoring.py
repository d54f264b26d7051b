"""The scorer: exact numbers on small cases, and against brute force."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.scoring import TOLERANCE_S, Happening, score


def at(*times, way=1, rule="line", counts=True):
    return [Happening(rule, way, time, counts) for time in times]


def test_hits_misses_false_alarms_and_delays():
    result = score(at(1.2, 5.0, 9.0), at(1.0, 5.5, 20.0))
    assert (result.hits, result.false, result.missed) == (2, 1, 1)
    assert result.precision == pytest.approx(2 / 3)
    assert result.f1 == pytest.approx(2 / 3)
    assert sorted(result.delays) == pytest.approx([-0.5, 0.2])


def test_an_event_is_used_once():
    result = score(at(1.0, 1.1), at(1.0))
    assert (result.hits, result.false) == (1, 1)


def test_direction_and_rule_must_agree():
    assert score(at(1.0, way=-1), at(1.0)).hits == 0
    assert score(at(1.0, rule="other"), at(1.0)).hits == 0


def test_a_second_is_near_enough_and_no_more():
    assert score(at(2.0), at(1.0)).hits == 1
    assert score(at(2.01), at(1.0)).hits == 0


def test_short_stays_count_neither_way():
    short = at(1.0, counts=False)
    assert score(at(1.0), short) == score([], short)
    assert score([], short).missed == 0


def test_nothing_said_and_nothing_happened():
    assert score([], []).f1 == 0
    assert score([], []).median_delay is None


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 12), max_size=5),
    st.lists(st.integers(0, 12), max_size=5),
)
def test_no_other_matching_has_more_hits(said, real):
    alerts, truth = at(*(t / 3 for t in said)), at(*(t / 3 for t in real))
    few, many = sorted((alerts, truth), key=len)
    best = max(
        sum(abs(a.time - b.time) <= TOLERANCE_S + 1e-9 for a, b in zip(few, chosen, strict=True))
        for chosen in permutations(many, len(few))
    )
    assert score(alerts, truth).hits == best
