"""How the cost of decoding is measured and compared."""

import pytest

from benchmarks.clips import FPS, X264, Kind, write_stream
from benchmarks.decode import OPENCV, OURS, READERS, Cost, compare, costs
from edge.errors import FencelineError
from tests.benchmarks.make_result import result
from tests.stream.make_clip import write_clip

SMALL = Kind("small", "libx264", (160, 120), 300_000, X264 | {"bf": "0"})


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    folder = tmp_path_factory.mktemp("decode")
    source = write_clip(folder / "clip.avi", pictures=4 * FPS)
    write_stream(SMALL, source, folder / "stream.mp4", pictures=4 * FPS)
    return folder / "stream.mp4"


def test_readers_take_turns_and_cost_is_per_second_of_the_stream(stream):
    turns = []
    readers = {name: lambda _, name=name: turns.append(name) or 10 for name in "ab"}

    found = costs(readers, stream, rounds=3)

    assert turns == ["a", "b"] * 3
    assert {name: len(cost.cpu_s) for name, cost in found.items()} == {"a": 3, "b": 3}


def test_a_reader_that_reads_nothing_is_not_compared(stream):
    with pytest.raises(FencelineError, match="a decoded nothing"):
        costs({"a": lambda _: 0}, stream, rounds=1)


def test_each_way_decodes_what_it_says(stream):
    decoded = {name: read(stream) for name, read in READERS.items()}

    assert decoded == {
        OPENCV: 100,
        OURS: 100,
        "fenceline, analysis": 100,
        "fenceline, analysis + motion, crop": 100,
        "fenceline, key": 2,
    }


def test_medians_are_compared():
    done = result(rows=[])

    compare(done, SMALL, {OURS: Cost([0.1, 0.9, 0.3], 5), OPENCV: Cost([0.2, 0.2, 0.8], 5)})

    assert [(row["reader"], row["cpu_s"], row["ratio"]) for row in done.rows] == [
        (OURS, 0.3, pytest.approx(1.5)),
        (OPENCV, 0.2, 1.0),
    ]
