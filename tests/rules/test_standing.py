"""Who stands in an area is known when that is settled, and not before."""

from dataclasses import replace
from itertools import groupby
from operator import itemgetter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.plan import Plan
from edge.rules.standing import Standing
from edge.rules.view import View
from edge.types import Past
from tests.make import frame, tracks

SQUARE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))  # from 50 to 150 of 200 pixels
IN, OUT = (53, 50), (47, 50)  # less than a quarter of a box's height from the border
DEEP, FAR_OUT = (56, 50), (44, 50)


def stands(places, *, settle_s=0.3, standing=None, **look):
    """What is known after each of these places of one track, ten a second; None: not seen."""
    standing = standing or Standing(Plan().area(SQUARE), settle_s=settle_s)
    known = []
    for index, place in enumerate(places):
        view = View(tracks({1: place} if place else {}, **look), frame(index))
        known += [stand.inside for stand in standing.look(view, range(len(view.ids)))]
    return known


def test_who_is_first_seen_at_the_border_is_inside_when_he_stays():
    assert stands([IN] * 5) == [None, None, None, True, True]


def test_who_is_clearly_inside_or_outside_is_so_at_once():
    assert stands([DEEP]) == [True]
    assert stands([FAR_OUT, DEEP, FAR_OUT]) == [False, True, False]


def test_a_flicker_over_the_border_changes_nothing():
    assert stands([DEEP] + [IN, OUT, OUT] * 6) == [True] * 19
    assert stands([FAR_OUT] + [OUT, IN, IN] * 6) == [False] * 19


def test_the_other_side_counts_from_when_he_is_seen_there_only():
    assert stands([FAR_OUT, IN, IN, OUT, IN, IN, IN, IN]) == [False] * 7 + [True]


def test_without_a_wait_every_sighting_counts():
    assert stands([IN, OUT, IN], settle_s=0) == [True, False, True]


def test_what_is_not_seen_is_neither():
    assert stands([IN, None, None, None, None, IN]) == [None, True]
    assert stands([IN, None, OUT, None, None, None, IN]) == [None, None, None]


def test_who_was_settled_outside_came_and_who_appeared_did_not():
    standing = Standing(Plan().area(SQUARE), settle_s=0)
    stays = []
    for index, place in enumerate([IN, IN, OUT, IN, IN, OUT]):
        (stand,) = standing.look(View(tracks({1: place}), frame(index)), [0])
        stays.append((stand.came, round(stand.entered, 1), round(stand.stayed, 1)))
    first, second = (False, 0.0, 0.1), (True, 0.3, 0.4)
    assert stays == [(False, 0.0, 0.0), first, first, (True, 0.3, 0.3), second, second]


def test_where_he_was_before_he_had_his_id_counts():
    standing = Standing(Plan().area(SQUARE), settle_s=0.3)
    past = Past(np.array([0.7, 0.8, 0.9]), tracks(dict(enumerate([IN] * 3))).xyxy)
    view = View(replace(tracks({1: IN}), past={1: past}), frame(10))
    assert [stand.inside for stand in standing.look(view, [0])] == [True]


def test_what_is_known_goes_with_him_to_another_id():
    standing = Standing(Plan().area(SQUARE), settle_s=0.3)
    stands([FAR_OUT, FAR_OUT], standing=standing)
    standing.rename(1, 2)
    view = View(tracks({2: IN, 1: IN}), frame(2))
    assert [stand.inside for stand in standing.look(view, [0, 1])] == [False, None]
    assert standing.outside(2) is None


def test_who_is_outside_is_so_since_he_was_seen_there():
    standing = Standing(Plan().area(SQUARE), settle_s=0.2)
    stands([DEEP, OUT, OUT], standing=standing)
    assert standing.outside(1) is None
    stands([DEEP, OUT, OUT, OUT], standing=standing)
    assert standing.outside(1) == pytest.approx(0.1)
    standing.forget(1)
    assert standing.outside(1) is None


def known(places, wait):
    """The obvious way: the newest place where he was seen for so long, and nowhere else."""
    seen = [(index, place) for index, place in enumerate(places) if place]
    answers = []
    for count in range(1, len(seen) + 1):
        stays = [[*run] for _, run in groupby(seen[:count], key=itemgetter(1))]
        long = [stay for stay in stays if stay[-1][0] - stay[0][0] >= wait]
        answers.append(long[-1][0][1] == IN if long else None)
    return answers


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([IN, OUT, None]), max_size=30), st.integers(0, 4))
def test_what_is_known_is_what_the_obvious_way_tells(places, wait):
    assert stands(places, settle_s=wait / 10) == known(places, wait)
