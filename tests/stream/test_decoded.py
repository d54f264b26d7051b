"""What is made of a decoded frame, against the plain way."""

import av
import cv2
import numpy as np
import pytest

from edge.stream.decoded import BT709, FULL_RANGE, Decoded, Scalers, to_bgr

WIDTH, HEIGHT = 322, 242  # no multiple of what decoders align lines to


def scene():
    """Soft shapes in colour: what survives the coarse colour of video."""
    noise = np.random.default_rng(3).integers(0, 256, (8, 10, 3), np.uint8)
    return cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def decoded(image=None, *, pixels="yuv420p", colorspace=None):
    image = scene() if image is None else image
    frame = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(
        format=pixels, dst_colorspace=colorspace
    )
    if colorspace is not None:
        frame.colorspace = colorspace
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


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p"])
@pytest.mark.parametrize("colorspace", [None, BT709, 5])
@pytest.mark.parametrize(
    "region",
    [(0, 0, 100, 80), (41, 21, 140, 119), (300, 221, 322, 242), (7, 0, 8, 242), (4, 8, 5, 9)],
)
def test_a_region_is_what_the_whole_picture_shows_there(pixels, colorspace, region):
    picture = decoded(pixels=pixels, colorspace=colorspace)
    x1, y1, x2, y2 = region
    part = picture.bgr(region=region)
    assert part.shape == (y2 - y1, x2 - x1, 3)
    assert apart(part, picture.bgr()[y1:y2, x1:x2]) < 3


def test_the_colours_of_hd_are_told_from_those_of_sd():
    """Of the same numbers, BT.709 and BT.601 make other colours, in a region as in the whole."""
    sd, hd = decoded(), decoded()
    hd._frame.colorspace = BT709
    region = (40, 20, 140, 120)
    assert apart(sd.bgr(region=region), hd.bgr(region=region)) > 5
    assert apart(hd.bgr(region=region), hd.bgr()[20:120, 40:140]) < 3


@pytest.mark.parametrize("size", [(50, 30), (300, 280), (25, 40), (100, 50)])
def test_a_region_has_the_size_asked_for_and_the_same_colours(size):
    picture, region = decoded(), (40, 20, 140, 120)
    part = picture.bgr(region=region, size=size)
    assert part.shape == (size[1], size[0], 3)
    wanted = cv2.resize(picture.bgr()[20:120, 40:140], size, interpolation=cv2.INTER_AREA)
    assert apart(part, wanted) < 6


def test_a_region_is_an_array_of_its_own():
    picture, region = decoded(), (40, 20, 140, 120)
    one = picture.bgr(region=region)
    before = one.copy()
    picture.bgr(region=region)[:] = 0
    assert one.flags.writeable
    assert one.flags.c_contiguous
    assert np.array_equal(picture.bgr(region=region), before)


@pytest.mark.parametrize(("colorspace", "red"), [(BT709, 63), (5, 81), (2, 81), (6, 81)])
def test_primary_colours_come_from_the_numbers_of_the_standards(colorspace, red):
    """Y of pure red in video range; ITU-R BT.709 and BT.601, table 3 of each."""
    matrix = to_bgr(colorspace, False)
    kr = 0.2126 if colorspace == BT709 else 0.299
    kb = 0.0722 if colorspace == BT709 else 0.114
    assert round(16 + 219 * kr) == red
    cases = {(255, 255, 255): (235, 128, 128), (0, 0, 0): (16, 128, 128)}
    cases[0, 0, 255] = 16 + 219 * kr, 128 - 112 * kr / (1 - kb), 240
    cases[255, 0, 0] = 16 + 219 * kb, 240, 128 - 112 * kb / (1 - kr)
    for bgr, yuv in cases.items():
        assert matrix @ [*yuv, 1] == pytest.approx(bgr, abs=0.1)


def test_in_full_range_black_is_0_and_white_255():
    matrix = to_bgr(5, True)
    assert matrix @ [0, 128, 128, 1] == pytest.approx([0, 0, 0], abs=0.01)
    assert matrix @ [255, 128, 128, 1] == pytest.approx([255, 255, 255], abs=0.01)


def test_a_frame_that_says_so_is_of_full_range():
    picture = decoded(pixels="yuv420p")
    narrow = picture.bgr(region=(40, 20, 140, 120))
    picture._frame.color_range = FULL_RANGE
    assert apart(picture.bgr(region=(40, 20, 140, 120)), narrow) > 5


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
