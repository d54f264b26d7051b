"""Paths are short, bounded, keep their shape, and are gone when their track is."""

import numpy as np
import pytest

from edge.track.paths import MOST, MOST_GAPS, MOST_RECENT, SPARE, Paths
from edge.types import Gap, Past, Tracks
from tests.make import HEIGHT, WIDTH, frame, tracks


def walk(feet, *, track=7, fps=10):
    paths = Paths()
    for index, foot in enumerate(feet):
        paths.update(tracks({track: foot}), frame(index, fps=fps))
    return paths.path(track)


def told(feet, *, past=None, split=None, ended=()):
    """Tracks with what is told afterwards: `past` has pts and feet by id."""
    now = tracks(feet, ended=ended)
    before = {
        one: Past(np.array(times, float), tracks(dict(enumerate(places))).xyxy)
        for one, (times, places) in (past or {}).items()
    }
    columns = (now.id, now.xyxy, now.score, now.class_id, now.velocity, now.ended)
    return Tracks(*columns, past=before, split=split or {})


def played(*steps):
    """Paths of what is told at each of these times."""
    paths = Paths()
    for pts, one in steps:
        paths.update(one, frame(pts=pts))
    return paths


def xs(paths, track):
    return [(point.pts, round(point.x * WIDTH)) for point in paths.path(track)]


def off(points, y):
    """How far the path is from the level y, root mean square, pixels; without its newest end."""
    return np.sqrt(np.mean([(point.y * HEIGHT - y) ** 2 for point in points[:-10]]))


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


@pytest.mark.parametrize(("fps", "factor"), [(7, 1.4), (10, 1.6), (25, 2.0)])
def test_a_path_is_smoother_than_what_was_measured(fps, factor):
    measured = np.random.default_rng(3).normal(50, 0.04 * 20, (20, 60))
    paths = [walk([(10 + 3 * i, y) for i, y in enumerate(one)], fps=fps) for one in measured]
    assert {len(path) for path in paths} == {60}
    jitter = np.sqrt(np.mean((measured[:, :-10] - 50) ** 2))
    assert np.sqrt(np.mean([off(path, 50) ** 2 for path in paths])) < jitter / factor


def test_a_corner_stays_sharp_where_boxes_jitter():
    random = np.random.default_rng(4)
    way = [(20 + 2 * i, 20) for i in range(40)] + [(100, 20 + 2 * i) for i in range(1, 35)]
    path = walk([np.array(foot) + random.normal(0, 0.4, 2) for foot in way])
    away = [min(np.hypot(p.x * WIDTH - x, p.y * HEIGHT - y) for x, y in way) for p in path]
    assert max(away) < 2


def test_a_path_tells_the_ground_it_went_over():
    paths = Paths(np.diag((10.0, 20.0, 1.0)))
    paths.update(tracks({7: (100, 50)}), frame(0))
    assert [point.ground for point in paths.path(7)] == [(5, 10)]


def test_a_path_tells_no_ground_beyond_the_horizon():
    paths = Paths(np.array([[10.0, 0, 0], [0, 10, 0], [0, 1, -0.5]]))
    paths.update(tracks({7: (100, 40), 8: (100, 100)}), frame(0))
    assert paths.path(7)[0].ground is None
    assert paths.path(8)[0].ground is not None


def test_a_path_begins_where_the_object_was_first_measured():
    paths = played((0.3, told({7: (50, 50)}, past={7: ([0.1, 0.2], [(30, 50), (40, 50)])})))
    assert xs(paths, 7) == [(0.1, 30), (0.2, 40), (0.3, 50)]
    assert paths.gaps(7) == ()


def test_who_is_not_seen_for_long_leaves_a_gap():
    paths = played(*[(pts, tracks({7: (20 + 10 * pts, 50)})) for pts in (0, 0.5, 1.1, 1.3, 2.5)])
    assert paths.gaps(7) == (Gap(0.5, 1.1), Gap(1.3, 2.5))


def test_who_is_found_again_was_on_the_way_before():
    paths = played(
        (0.0, told({7: (20, 50)})),
        (0.1, told({7: (30, 50)})),
        (1.2, told({7: (80, 50)}, past={7: ([1.0, 1.1], [(60, 50), (70, 50)])})),
    )
    assert xs(paths, 7) == [(0.0, 20), (0.1, 30), (1.0, 60), (1.1, 70), (1.2, 80)]
    assert paths.gaps(7) == (Gap(0.1, 1.0),)


