"""The reel: bounded in bytes, in time, and in what it does at once."""

from dataclasses import replace

import numpy as np
import pytest

from edge.events.reel import AT_END, AT_ONCE, Reel
from tests.events.make_exhibits import seen

FULL_HD = (1920, 1080)


class Counting:
    """A clip that notes when each picture came."""

    media_type = "video/webm"

    def __init__(self):
        self.times = []

    def add(self, planes, pts):
        self.times.append(pts)

    def finish(self):
        return b"clip"


def reel_of(clip=None, **options):
    options = {"before_s": 4.0, "after_s": 8.0, "width": 640, "fps": 10.0} | options
    return Reel(lambda _size: clip or Counting(), **options)


def watch(reel, seconds, *, start=0.0, fps=10, **looks):
    for n in range(round(seconds * fps)):
        reel.see(seen(start + n / fps, **looks))
        yield n


def run(reel, seconds, **looks):
    for _ in watch(reel, seconds, **looks):
        pass


@pytest.mark.parametrize("most_bytes", [2**20, 4 * 2**20])
def test_the_bytes_kept_of_large_pictures_are_bounded_also_while_a_clip_is_made(most_bytes):
    reel, largest = reel_of(most_bytes=most_bytes), 0
    run(reel, 2, size=FULL_HD)
    reel.begin(2.0)
    for _ in watch(reel, 2, start=2.0, size=FULL_HD):
        largest = max(largest, reel.size_bytes)
    assert most_bytes / 2 < largest <= most_bytes
    assert reel.dropped > 0


def test_nothing_is_dropped_where_there_is_room():
    reel = reel_of()
    run(reel, 6)
    assert reel.dropped == 0
    assert len(reel._kept) == pytest.approx(40, abs=2)


def test_pictures_kept_are_small_and_their_longer_side_counts():
    for size, shape in ((FULL_HD, (540, 640)), ((1080, 1920), (960, 360))):
        reel = reel_of()
        run(reel, 0.1, size=size)
        assert reel._kept[0].planes.shape == shape


def test_fewer_pictures_are_kept_than_are_analysed():
    reel = reel_of(fps=5.0)
    run(reel, 2, fps=20)
    assert len(reel._kept) == pytest.approx(10, abs=1)


def test_what_came_before_is_encoded_a_few_pictures_at_a_time():
    clip = Counting()
    reel, before = reel_of(clip), 0
    run(reel, 4)
    reel.begin(4.0)
    for _ in watch(reel, 4, start=4.0):
        assert len(clip.times) - before <= AT_ONCE
        before = len(clip.times)
    assert clip.times == sorted(clip.times)
    assert len(clip.times) > 60


def test_a_clip_that_ends_at_once_is_encoded_with_fewer_pictures():
    clip = Counting()
    reel = reel_of(clip)
    run(reel, 5)
    reel.begin(5.0)
    assert reel.finish() == (b"clip", "video/webm")
    assert AT_END / 2 < len(clip.times) <= AT_END
    assert clip.times[-1] - clip.times[0] > 3.5


def test_a_clip_ends_with_its_time():
    reel = reel_of(after_s=1.0)
    run(reel, 2)
    reel.begin(2.0)
    assert not reel.is_over
    run(reel, 1.2, start=2.0)
    assert reel.is_over


def test_a_second_beginning_changes_nothing():
    clip = Counting()
    reel = reel_of(clip, after_s=1.0)
    run(reel, 2)
    reel.begin(2.0)
    run(reel, 0.5, start=2.0)
    reel.begin(2.5)
    run(reel, 0.7, start=2.5)
    assert reel.is_over


def test_a_clip_without_a_picture_does_not_begin():
    reel = reel_of()
    reel.begin(0.0)
    assert not reel.running
    with pytest.raises(ValueError, match="no clip"):
        reel.finish()


def test_what_is_kept_shows_nobody():
    reel = reel_of(width=320)
    run(reel, 0.1)
    body = reel._kept[0].planes[75:145, 142:178].astype(int)
    assert np.abs(np.diff(body, axis=1)).mean() < 8


def test_somebody_who_walks_is_hidden_where_they_go_within_a_second_and_no_farther():
    reel = reel_of(width=320)
    for n in range(30):
        reel.see(seen(n / 10, foot=(100 + 2 * n, 150)))
    for small in (small for small in reel._kept if small.pts <= 1.9):
        at = 100 + 20 * small.pts
        assert small.people[:, 0].min() == pytest.approx(at - 20)
        assert at + 20 <= small.people[:, 2].max() <= at + 40 + 1e-3


@pytest.mark.parametrize("part", [0.5, 0.75, 0.9])
def test_who_is_found_in_part_at_first_is_hidden_from_head_to_foot_in_what_was_kept(part):
    """The legs only, or all but the hair; within a second it is known where the head is."""
    reel = reel_of(width=320)
    whole = seen(0.0)
    x1, y1, x2, y2 = whole.people[0].tolist()
    below = np.array([[x1, y2 - part * (y2 - y1), x2, y2]], np.float32)
    for n in range(9):
        reel.see(replace(seen(n / 10), people=below))
    reel.see(seen(0.9))
    for small in reel._kept:
        head = small.planes[int(y1) : int(y1) + 12, int(x1) : int(x2)].astype(int)
        assert np.abs(np.diff(head, axis=1)).mean() < 8


def test_who_is_found_half_behind_somebody_else_is_hidden_in_what_was_kept():
    reel = reel_of(width=320)
    known = seen(0.0, foot=(140, 150)).people  # half of it is before the other one
    for n in range(9):
        reel.see(replace(seen(n / 10), people=known))
    reel.see(replace(seen(0.9), people=np.vstack((known, seen(0.9).people))))
    for small in reel._kept:
        body = small.planes[75:145, 142:178].astype(int)
        assert np.abs(np.diff(body, axis=1)).mean() < 8
