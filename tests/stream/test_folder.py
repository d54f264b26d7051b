"""A folder of images."""

import cv2
import numpy as np
import pytest

from edge.errors import StreamError
from edge.stream import source_for
from edge.types import Clock
from tests.stream.make_clip import first


@pytest.fixture
def folder(tmp_path):
    for number in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f"shot{number}.png"), np.full((20, 30, 3), number, np.uint8))
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def read(path, **options):
    return source_for("gate", str(path), **({"realtime": False, "start": 1000.0} | options))


def test_images_come_in_the_order_of_their_numbers(folder):
    frames = list(read(folder).frames(3))

    assert [int(frame.image[0, 0, 0]) for frame in frames] == [1, 2, 10]
    assert [frame.time for frame in frames] == [1000, 1001, 1002]
    assert {(frame.clock, frame.session) for frame in frames} == {(Clock.FILE, 3)}


def test_the_rate_can_be_told(folder):
    assert [frame.pts for frame in read(folder, frame_rate=4).frames(0)] == [0, 0.25, 0.5]


def test_an_image_that_is_damaged_is_counted_and_left_out(folder):
    (folder / "shot3.jpg").write_bytes(b"\xff\xd8\xff no image")
    source = read(folder)

    assert len(list(source.frames(0))) == 3
    assert source.damaged == 1


def test_a_loop_goes_on_with_rising_pts(folder):
    frames = first(read(folder, loop=True).frames(0), 7)

    assert [frame.pts for frame in frames] == list(range(7))


@pytest.mark.parametrize("loop", [True, False])
def test_a_folder_without_images_says_what_to_do(tmp_path, loop):
    with pytest.raises(StreamError, match="holds no image that can be read; put images in it"):
        list(read(tmp_path, loop=loop).frames(0))
