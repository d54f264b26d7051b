"""The tracker without its parts: what is switched off, and switched on again."""

import numpy as np
import pytest

from benchmarks import ablation, ours, ownpets, pets
from benchmarks.result import SkipBenchmark
from edge.track import numbers
from edge.types import Detections
from tests.benchmarks.make_sequence import sequence


def plain():
    return {name: getattr(numbers, name) for name in dir(numbers) if name.isupper()}


@pytest.mark.parametrize("part", ablation.contenders())
def test_the_numbers_are_as_before_when_a_part_was_left_out(tmp_path, part):
    before, walk = plain(), sequence(tmp_path, people=3)
    trails = ablation.contenders()[part](walk)
    assert len(trails.id) == len(ours.trails(walk).id)
    assert plain() == before


def test_a_number_that_is_put_is_what_the_tracker_sees():
    from edge.track.vectors import likeness

    with ablation._put({"WIDEN": 0.0}):
        assert likeness.WIDEN == numbers.WIDEN == 0
    assert likeness.WIDEN == numbers.WIDEN > 0


def test_a_number_that_is_none_is_no_part():
    with pytest.raises(LookupError, match="WIDTHS"), ablation._put({"WIDTHS": 0.0}):
        pass


@pytest.mark.data
@pytest.mark.parametrize("every", ownpets.NAMES)
def test_frames_of_pets_keep_their_times(monkeypatch, every):
    frames = len(range(0, pets.FRAMES, every))
    monkeypatch.setattr(ownpets, "_found", lambda *_: [Detections.empty()] * frames)
    try:
        (one,) = ownpets.course(every).sequences
    except SkipBenchmark as reason:
        pytest.skip(str(reason))
    assert len(one.times) == len(one.found) == frames
    assert np.allclose(np.diff(one.times), every / pets.FPS)
    assert one.fps == pytest.approx(pets.FPS / every)
