"""What is drawn over a picture: readable on snow and at night, and where it belongs."""

import numpy as np
import pytest

from edge.shapes import Shape
from edge.sketch import DARK, ROW, WHITE, Figure, Outline, Sheet, drawn, is_gap
from edge.types import Gap, PathPoint

SIZE = (320, 240)
RED = (80, 80, 255)
SNOW, NIGHT = 255, 0
UPWARDS = ((0.5, 1.0), (0.5, 0.0))  # inward is to the right


def picture(grey=128):
    return np.full((SIZE[1], SIZE[0], 3), grey, np.uint8)


def where(image, colour):
    """Which pixels have this colour; the rim of a stroke is mixed with what is beside it."""
    return (np.abs(image.astype(int) - colour) < 60).all(axis=2)


def line(points, direction="inward", **more):
    return Outline(Shape(points, direction, **more), RED, "")


def walk(*points):
    return [PathPoint(x, y, pts) for x, y, pts in points]


def person(path=(), gaps=(), colour=RED):
    return Figure((0.4, 0.4, 0.6, 0.8), colour, "person 7", path, gaps)


@pytest.mark.parametrize("grey", [SNOW, NIGHT])
def test_everything_is_dark_and_light_at_once_on_snow_and_at_night(grey):
    path = walk((0.1, 0.9, 0.0), (0.5, 0.8, 1.0))
    image = drawn(picture(grey), Sheet([line(UPWARDS)], [person(path, colour=WHITE)], rows=0))
    dark, light = where(image, DARK), where(image, WHITE) | where(image, RED)
    for part in (np.s_[:80, 150:170], np.s_[90:180, 120:140], np.s_[195:215, 60:90]):
        assert dark[part].any()
        assert light[part].any()


@pytest.mark.parametrize(
    ("direction", "right", "left"),
    [
        ("inward", True, False),
        ("outward", False, True),
        ("both", True, True),
    ],
)
def test_an_arrow_shows_which_way_a_line_is_crossed(direction, right, left):
    image = drawn(picture(), Sheet([line(UPWARDS, direction)], rows=0))
    red = where(image, RED)
    assert (red[:240, 180:].any(), red[:240, :140].any()) == (right, left)


def test_an_area_is_closed_and_has_no_arrow():
    square = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    red = where(drawn(picture(), Sheet([line(square, None)], rows=0)), RED)
    assert red[60:180, 78:82].any(axis=1).all()
    assert not red[70:170, 90:230].any()


def test_a_course_is_an_arrow_along_itself():
    red = where(drawn(picture(), Sheet([line(((0.1, 0.5), (0.9, 0.5)), course=True)], rows=0)), RED)
    rows = red[:240].any(axis=1)
    assert rows.sum() == rows[100:140].sum()
    assert red[:240, 270:290].sum() > 1.5 * red[:240, 30:50].sum()


def test_the_box_and_the_foot_point_are_where_the_object_is():
    red = where(drawn(picture(), Sheet(figures=[person()], rows=0)), RED)
    assert red[96, 130:190].all()
    assert red[189:194, 158:162].all()


def test_a_way_is_whole_where_it_was_seen_and_dashed_where_not():
    path = walk((0.1, 0.1, 0.0), (0.5, 0.1, 1.0), (0.9, 0.1, 3.0))
    red = where(drawn(picture(), Sheet(figures=[person(path, [Gap(1.0, 3.0)])], rows=0)), RED)
    row = red[20:28].any(axis=0)
    assert row[34:158].all()
    assert 0.2 < row[165:285].mean() < 0.8


def test_a_part_of_a_way_is_a_gap_where_most_of_it_was_unseen():
    before, after = PathPoint(0, 0, 1.0), PathPoint(1, 0, 2.0)
    assert is_gap(before, after, [Gap(0.5, 1.6)])
    assert is_gap(before, after, [Gap(1.1, 1.4), Gap(1.5, 1.9)])
    assert not is_gap(before, after, [Gap(1.8, 5.0)])
    assert not is_gap(before, after, [])


def test_text_stands_below_the_picture_and_hides_nothing():
    image = drawn(picture(), Sheet(text=["dwell 4.2 s", "margin 1"]))
    assert (image[:240] == 128).all()
    assert image.shape[0] - 240 > 2 * ROW
    assert image[240:].max() > 200


def test_a_long_line_is_broken_between_words_and_all_of_it_shown():
    words = "and so it goes on and on " * 8
    one, many = (drawn(picture(), Sheet(text=[text])) for text in ("short", words))
    assert many.shape[0] >= one.shape[0] + 3 * ROW
    assert not (many[240:, -6:] != DARK).any()


def test_with_rows_every_picture_is_of_one_size():
    none, much = (Sheet(text=["word " * 50] * count, rows=3) for count in (0, 9))
    assert drawn(picture(), none).shape == drawn(picture(), much).shape


def test_even_sides_stay_even():
    assert all(side % 2 == 0 for side in drawn(picture(), Sheet(text=["one"] * 3)).shape[:2])


def test_names_stay_in_the_picture():
    corner = Figure((0.99, 0.0, 1.0, 0.02), RED, "person 123")
    assert where(drawn(picture(), Sheet(figures=[corner], rows=0))[:20, 240:], RED).any()


def test_the_same_sheet_is_the_same_picture():
    sheet = Sheet([line(UPWARDS)], [person(walk((0.1, 0.9, 0.0), (0.5, 0.8, 1.0)))], ["text"])
    assert (drawn(picture(), sheet) == drawn(picture(), sheet)).all()
