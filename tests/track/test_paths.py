"""Paths are short, bounded, and gone when their track is."""

from edge.track.paths import MOST, Paths
from tests.make import frame, tracks


def test_a_path_is_foot_points_of_the_picture_oldest_first():
    paths = Paths()
    for index in range(3):
        paths.update(tracks({7: (20 + 10 * index, 50)}), frame(index))
    assert [(p.x, p.y, p.pts) for p in paths.path(7)] == [
        (0.1, 0.5, 0.0),
        (0.15, 0.5, 0.1),
        (0.2, 0.5, 0.2),
    ]


def test_a_long_path_is_thinned_out_and_keeps_both_ends():
    paths = Paths()
    for index in range(1000):
        paths.update(tracks({7: (index % 200, 50)}), frame(index))
    path = paths.path(7)
    assert len(path) <= MOST
    assert (path[0].pts, path[-1].pts) == (0.0, 99.9)
    assert [p.pts for p in path] == sorted({p.pts for p in path})


def test_an_ended_track_leaves_nothing():
    paths = Paths()
    paths.update(tracks({7: (20, 50)}), frame(0))
    paths.update(tracks(ended=[7]), frame(1))
    assert paths.path(7) == ()
