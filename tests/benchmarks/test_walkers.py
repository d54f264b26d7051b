"""Made-up people, and how costs are put together; no test looks at how quick anything is."""

import numpy as np
import pytest

from benchmarks import walkers
from benchmarks.walkers import CROWDS, MISSED, WARM, medians, ratios, timed, update_us, walk


class Counting:
    """Trackers that only count their calls."""

    def __init__(self, count):
        self.count, self.times = count, []

    def given(self, found):
        assert len(found) == self.count
        return found

    def update(self, _given, pts):
        self.times.append(pts)


def alike(costs):
    """The same costs for every crowd."""
    return {crowd: list(costs) for crowd in CROWDS}


def test_people_walk_and_some_are_missed():
    found = walk(50, 100, seed=1)
    seen = sum(map(len, found)) / (50 * 100)
    assert seen == pytest.approx(1 - MISSED, abs=0.01)
    assert all((one.xyxy[:, 2:] > one.xyxy[:, :2]).all() for one in found)
    assert all((one.score > 0.5).all() and (one.score < 1).all() for one in found)


def test_the_same_seed_is_the_same_scene():
    one, two, other = walk(5, 3, seed=1), walk(5, 3, seed=1), walk(5, 3, seed=2)
    assert [found.xyxy.tolist() for found in one] == [found.xyxy.tolist() for found in two]
    assert one[0].xyxy.tolist() != other[0].xyxy.tolist()


def test_every_frame_is_updated_once_at_its_time():
    cameras = Counting(2)
    update_us(cameras, [walk(1, WARM + 5, seed=one) for one in range(2)])
    assert np.diff(cameras.times) == pytest.approx([0.1] * (WARM + 4))


def test_all_take_turns_in_every_round(monkeypatch):
    monkeypatch.setattr(walkers, "FRAMES", {1: 1, 64: 1})
    costs = timed({"one": Counting, "other": Counting}, rounds=2)
    assert {name: {crowd: len(one) for crowd, one in some.items()} for name, some in costs.items()}
    assert {len(one) for some in costs.values() for one in some.values()} == {2}


def test_ratios_are_to_the_fastest_of_each_round():
    costs = {
        "ours": alike([1.0, 6.0, 3.0]),
        "slow": alike([9.0, 3.0, 9.0]),
        "quick": alike([2.0, 9.0, 6.0]),
    }
    assert ratios(costs, "ours") == dict.fromkeys(CROWDS, 0.5)
    assert medians(costs["ours"])["us_5"] == 3.0


def test_without_a_peer_there_is_no_ratio():
    assert ratios({"ours": alike([1.0])}, "ours") == {}
