"""What happens at a line and in a zone, by tracks short enough to see."""

import json

import numpy as np
import pytest

from benchmarks.alerts_static import size_of
from benchmarks.alerts_truth import Shapes, crossings, grid, happenings, stays
from benchmarks.datasets import dataset
from benchmarks.result import SkipBenchmark
from benchmarks.sequences import Truth, read_truth
from edge.geometry import inside
from edge.scoring import Happening

DOWN = ((0.5, 0.0), (0.5, 0.8))  # its left hand is the right of the picture
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
SHAPES = Shapes({"fence": DOWN}, {"yard": RIGHT})
SIZE, FPS = (100, 100), 10.0


def feet(*xs, y=0.5):
    return np.array([(x, y) for x in xs])


def truth(xs, *, track=1, y=50, classes=False, kind=1, considered=1):
    """One box of 10 x 20 a frame whose foot point is there."""
    frames = np.arange(1, len(xs) + 1)
    rows = [
        (f, track, x - 5, y - 20, 10, 20, considered, kind)
        for f, x in zip(frames, xs, strict=True)
        if x is not None
    ]
    return Truth("A", frames, np.array(rows, float), classes)


def told(one):
    return list(happenings(one, SHAPES, size=SIZE, fps=FPS))


def test_a_crossing_is_in_the_first_frame_on_the_other_side():
    assert list(crossings(feet(0.3, 0.4, 0.6, 0.7, 0.4), DOWN)) == [(2, -1), (4, 1)]


def test_who_stands_on_the_line_has_not_crossed_it_yet():
    assert list(crossings(feet(0.4, 0.5, 0.5, 0.4), DOWN)) == []
    assert list(crossings(feet(0.4, 0.5, 0.5, 0.6), DOWN)) == [(3, -1)]


def test_who_goes_round_the_end_of_the_line_has_not_crossed_it():
    assert list(crossings(feet(0.4, 0.6, y=0.9), DOWN)) == []


def test_a_stay_is_the_frames_in_a_row_with_the_foot_inside():
    assert list(stays(feet(0.6, 0.4, 0.6, 0.7, 0.8, 0.4), RIGHT)) == [(0, 1), (2, 3)]
    assert list(stays(feet(0.4), RIGHT)) == []


def test_times_are_seconds_from_the_first_frame():
    one = truth([40, 40, 40, 60, *[60] * 20])
    assert told(one) == [
        Happening("fence", -1, pytest.approx(0.3)),
        Happening("yard", 0, pytest.approx(0.3)),
    ]


@pytest.mark.parametrize(("frames", "counts"), [(6, False), (7, True)])
def test_a_stay_counts_where_it_has_five_frames_at_the_rate_of_pets(frames, counts):
    """That is 0.71 s: seven frames, to the nearest."""
    one = truth([60] * frames + [40] * 20)
    assert [event.counts for event in told(one) if event.rule == "yard"] == [counts]


def test_what_begins_in_the_last_second_does_not_count():
    early, late = truth([40, 60, *[60] * 10]), truth([40, 40, 60, *[60] * 9])
    assert told(early)[0].counts
    assert not told(late)[0].counts


def test_who_is_no_pedestrian_or_not_considered_does_not_count():
    xs = [40, 60, *[60] * 20]
    assert [event.counts for event in told(truth(xs, classes=True))] == [True, True]
    for other in ({"kind": 7}, {"considered": 0}):
        found = told(truth(xs, classes=True, **other))
        assert [event.counts for event in found] == [False, False]
    assert told(truth(xs, classes=True, kind=3)) == []


def test_mot15_tells_no_classes_and_everybody_counts():
    assert all(event.counts for event in told(truth([40, *[60] * 20], kind=-1, considered=0)))


def test_who_stands_below_the_picture_is_inside_a_zone_that_reaches_its_edge():
    assert [event.rule for event in told(truth([60] * 20, y=130))] == ["yard"]


def test_the_grid_has_six_lines_and_nine_cells_that_are_the_picture():
    shapes = grid()
    assert sorted(shapes.lines) == ["x1", "x2", "x3", "y1", "y2", "y3"]
    spots = np.random.default_rng(1).uniform(size=(500, 2))
    held = [inside(spots, np.array(zone)) for zone in shapes.zones.values()]
    assert np.sum(held, axis=0).tolist() == [1] * 500


@pytest.mark.data
@pytest.mark.parametrize("name", ["PETS09-S2L1", "TUD-Stadtmitte", "Venice-2", "KITTI-17"])
def test_the_derived_events_of_the_datasets_are_found_again(name):
    try:
        document = json.loads(dataset("events", "derived_from_mot_gt.json").read_text())
        folder = dataset("mot", "gt", "MOT15", name)
    except SkipBenchmark as reason:
        pytest.skip(str(reason))
    said, size = document[f"MOT15/{name}"], size_of(folder / "seqinfo.ini")
    lines, zones = (
        {key: [(x / size[0], y / size[1]) for x, y in at] for key, at in said[kind].items()}
        for kind in ("lines", "zones")
    )
    one = read_truth(folder / "gt" / "gt.txt", name)
    found = happenings(one, Shapes(lines, zones), size=size, fps=said["fps"])
    events = [
        (it["name"], it.get("dir", 0), it.get("frame", it.get("enter"))) for it in said["events"]
    ]
    assert sorted(
        (one.rule, one.way, round(one.time * said["fps"]) + 1) for one in found
    ) == sorted(events)
