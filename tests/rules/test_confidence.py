"""How sure an alert is: the more, the better its object was seen and the clearer the case was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.confidence import confidence

UNIT = st.floats(0, 1)
SEEN = st.integers(0, 10_000)


def test_one_clear_sighting_is_half_as_sure_as_its_score():
    assert confidence(0.8, 1, 1.0) == 0.4
    assert confidence(0.8, 1, 0.0) == 0.2


def test_many_sightings_and_a_clear_case_are_as_sure_as_the_score():
    assert confidence(0.8, 10_000, 1.0) == pytest.approx(0.8, abs=0.001)


def test_what_was_never_seen_is_not_sure_at_all():
    assert confidence(1.0, 0, 1.0) == 0


@given(UNIT, SEEN, UNIT)
def test_it_is_0_to_1(score, sightings, margin):
    assert 0 <= confidence(score, sightings, margin) <= 1


@given(UNIT, SEEN, UNIT, UNIT, SEEN, UNIT)
def test_it_never_falls_when_any_part_rises(score, sightings, margin, more, sooner, clearer):
    surer = confidence(max(score, more), max(sightings, sooner), max(margin, clearer))
    assert surer >= confidence(score, sightings, margin)
