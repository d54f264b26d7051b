"""Pictures at another size."""

import cv2
import numpy as np
import pytest

from edge.picture import Still, averaged, scaled

SIZES = [(768, 576), (767, 575), (384, 288), (480, 270), (192, 144), (100, 100)]
NARROW = [(700, 60), (31, 500)]


def picture(width=768, height=576, channels=None):
    """Smooth shapes and sharp edges, a little noise."""
    random = np.random.default_rng(1)
    small = random.integers(0, 255, (height // 24, width // 24, *([channels] if channels else [])))
    large = cv2.resize(small.astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    large[height // 3 : height // 2, width // 4 : width // 3] = 240
    return (large + random.normal(0, 3, large.shape)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("channels", [None, 3])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_averages_are_those_of_areas(size, channels):
    image = picture(channels=channels)
    wanted = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(int)
    found = averaged(image, size)
    assert found.shape == wanted.shape
    assert found.dtype == np.uint8
    assert np.abs(found - wanted).mean() < 1.5
    assert abs(found.mean() - wanted.mean()) < 0.5


@pytest.mark.parametrize("size", SIZES + NARROW, ids=str)
def test_noise_is_averaged_away_as_by_areas(size):
    noise = np.random.default_rng(2).integers(0, 255, (576, 768)).astype(np.uint8)
    wanted = cv2.resize(noise, size, interpolation=cv2.INTER_AREA)
    assert averaged(noise, size).std() == pytest.approx(wanted.std(), rel=0.25, abs=2)


@pytest.mark.parametrize("channels", [None, 3])
def test_half_as_high_is_the_mean_of_two_lines_to_the_bit(channels):
    image = picture(channels=channels)
    wanted = cv2.resize(image, (768, 288), interpolation=cv2.INTER_AREA)
    assert np.array_equal(averaged(image, (768, 288)), wanted)


def test_an_average_is_an_array_of_its_own():
    image = picture()
    same = averaged(image, (768, 576))
    same[:] = 0
    assert image.any()


def test_what_grows_is_interpolated():
    image = picture(96, 72)
    wanted = cv2.resize(image, (200, 150), interpolation=cv2.INTER_LINEAR)
    assert np.array_equal(scaled(image, (200, 150)), wanted)


def test_a_part_of_a_picture_is_that_part_alone():
    image = picture(channels=3)
    part = Still(image).bgr(region=(100, 60, 400, 360), size=(150, 100))
    assert np.array_equal(part, scaled(image[60:360, 100:400], (150, 100)))
