"""From objects to the parts of a picture: nothing is left out, nothing is shown too small."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detect.regions import BROAD_LEAST, SMALL, TALL, ZOOM_LEAST, Look, looks
from edge.detect.whole import Fit
from edge.geometry import area, overlap

FITS = [Fit((416, 416), letterbox=False), Fit((416, 416), letterbox=True)]
PICTURES = [(1920, 1080), (640, 360), (352, 288), (100, 300), (3840, 2160)]
part = st.floats(-0.1, 1.0)
size = st.floats(0.002, 0.5)
objects = st.lists(st.tuples(part, part, size, size), max_size=12)


def looked(boxes, picture=(1920, 1080), fit=FITS[0], **options):
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    return looks(xyxy, picture, fit.scales(*picture), fit.size, **options)


def heights(found, box):
    """How tall this box is on the canvas, for each look."""
    return [(box[3] - box[1]) * one.size[1] / (one.region[3] - one.region[1]) for one in found]


def test_without_objects_there_is_nothing_to_look_at():
    assert looked([]) == []


@given(st.sampled_from(FITS), st.sampled_from(PICTURES), objects, st.booleans())
def test_every_object_is_in_a_part_with_what_surrounds_it(fit, picture, rows, native):
    wide, high = picture
    boxes = np.array(
        [(x * wide, y * high, (x + w) * wide, (y + h) * high) for x, y, w, h in rows], np.float32
    ).reshape(-1, 4)
    found = looked(boxes, picture, fit, native=native)
    visible = boxes.clip(0, [wide, high, wide, high])
    visible = visible[((visible[:, 2:] - visible[:, :2]) > 1).all(axis=1)]
    regions = np.array([one.region for one in found], np.float32).reshape(-1, 4)
    around = (
        (visible + np.float32([-9, -9, 9, 9])).clip(0, [wide, high, wide, high]).astype(np.float32)
    )
    whole = overlap(around, regions) >= area(around)[:, None] * 0.999
    assert whole.any(axis=1).all()


@given(st.sampled_from(FITS), st.sampled_from(PICTURES), objects)
def test_parts_are_in_the_picture_and_fit_on_a_canvas(fit, picture, rows):
    wide, high = picture
    boxes = [(x * wide, y * high, (x + w) * wide, (y + h) * high) for x, y, w, h in rows]
    for one in looked(boxes, picture, fit):
        x1, y1, x2, y2 = one.region
        assert 0 <= x1 < x2 <= wide
        assert 0 <= y1 < y2 <= high
        assert 2 <= one.size[0] <= fit.size[0]
        assert 2 <= one.size[1] <= fit.size[1]


def test_what_left_the_picture_is_not_looked_for():
    assert looked([(2000, 100, 2050, 200), (-80, 100, -20, 200)]) == []


def test_neighbours_share_a_part_and_strangers_do_not():
    near = looked([(100, 100, 140, 200), (150, 100, 190, 200)])
    far = looked([(100, 100, 140, 200), (1500, 800, 1540, 900)])
    assert len(near) == 1
    assert len(far) == 2


def test_what_is_inside_another_costs_nothing():
    alone = looked([(400, 400, 800, 900)])
    both = looked([(400, 400, 800, 900), (500, 500, 700, 880)])
    assert [one.region for one in both] == [one.region for one in alone]


def test_no_two_parts_would_be_cheaper_as_one():
    random = np.random.default_rng(2)
    corner = random.uniform(0, 1000, (40, 2))
    found = looked(np.hstack((corner, corner + random.uniform(10, 120, (40, 2)))))
    regions = np.array([one.region for one in found], np.float32)
    low = np.minimum(regions[:, None, :2], regions[None, :, :2])
    high = np.maximum(regions[:, None, 2:], regions[None, :, 2:])
    joined = (high - low).prod(axis=2)
    np.fill_diagonal(joined, np.inf)
    assert len(found) > 3
    assert (joined > 0.95 * (area(regions)[:, None] + area(regions)[None])).all()


def test_a_small_object_is_enlarged_as_far_as_the_picture_has_pixels():
    middling, tiny = (500, 500, 520, 540), (500, 500, 504, 508)
    assert heights(looked([middling]), middling)[0] == pytest.approx(SMALL, abs=1)
    assert heights(looked([tiny], (1920, 1080)), tiny)[0] == pytest.approx(
        8 * FITS[0].scales(1920, 1080)[1] / max(FITS[0].scales(1920, 1080)), abs=0.5
    )


def test_a_picture_smaller_than_the_input_is_not_enlarged():
    (one,) = looked([(50, 50, 54, 58)], (200, 200))
    scale = FITS[0].scales(200, 200)[0]
    assert one.size[0] == round((one.region[2] - one.region[0]) * scale)


def test_a_tall_object_is_shrunk_but_not_to_nothing():
    tall, giant = (500, 200, 640, 500), (500, 0, 1100, 1080)
    assert heights(looked([tall]), tall)[0] == pytest.approx(TALL, abs=2)
    assert heights(looked([giant]), giant)[0] == pytest.approx(416 * ZOOM_LEAST, abs=3)


def test_what_is_no_one_on_foot_is_not_shrunk():
    car, lorry = (500, 200, 1000, 650), (300, 0, 1500, 1080)
    assert heights(looked([car]), car)[0] == pytest.approx(450 * 416 / 1080, abs=2)
    assert heights(looked([lorry]), lorry)[0] == pytest.approx(416 * BROAD_LEAST, abs=3)


def test_the_smallest_of_those_who_share_a_part_says_how_large_it_is_shown():
    small = (500, 500, 512, 530)
    together = looked([small, (510, 400, 570, 560)])
    assert len(together) == 1
    assert heights(together, small)[0] == pytest.approx(SMALL, abs=1)


def test_unscaled_a_part_keeps_the_pixels_of_the_picture():
    (one,) = looked([(500, 300, 560, 420)], (1920, 1080), FITS[1], native=True)
    x1, y1, x2, y2 = one.region
    assert one.size == pytest.approx((x2 - x1, y2 - y1), abs=1)


def test_a_part_that_is_larger_than_the_canvas_is_shrunk_to_it():
    (one,) = looked([(100, 100, 1500, 1000)], (1920, 1080), FITS[1], native=True)
    assert max(one.size) == 416
    x1, y1, x2, y2 = one.region
    assert one.size[0] / one.size[1] == pytest.approx((x2 - x1) / (y2 - y1), rel=0.02)


@given(st.integers(2, 400), st.integers(2, 400), st.floats(0.01, 1))
def test_a_shrunk_look_shows_the_same_part_smaller(width, height, factor):
    small = Look((0, 0, 9, 9), (width, height)).shrunk(factor)
    assert small.region == (0, 0, 9, 9)
    assert 2 <= small.size[0] <= width
    assert 2 <= small.size[1] <= height
    assert small.cost <= max(4, width * 2, height * 2, width * height * factor**2 + 1)
