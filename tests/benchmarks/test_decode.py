"""How the cost of readers is compared."""

from pathlib import Path

import pytest

from benchmarks.decode import OPENCV, OURS, READERS, compare, costs_ms
from edge.errors import FencelineError
from tests.benchmarks.make_result import result
from tests.stream.make_clip import write_clip


def test_readers_take_turns(tmp_path):
    turns = []
    readers = {name: lambda _, name=name: turns.append(name) or 10 for name in "ab"}
    costs = costs_ms(readers, tmp_path, rounds=3)
    assert turns == ["a", "b"] * 3
    assert {name: len(values) for name, values in costs.items()} == {"a": 3, "b": 3}


@pytest.mark.parametrize("counts", [(10, 9), (0, 0)])
def test_readers_that_see_different_frames_are_not_compared(counts):
    readers = {str(i): lambda _, count=count: count for i, count in enumerate(counts)}
    with pytest.raises(FencelineError, match="not the same"):
        costs_ms(readers, Path("clip"), rounds=1)


def test_both_readers_read_every_picture(tmp_path):
    clip = write_clip(tmp_path / "clip.avi", pictures=12)
    assert {name: read(clip) for name, read in READERS.items()} == {OURS: 12, OPENCV: 12}


def test_medians_are_compared_and_held_against_the_goal():
    done = result(rows=[])
    compare(done, "avi", {OURS: [1.0, 9.0, 3.0], OPENCV: [2.0, 2.0, 8.0]})
    assert [(row["reader"], row["cpu_ms"], row["ratio"]) for row in done.rows] == [
        (OURS, 3.0, 1.5),
        (OPENCV, 2.0, 1.0),
    ]
    (goal,) = done.goals
    assert (goal.value, goal.held) == (1.5, False)
