"""Boxes made worse by what is stated, the same in every run."""

import numpy as np
import pytest

from benchmarks.alerts_degraded import AS_THEY_ARE, LEVELS, Level, split, worse
from benchmarks.alerts_replay import LOST_S
from tests.benchmarks.make_sequence import boxes, sequence
from tests.make import tracks

HEIGHT = 100  # of the boxes of make_sequence


@pytest.fixture
def walk(tmp_path):
    return sequence(tmp_path, frames=400, people=3)


def test_as_they_are_is_as_they_are(walk):
    same = worse(walk, LEVELS[AS_THEY_ARE])
    assert all((a.xyxy == b.xyxy).all() for a, b in zip(same.found, walk.found, strict=True))
    told = [tracks({1: (50, 50)})]
    assert split(told, [0.0], LEVELS[AS_THEY_ARE]) is told


def test_so_many_are_missed_and_always_the_same(walk):
    one, two = (worse(walk, Level(missed=0.3)) for _ in range(2))
    assert boxes(one).tolist() == boxes(two).tolist()
    assert boxes(one).sum() == pytest.approx(0.7 * 1200, rel=0.05)


def test_each_edge_is_shaken_by_that_part_of_the_height(walk):
    shaken = worse(walk, Level(shaken=0.05))
    off = np.concatenate([a.xyxy - b.xyxy for a, b in zip(shaken.found, walk.found, strict=True)])
    assert off.std(axis=0) == pytest.approx(np.full(4, 0.05 * HEIGHT), rel=0.1)
    assert off.mean(axis=0) == pytest.approx(np.zeros(4), abs=0.6)


def test_a_track_goes_on_as_others_after_so_long_on_average():
    times = np.arange(3000) / 10
    told = split([tracks({4: (50, 50)})] * 3000, times, Level(split_s=3.0))
    ids = [int(one.id[0]) for one in told]
    assert len(set(ids)) == pytest.approx(100, abs=25)
    assert (np.diff(ids) >= 0).all()
    assert min(ids[1:]) == 4


def test_an_id_that_was_left_ends_once_and_later():
    times = np.arange(300) / 10
    told = split([tracks({4: (50, 50)})] * 300, times, Level(split_s=3.0))
    last = {int(one.id[0]): pts for one, pts in zip(told, times, strict=True)}
    ended = [(track, pts) for one, pts in zip(told, times, strict=True) for track in one.ended]
    assert len({track for track, _ in ended}) == len(ended) >= 3
    for track, pts in ended:
        assert pts - last[track] == pytest.approx(LOST_S + 0.1)


def test_a_track_that_ends_ends_under_the_id_it_has_by_then():
    told = [tracks({4: (50, 50)})] * 100 + [tracks({}, ended=[4])]
    found = split(told, np.arange(101) / 10, Level(split_s=1.0))
    assert found[-1].ended.tolist()[0] == found[-2].id.tolist()[0] != 4
