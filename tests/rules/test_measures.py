"""Compiled loops measure what NumPy measures, bit for bit."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as some

from edge.rules import arrays, loops
from edge.rules.measures import measures
from edge.rules.shapes import edges_of, parts_of

UNIT = st.floats(0, 1, width=32)
SIZES = st.tuples(st.integers(1, 4096), st.integers(1, 4096))
NO_AREAS, NO_LINES = edges_of([]), parts_of([])
GROUND = np.array([[3.1, 0.4, -2.0], [0.2, -5.7, 9.0], [0.05, 0.9, 0.3]])


def points(least, most):
    shapes = st.tuples(st.integers(least, most), st.just(2))
    return shapes.flatmap(lambda shape: some(np.float32, shape, elements=UNIT))


def same(ours, theirs):
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(ours, theirs)


@pytest.fixture(autouse=True)
def _told_when_wrong():
    with np.errstate(all="ignore"):
        yield


@settings(deadline=None, max_examples=200)
@given(points(0, 12), points(0, 12), SIZES)
def test_feet_and_heights(corner, other, size):
    rows = min(len(corner), len(other))
    xyxy = (np.hstack((corner[:rows], other[:rows])) * 1.2 - 0.1) * np.float32(max(size))
    measured = loops.stand(xyxy, size, GROUND), arrays.stand(xyxy, size, GROUND)
    for ours, theirs in zip(*measured, strict=True):
        same(ours, theirs)


@settings(deadline=None, max_examples=200)
@given(points(0, 12), st.lists(points(3, 7), min_size=1, max_size=5))
def test_who_is_held(feet, polygons):
    table = edges_of([one.astype(np.float64) for one in polygons])
    same(loops.survey(feet, 1.0, *table, *NO_LINES)[0], arrays.hold(feet, *table))


@settings(deadline=None, max_examples=300)
@given(points(0, 12), st.lists(points(2, 6), min_size=1, max_size=5), st.floats(0.3, 3))
def test_sides_and_distances(feet, lines, aspect):
    drawn = [one.astype(np.float64) for one in lines if np.diff(one, axis=0).any(axis=1).all()]
    if drawn:
        table = parts_of(drawn)
        measured = loops.survey(feet, aspect, *NO_AREAS, *table)[1:]
        for ours, theirs in zip(measured, arrays.divide(feet, aspect, *table), strict=True):
            same(ours, theirs)


@settings(deadline=None, max_examples=200)
@given(points(0, 12), st.lists(points(3, 7), max_size=3), st.lists(points(2, 6), max_size=3), SIZES)
def test_areas_and_lines_at_once(feet, polygons, lines, size):
    drawn = [one.astype(np.float64) for one in lines if np.diff(one, axis=0).any(axis=1).all()]
    edges, parts = edges_of([one.astype(np.float64) for one in polygons]), parts_of(drawn)
    aspect, none = size[0] / size[1], np.zeros((0, len(feet)))
    side, away = arrays.divide(feet, aspect, *parts) if drawn else (none.astype(np.int64), none)
    held = arrays.hold(feet, *edges) if polygons else none.astype(np.bool_)
    for found in (loops, arrays):
        for ours, theirs in zip(
            found.survey(feet, aspect, *edges, *parts), (held, side, away), strict=True
        ):
            same(ours, theirs)


@given(points(0, 12))
def test_places_on_the_ground(feet):
    stood, _, ours = loops.stand(np.hstack((feet, feet)), (1, 1), GROUND)
    same(ours, arrays.locate(stood, GROUND))
    _, _, beyond = loops.stand(np.full((1, 4), 0.5, np.float32), (1, 1), -GROUND)
    assert np.isnan(beyond).all()


@settings(deadline=None, max_examples=200)
@given(points(1, 1), points(3, 7), st.floats(0.3, 3))
def test_the_distance_from_a_border(foot, corners, aspect):
    if (corners != np.roll(corners, -1, axis=0)).any(axis=1).all():
        (one,), (edges, _) = foot.tolist(), edges_of([corners.astype(np.float64)])
        assert loops.depth(one, aspect, edges) == arrays.depth(one, aspect, edges)


@settings(deadline=None, max_examples=200)
@given(points(0, 12), points(0, 12), SIZES)
def test_lower_edges_on_the_ground(corner, other, size):
    rows = min(len(corner), len(other))
    xyxy = np.hstack((corner[:rows], other[:rows])) * np.float32(max(size))
    same(loops.span(xyxy, size, GROUND), arrays.span(xyxy, size, GROUND))


@settings(deadline=None, max_examples=200)
@given(points(0, 12), points(0, 12), SIZES, st.data())
def test_distances_on_the_ground(corner, other, size, data):
    count = min(len(corner), len(other))
    xyxy = np.hstack((corner[:count], other[:count])) * np.float32(max(size))
    feet = arrays.stand(xyxy, size, None)[0]
    chosen = data.draw(st.lists(st.sampled_from(range(count)), unique=True)) if count else []
    rows = np.array(chosen, np.int64)
    ours = loops.apart(xyxy, feet, size, GROUND, rows)
    same(ours, arrays.apart(xyxy, feet, size, GROUND, rows))


def test_where_numba_is_the_loops_are_used():
    assert measures().NAME == "compiled"


def test_without_numba_numpy_goes_on():
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from edge.rules.measures import measures; print(measures().NAME)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "numpy\n"


def test_what_was_compiled_and_is_damaged_is_done_without(tmp_path):
    code = "from edge.rules.measures import measures; print(measures().NAME)"
    env = {"FENCELINE_CACHE": str(tmp_path), "PATH": "/usr/bin"}

    def name():
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
        )
        return run.stdout

    assert name() == "compiled\n"
    kept = [*tmp_path.rglob("*.nbi"), *tmp_path.rglob("*.nbc")]
    assert kept
    for file in kept:
        file.write_bytes(b"rubbish")
    assert name() == "numpy\n"
