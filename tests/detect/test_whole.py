"""A whole picture as a network's input, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detect.whole import PADDING, Fit, blank_image, detected
from edge.picture import Still
from tests.detect.make_scene import Painted, found_at, painted

STRETCHED, BOXED = Fit((416, 416), letterbox=False), Fit((416, 416), letterbox=True)
side = st.integers(1, 2000)


def picture(width, height, colour=9):
    return Still(np.full((height, width, 3), colour, np.uint8))


def test_a_blank_image_is_grey():
    image = blank_image((5, 3))
    assert image.shape == (3, 5, 3)
    assert (image == PADDING).all()


def test_a_stretched_picture_fills_the_input():
    assert (STRETCHED.image(picture(100, 50)) == 9).all()


def test_a_letterboxed_picture_keeps_its_ratio_and_lies_top_left():
    image = BOXED.image(picture(832, 416))
    assert image.shape == (416, 416, 3)
    assert (image[:208] == 9).all()
    assert (image[208:] == PADDING).all()


@given(side, side, st.sampled_from([STRETCHED, BOXED]))
def test_any_picture_comes_to_the_size_of_the_input(width, height, fit):
    x, y = fit.scales(width, height)
    assert x * width <= 416 + 1e-6
    assert y * height <= 416 + 1e-6
    assert not fit.letterbox or x == y


@given(
    st.integers(50, 2000),
    st.integers(50, 2000),
    st.sampled_from([STRETCHED, BOXED]),
    st.tuples(*[st.floats(0, 0.5)] * 2, *[st.floats(0.1, 0.5)] * 2),
)
def test_what_is_found_in_the_input_is_where_it_is_in_the_picture(width, height, fit, box):
    x, y, w, h = box
    right, bottom = (
        max(1, round(side * scale))
        for side, scale in zip((width, height), fit.scales(width, height), strict=True)
    )
    on_input = (x * right, y * bottom, (x + w) * right, (y + h) * bottom)
    back = fit.to_picture(found_at(on_input), picture(width, height)).xyxy
    there = [[x * width, y * height, (x + w) * width, (y + h) * height]]
    assert back == pytest.approx(np.array(there), rel=1e-4, abs=1e-2)


def test_boxes_are_cut_off_at_the_edges_and_those_outside_left_out():
    found = found_at((-20, 0, -10, 10), (416, 0, 450, 10), (396, -5, 450, 10), (0, 0, 416, 416))
    back = STRETCHED.to_picture(found, picture(208, 104)).xyxy
    assert back == pytest.approx(np.array([[198, 0, 208, 2.5], [0, 0, 208, 104]]))


def test_what_is_found_in_the_padding_is_left_out():
    found = found_at((100, 300, 200, 400), (100, 100, 200, 300))
    back = BOXED.to_picture(found, picture(832, 416)).xyxy
    assert back == pytest.approx(np.array([[200, 200, 400, 416]]))


@pytest.mark.parametrize("fit", [STRETCHED, BOXED])
def test_whole_pictures_are_detected_in_their_order(fit):
    boxes = [[(40, 50, 80, 120)], [], [(300, 200, 340, 300), (10, 10, 60, 60)]]
    pictures = [Still(painted((640, 360), one)) for one in boxes]
    found = detected(Painted().infer, fit, pictures)
    for one, wanted in zip(found, boxes, strict=True):
        assert np.sort(one.xyxy, axis=0) == pytest.approx(
            np.sort(np.array(wanted, np.float32).reshape(-1, 4), axis=0), abs=2
        )
