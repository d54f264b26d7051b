"""Every peer says who is who through one adapter, or why it is not here."""

import sys

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.peers import PEERS, REMEDIES, VARIANTS, Cameras, present, trails
from tests.benchmarks.make_sequence import sequence

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
ALL = PEERS | VARIANTS
OPTIONAL = {"norfair"}  # see pyproject.toml: it is no extra, so no test depends on it


@pytest.fixture(params=[name for name in ALL if name not in OPTIONAL])
def make(request):
    here, absent = present({request.param: ALL[request.param]})
    if absent:
        pytest.skip(absent[request.param])
    return here[request.param]


def test_two_who_walk_keep_two_ids(tmp_path, make):
    one = sequence(tmp_path, frames=30)
    said = trails(one, make=make)
    assert len(np.unique(said.id)) == 2
    assert set(said.frame) <= set(range(30))
    assert len(said.frame) >= 2 * 25
    for frame, box in zip(said.frame.tolist(), said.xyxy, strict=True):
        nearest = np.abs(one.found[frame].xyxy - box).max(axis=1).min()
        assert nearest < 4


def test_nobody_at_all_is_nothing(tmp_path, make):
    one = sequence(tmp_path, frames=3)
    nobody = [found[:0] for found in one.found]
    object.__setattr__(one, "found", nobody)
    assert len(trails(one, make=make).id) == 0


@pytest.mark.parametrize("count", [1, 3])
def test_cameras_do_not_know_of_each_other(tmp_path, make, count):
    one, cameras = sequence(tmp_path, frames=5), Cameras(count, make=make)
    for found, pts in zip(one.found, one.times, strict=True):
        answers = cameras.update(cameras.given([found] * count), pts)
    assert len(answers) == count


def test_an_absent_peer_says_how_to_get_it(monkeypatch):
    for package in REMEDIES:
        monkeypatch.setitem(sys.modules, package, None)
    here, absent = present(ALL)
    assert here == {}
    assert absent.keys() == ALL.keys()
    assert all("is not installed; " in reason for reason in absent.values())
    assert "extra `bench`" in absent["motpy"]
    assert "pip install --no-deps norfair" in absent["norfair"]


def test_ours_follows_from_the_first_frame_on_unless_told_at_once(tmp_path):
    one = sequence(tmp_path, frames=30)
    assert len(ours.trails(one).id) >= len(ours.trails(one, late=False).id) >= 2 * 25
    assert len(np.unique(ours.trails(one).id)) == 2


def test_our_cameras_are_updated_in_one_call(tmp_path):
    one, cameras = sequence(tmp_path, frames=9), ours.Cameras(3)
    for found, pts in zip(one.found, one.times, strict=True):
        answers = cameras.update(cameras.given([found, found[:1], found[:0]]), pts)
    assert [len(tracks) for tracks in answers] == [2, 1, 0]
