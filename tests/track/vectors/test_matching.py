"""Who goes with whom: the best whole, and no bad pair."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.track.vectors.matching import Matching, Pairs

numba = pytest.importorskip("numba", reason="numba is not installed")
from edge.track.compiled.matching import match  # noqa: E402

SCORES = st.integers(1, 5).flatmap(
    lambda wide: st.lists(
        st.lists(st.floats(0, 1), min_size=wide, max_size=wide), min_size=1, max_size=5
    )
)


def vectors(score, least):
    """In NumPy, as a camera among others."""
    rows, columns = score.shape
    row, column = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
    pairs = Pairs(row, column, np.full(len(row), 3), score.ravel())
    matching = Matching(pairs, rows, columns)
    matching.match(np.ones(rows, bool), np.ones(columns, bool), least)
    return matching.taken, matching.given


def loops(score, least):
    rows, columns = score.shape
    pairs = np.arange(rows + 1) * columns, np.tile(np.arange(columns), rows), score.ravel()
    taken, given = np.full(rows, -1), np.full(columns, -1)
    match(pairs, least, (np.ones(rows, bool), np.ones(columns, bool)), taken, given)
    return taken, given


@pytest.fixture(params=[vectors, loops])
def assign(request):
    return request.param


def best_total(score, least):
    """Try every way to pair the shorter side."""
    table = np.where(score >= least, score, 0)
    table = table if len(table) <= table.shape[1] else table.T
    rows = range(len(table))
    return max(
        sum(table[row, column] for row, column in zip(rows, columns, strict=True))
        for columns in permutations(range(table.shape[1]), len(table))
    )


@pytest.mark.parametrize("way", [vectors, loops])
@settings(deadline=None)
@given(SCORES, st.sampled_from([0.1, 0.5, 0.9]))
def test_the_pairs_are_the_best_whole_and_none_is_bad(way, values, least):
    score = np.array(values)
    taken, given_back = way(score, least)
    rows = np.flatnonzero(taken >= 0)
    assert given_back[taken[rows]].tolist() == rows.tolist()
    assert np.count_nonzero(given_back >= 0) == len(rows)
    assert (score[rows, taken[rows]] >= least).all()
    assert np.isclose(score[rows, taken[rows]].sum(), best_total(score, least))


@pytest.mark.parametrize("shape", [(40, 40), (30, 50), (50, 30), (1, 20), (20, 1)])
def test_both_ways_find_the_same_pairs(shape):
    rng = np.random.default_rng(7)
    for least in (0.3, 0.9, 0.97):
        score = rng.random(shape)
        assert vectors(score, least)[0].tolist() == loops(score, least)[0].tolist()


def test_a_bad_pair_never_costs_a_good_one(assign):
    score = np.array([[0.5, 0.45], [0.45, 0.05]])
    assert [side.tolist() for side in assign(score, 0.46)] == [[0, -1], [0, -1]]


def test_nobody_goes_with_nobody(assign):
    for shape in ((0, 3), (3, 0), (0, 0)):
        taken, given_back = assign(np.zeros(shape), 0.1)
        assert [taken.tolist(), given_back.tolist()] == [[-1] * shape[0], [-1] * shape[1]]
