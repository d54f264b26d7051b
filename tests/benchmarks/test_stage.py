"""Recordings as they are staged: every n-th frame, and a case that is there for a while."""

import numpy as np

from benchmarks.stage import Case, Staged
from edge.stream import source_for
from tests.stream.make_clip import HEIGHT, WIDTH, write_clip

CASE = Case((0.25, 0.25, 0.5, 0.75), since=1.0, until=2.0)


def recording(folder):
    clip = write_clip(folder / "clip.mp4", pictures=30, fps=10)
    return source_for("gate", str(clip), realtime=False, frame_rate=None, start=0.0)


def test_every_third_frame_is_let_through(tmp_path):
    frames = [*Staged(recording(tmp_path), every=3).frames(0)]
    assert [frame.index for frame in frames] == [*range(0, 30, 3)]


def test_the_case_is_there_for_its_time_and_in_its_place(tmp_path):
    plain = [frame.picture.bgr() for frame in recording(tmp_path).frames(0)]
    staged = [frame.picture.bgr() for frame in Staged(recording(tmp_path), case=CASE).frames(0)]
    changed = [(a != b).any(axis=2) for a, b in zip(plain, staged, strict=True)]
    assert [index for index, one in enumerate(changed) if one.any()] == [*range(10, 20)]
    x1, x2 = WIDTH // 4, WIDTH // 2
    y1, y2 = HEIGHT // 4, 3 * HEIGHT // 4
    assert changed[10][y1 + (y2 - y1) // 2 : y2, x1:x2].mean() > 0.9
    rows, columns = np.nonzero(changed[10])
    slack = HEIGHT // 10  # its shade, a little beside and below
    assert y1 - slack <= rows.min() <= rows.max() <= y2 + slack
    assert x1 - slack <= columns.min() <= columns.max() <= x2 + slack