def test_a_short_gap_is_told_where_somebody_new_was_taken_for_the_lost_one():
    paths = played(
        (0.0, told({7: (20, 50)})),
        (0.3, told({7: (50, 50)}, past={7: ([0.2], [(40, 50)])})),
    )
    assert paths.gaps(7) == (Gap(0.0, 0.2),)


LINKED = (
    (0.0, told({7: (20, 50)})),
    (0.1, told({7: (30, 50)})),
    (1.1, told({7: (180, 50)}, past={7: ([1.0], [(190, 50)])})),  # taken for 7
    (2.0, told({7: (100, 50)})),
)


def test_who_was_another_takes_along_what_came_since_the_link():
    third = {7: ([1.8, 2.0], [(100, 90), (110, 90)])}
    paths = played(*LINKED, (2.1, told({7: (120, 90), 8: (90, 50)}, past=third, split={7: 8})))
    assert xs(paths, 7) == [(0.0, 20), (0.1, 30), (1.8, 100), (2.0, 110), (2.1, 120)]
    assert paths.gaps(7) == (Gap(0.1, 1.8),)
    assert xs(paths, 8) == [(1.0, 190), (1.1, 180), (2.0, 100), (2.1, 90)]
    assert paths.gaps(8) == (Gap(1.1, 2.0),)


def test_who_was_another_is_not_who_was_lost_any_more():
    third = {7: ([1.8], [(100, 90)])}
    paths = played(*LINKED, (2.1, told({7: (120, 90), 8: (90, 50)}, past=third, split={7: 8})))
    paths.update(told({7: (125, 90), 9: (85, 50)}, past={7: ([2.15], [(122, 90)])}), frame(pts=2.2))
    assert paths.path(8)[-1].pts == 2.1
    assert paths.gaps(7)[-1] == Gap(2.1, 2.15)


def test_a_split_of_somebody_unknown_leaves_nothing():
    assert played((0.0, told({8: (20, 50)}, split={7: 8}))).path(7) == ()


def test_speed_is_of_the_steps_since_the_gap():
    paths = played(
        *[(i / 10, tracks({7: (20 + i, 50)})) for i in range(10)],
        *[(2 + i / 10, tracks({7: (60 + 2 * i, 50)})) for i in range(5)],
    )
    assert paths.motion(7).speed == pytest.approx(0.2)
    assert paths.motion(8) is None


def test_a_day_leaves_no_more_than_its_tracks_are_allowed():
    paths, random = Paths(), np.random.default_rng(5)
    for index in range(100_000):
        visitor = 10 + index // 100  # stays for 10 s
        feet = {1: (100 + 90 * np.cos(index / 50), 50 + 40 * np.sin(index / 70)), visitor: (9, 50)}
        if random.random() < 0.05 or index % 500 < 20:
            del feet[1]
        gone = [visitor - 1] if index % 100 == 0 else []
        paths.update(tracks(feet, ended=gone), frame(index))
        paths.forget(np.array(gone, np.int64))
    assert len(paths._ways) == 2
    way = paths._ways[1]
    assert (len(paths.path(1)), len(way.gaps), len(way.recent)) == (MOST, MOST_GAPS, 11)
    assert MOST <= len(way.path) <= MOST + SPARE
    assert len(way.recent) <= MOST_RECENT


def test_a_fast_camera_fills_no_more_than_its_share():
    paths = Paths()
    for index in range(200):
        paths.update(tracks({7: (20, 50)}), frame(index, fps=100))
    assert len(paths._ways[7].recent) == MOST_RECENT


def test_a_forgotten_track_leaves_nothing():
    paths = Paths()
    for index in (0, 10):
        paths.update(tracks({7: (20, 50)}), frame(index))
    paths.forget(np.array([7, 8]))
    assert (paths.path(7), paths.gaps(7), paths.motion(7)) == ((), (), None)


def test_a_way_that_is_given_away_leaves_no_corner_behind():
    """B turned after C began; C takes A's place, and his first steps come before that turn."""
    paths = Paths()
    for index in range(10):
        paths.update(tracks({1: (20 + 4 * index, 50)}), frame(index))
    paths.update(told({1: (68, 50)}, past={1: ([1.1], [(64, 50)])}), frame(12))
    for index in range(13, 20):
        paths.update(tracks({1: (68, 50 - 6 * (index - 13))}), frame(index))
    past = [1.3, 1.4, 1.5, 1.6], [(60 + 4 * step, 50) for step in range(4)]
    paths.update(told({1: (80, 50), 2: (68, 8)}, past={1: past}, split={1: 2}), frame(20))
    assert paths.path(1)[-1].pts == paths.path(2)[-1].pts == 2.0
