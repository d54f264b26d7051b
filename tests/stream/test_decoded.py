"""What is made of a decoded frame, against the plain way."""

import av
import cv2
import numpy as np
import pytest

from edge.stream.decoded import Decoded, Scalers

WIDTH, HEIGHT = 322, 242  # no multiple of what decoders align lines to


def scene():
    """Soft shapes in colour: what survives the coarse colour of video."""
    noise = np.random.default_rng(3).integers(0, 256, (8, 10, 3), np.uint8)
    return cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def decoded(image=None, *, pixels="yuv420p"):
    image = scene() if image is None else image
    frame = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format=pixels)
    return Decoded(frame, Scalers())


def apart(one, two):
    return np.abs(one.astype(int) - two.astype(int)).mean()


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv422p", "nv12"])
def test_the_whole_picture_is_made_once(pixels):
    picture = decoded(pixels=pixels)

    assert (picture.width, picture.height) == (WIDTH, HEIGHT)
    assert apart(picture.bgr(), scene()) < 4
    assert picture.bgr() is picture.bgr()


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv422p"])
def test_brightness_is_that_of_the_colours(pixels):
    gray = cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY)

    small = decoded(pixels=pixels).luma(80, 60)

    assert apart(small, cv2.resize(gray, (80, 60), interpolation=cv2.INTER_AREA)) < 3


def test_black_is_0_and_white_is_255():
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:, WIDTH // 2 :] = 255

    luma = decoded(image).luma(40, 30)

    assert luma[:, :15].max() <= 1
    assert luma[:, 25:].min() >= 254


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p"])
@pytest.mark.parametrize("region", [(40, 20, 140, 120), (41, 21, 140, 119), (200, 100, 322, 242)])
def test_a_region_is_cut_and_scaled_in_one(pixels, region):
    x1, y1, x2, y2 = region
    part = scene()[y1:y2, x1:x2]

    assert apart(decoded(pixels=pixels).bgr(region=region), part) < 6
    small = decoded(pixels=pixels).bgr(region=region, size=(50, 50))
    assert small.shape == (50, 50, 3)
    assert apart(small, cv2.resize(part, (50, 50), interpolation=cv2.INTER_AREA)) < 6


def test_a_scaled_picture_is_an_array_of_its_own():
    picture = decoded()

    one, two = picture.bgr(size=(64, 48)), picture.bgr(size=(64, 48))

    assert not np.shares_memory(one, two)
    assert one.flags.writeable
    assert one.flags.c_contiguous


def test_the_decoders_frame_is_never_written_to():
    picture = decoded()
    before = picture.bgr(size=(64, 48))

    picture.bgr()[:] = 0
    picture.luma(64, 48)[:] = 0

    assert np.array_equal(picture.bgr(size=(64, 48)), before)
