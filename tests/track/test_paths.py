"""Paths are short, bounded, keep their shape, and are gone when their track is."""

import numpy as np
import pytest

from edge.track.paths import MOST, Paths
from tests.make import frame, tracks


def walk(feet, *, track=7):
    paths = Paths()
    for index, foot in enumerate(feet):
        paths.update(tracks({track: foot}), frame(index))
    return paths.path(track)


def test_a_path_is_the_foot_points_oldest_first():
    path = walk([(20 + 10 * i, 50) for i in range(3)])
    assert [(p.x, p.y, p.pts) for p in path] == [(0.1, 0.5, 0.0), (0.15, 0.5, 0.1), (0.2, 0.5, 0.2)]


def test_a_path_stays_in_the_picture():
    assert [(p.x, p.y) for p in walk([(-50, 50), (300, 130)])] == [(0, 0.5), (1, 1)]


def test_a_long_path_is_bounded_and_keeps_both_ends():
    path = walk([(100 + 90 * np.cos(i / 9), 50 + 40 * np.sin(i / 7)) for i in range(1000)])
    assert len(path) == MOST
    assert (path[0].pts, path[-1].pts) == (0.0, 99.9)
    assert [p.pts for p in path] == sorted({p.pts for p in path})


def test_who_stands_still_keeps_the_way_that_led_there():
    way = [(10 + 2 * i, 20 + i) for i in range(50)]
    standing = [(108 + i % 2, 69) for i in range(3000)]
    path = walk(way + standing)
    assert 48 <= len(path) <= 52
    assert path[-1].pts == pytest.approx(304.9)


def test_a_path_keeps_its_corners_and_the_place_where_it_turned_back():
    there = [(10 + i, 10) for i in range(180)] + [(190, 10 + i) for i in range(80)]
    path = walk(there + there[::-1])
    assert len(path) <= MOST
    for x, y in ((0.05, 0.1), (0.95, 0.1), (0.95, 0.89)):
        assert min(abs(p.x - x) + abs(p.y - y) for p in path) < 0.011


def test_a_path_keeps_a_small_step_aside_rather_than_a_straight_line():
    there = [(10 + 4 * i, 50) for i in range(45)]
    aside = [(190, 50), (190, 48.8), (190, 50)]
    path = walk(there + aside + there[::-1])
    assert len(path) <= MOST
    assert (0.95, 0.488) in {(p.x, p.y) for p in path}


def test_paths_do_not_mix():
    paths = Paths()
    for index in range(3):
        paths.update(tracks({1: (20, 50), 2: (150, 80)}), frame(index))
    assert {p.x for p in paths.path(1)} == {0.1}
    assert {p.x for p in paths.path(2)} == {0.75}


def test_a_forgotten_track_leaves_nothing():
    paths = Paths()
    paths.update(tracks({7: (20, 50)}), frame(0))
    paths.forget(np.array([7, 8]))
    assert paths.path(7) == ()
