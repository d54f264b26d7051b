"""Parts of pictures on network inputs: each in a place of its own, and found objects back in it."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.detect.canvas import GUTTER, SHRINKS, Canvas, Placed, pack, taken_apart
from edge.detect.regions import Look
from edge.picture import Still
from tests.detect.make_scene import found_at

SIZES = ((416, 416), (416, 224), (224, 224))
WHOLE = (0, 0, 400, 300)
side = st.integers(2, 416) | st.integers(2, 60)
parts = st.lists(st.tuples(st.integers(0, 4), side, side), max_size=25)


def picture(width=400, height=300, colour=0):
    return Still(np.full((height, width, 3), colour, np.uint8))


def look(width, height, region=WHOLE):
    return Look(region, (width, height))


def apart(one, other):
    """How many pixels lie between two places, along the axis where they are farther apart."""
    return max(
        other.x - one.x - one.look.size[0],
        one.x - other.x - other.look.size[0],
        other.y - one.y - one.look.size[1],
        one.y - other.y - other.look.size[1],
    )


def told(placed, boxes, pictures=None, **options):
    """The boxes found on one canvas with these parts, by picture."""
    canvas = Canvas((416, 416), placed)
    pictures = pictures or [picture()] * (1 + max(one.owner for one in placed))
    found = taken_apart([canvas], [found_at(*boxes, **options)], pictures)
    return [one.xyxy.tolist() for one in found]


def kept_apart(canvases):
    """Whether all parts are inside, and a gutter lies between any two."""
    return all(
        0 <= one.x <= canvas.size[0] - one.look.size[0]
        and 0 <= one.y <= canvas.size[1] - one.look.size[1]
        and all(apart(one, other) >= GUTTER for other in canvas.placed[:row])
        for canvas in canvases
        for row, one in enumerate(canvas.placed)
    )


@given(parts)
def test_every_part_has_a_place_of_its_own(rows):
    canvases = pack([(owner, look(w, h)) for owner, w, h in rows], SIZES)
    assert kept_apart(canvases)
    assert all(canvas.size in SIZES for canvas in canvases)


@pytest.mark.parametrize("seed", range(100))
def test_on_full_canvases_the_parts_are_kept_apart(seed):
    random = np.random.default_rng(seed)
    sizes = random.integers(2, 200, (20, 2)).tolist()
    assert kept_apart(pack([(0, look(*one)) for one in sizes], SIZES))


@given(parts)
def test_every_part_is_placed_once_and_perhaps_a_little_smaller(rows):
    wanted = [(owner, look(w, h)) for owner, w, h in rows]
    placed = [one for canvas in pack(wanted, SIZES) for one in canvas.placed]
    shown = Counter((one.owner, one.look) for one in placed)
    assert shown in [
        Counter((owner, one if shrink == 1 else one.shrunk(shrink)) for owner, one in wanted)
        for shrink in (1, *SHRINKS)
    ]


@given(parts, st.randoms())
def test_the_order_of_the_parts_changes_nothing_that_is_seen(rows, random):
    wanted = [(index, look(w, h)) for index, (_, w, h) in enumerate(rows)]
    turned = random.sample(wanted, len(wanted))
    places = [
        [(canvas.size, canvas.placed) for canvas in pack(one, SIZES)] for one in (wanted, turned)
    ]
    assert places[0] == places[1]


@given(st.integers(2, 416), st.integers(2, 416))
@example(224, 224)
@example(416, 224)
def test_one_part_is_on_the_smallest_canvas_that_holds_it(width, height):
    (canvas,) = pack([(0, look(width, height))], SIZES)
    holding = [size for size in SIZES if width <= size[0] and height <= size[1]]
    assert canvas.size == holding[-1]


def test_there_is_some_grey_between_parts():
    assert GUTTER > 0


def test_no_parts_need_no_canvas():
    assert pack([], SIZES) == []


def test_many_small_parts_share_one_canvas():
    (canvas,) = pack([(0, look(40, 60))] * 20, SIZES)
    assert canvas.size == (416, 224)


def test_parts_that_are_a_little_too_large_together_are_made_smaller():
    wanted = [(0, look(210, 410)), (1, look(210, 410))]
    (canvas,) = pack(wanted, SIZES)
    assert {one.look for one in canvas.placed} == {look(210, 410).shrunk(0.96)}


def test_parts_are_not_made_smaller_where_that_saves_nothing():
    canvases = pack([(0, look(300, 410)), (1, look(300, 410))], SIZES)
    assert [one.look for canvas in canvases for one in canvas.placed] == [look(300, 410)] * 2


def test_a_canvas_shows_the_parts_and_grey_between_them():
    bright = np.zeros((300, 400, 3), np.uint8)
    bright[100:200, 100:300] = 250, 10, 60
    canvas = Canvas((416, 224))
    canvas.place(1, Look((100, 100, 300, 200), (100, 50)))
    canvas.place(0, Look((0, 0, 40, 40), (40, 40)))
    image = canvas.image([picture(colour=7), Still(bright)])
    shown = np.full((224, 416, 3), 114, np.uint8)
    shown[0:50, 0:100] = 250, 10, 60
    shown[0:40, 100 + GUTTER : 140 + GUTTER] = 7
    assert np.array_equal(image, shown)


def test_a_place_that_is_not_there_is_not_given():
    canvas, left = Canvas((100, 100)), 40 - GUTTER
    assert canvas.place(0, look(100, 60))
    assert not canvas.place(0, look(20, left + 1))
    assert canvas.place(0, look(20, left))


@given(
    st.tuples(st.integers(0, 100), st.integers(0, 80), st.integers(60, 300), st.integers(60, 220)),
    st.tuples(st.integers(50, 200), st.integers(50, 200), st.integers(0, 200), st.integers(0, 200)),
    st.tuples(*[st.floats(0.1, 0.5)] * 4),
)
def test_what_is_found_in_a_part_is_where_it_is_in_the_picture(region, place, box):
    (x, y, w, h), (width, height, left, top), (bx, by, bw, bh) = region, place, box
    placed = Placed(0, Look((x, y, x + w, y + h), (width, height)), left, top)
    on_canvas = (
        left + bx * width,
        top + by * height,
        left + (bx + bw) * width,
        top + (by + bh) * height,
    )
    ((back,),) = told([placed], [on_canvas])
    there = [x + bx * w, y + by * h, x + (bx + bw) * w, y + (by + bh) * h]
    assert back == pytest.approx(there, abs=0.05)


def test_each_picture_gets_what_is_its_own():
    placed = [Placed(0, look(100, 75), 0, 0), Placed(2, look(100, 75), 106, 0)]
    found = told(placed, [(116, 10, 126, 30), (10, 10, 20, 30)], [picture()] * 3)
    assert found == [[[40, 40, 80, 120]], [], [[40, 40, 80, 120]]]


def test_what_is_between_the_parts_is_nothing():
    placed = [Placed(0, look(100, 75), 0, 0), Placed(0, look(100, 75), 106, 0)]
    assert told(placed, [(101, 10, 105, 30), (300, 300, 340, 340)]) == [[]]


def test_a_box_that_lies_mostly_outside_its_part_is_none():
    placed = [Placed(0, look(100, 75), 0, 0)]
    assert told(placed, [(80, 10, 110, 30)]) == [[[320, 40, 400, 120]]]
    assert told(placed, [(60, -200, 100, 250)]) == [[]]


def test_what_two_overlapping_parts_show_is_one_object():
    """On one canvas, and on two."""
    one, other = Look((0, 0, 100, 100), (100, 100)), Look((60, 60, 160, 160), (100, 100))
    together = [Placed(0, one, 0, 0), Placed(0, other, 106, 0)]
    assert told(together, [(70, 70, 90, 90), (116, 10, 136, 30)]) == [[[70, 70, 90, 90]]]
    found = taken_apart(
        [Canvas((416, 416), [Placed(0, one, 0, 0)]), Canvas((416, 416), [Placed(0, other, 0, 0)])],
        [found_at((70, 70, 90, 90)), found_at((10, 10, 30, 30))],
        [picture()],
    )
    assert found[0].xyxy.tolist() == [[70, 70, 90, 90]]


def test_two_objects_side_by_side_in_overlapping_parts_are_two():
    one, other = Look((0, 0, 100, 100), (100, 100)), Look((60, 60, 160, 160), (100, 100))
    placed = [Placed(0, one, 0, 0), Placed(0, other, 106, 0)]
    found = told(placed, [(70, 70, 90, 90), (136, 10, 156, 30)])
    assert found == [[[70, 70, 90, 90], [90, 70, 110, 90]]]


def test_in_one_part_the_network_has_the_last_word_on_twins():
    placed = [Placed(0, look(400, 300), 0, 0)]
    assert len(told(placed, [(50, 50, 100, 150), (50, 50, 100, 147)])[0]) == 2


@pytest.mark.parametrize("left", [100, 130])
def test_the_remainder_of_an_object_that_another_part_shows_whole_is_left_out(left):
    """Even where the remainder has the better score, and is most of it."""
    whole, edge = Look((0, 0, 200, 200), (200, 200)), Look((left, 0, 330, 200), (330 - left, 200))
    canvas = Canvas((500, 416), [Placed(0, whole, 0, 0), Placed(0, edge, 206, 0)])
    boxes = found_at((60, 50, 160, 150), (206, 50, 366 - left, 150))
    boxes.score[:] = 0.5, 0.9
    (found,) = taken_apart([canvas], [boxes], [picture()])
    assert found.xyxy.tolist() == [[60, 50, 160, 150]]


def test_a_remainder_of_another_class_is_another_object():
    whole, edge = Look((0, 0, 200, 200), (200, 200)), Look((130, 0, 330, 200), (200, 200))
    canvas = Canvas((416, 416), [Placed(0, whole, 0, 0), Placed(0, edge, 206, 0)])
    boxes = found_at((60, 50, 160, 150), (206, 50, 236, 150))
    boxes.class_id[:] = 2, 0
    (found,) = taken_apart([canvas], [boxes], [picture()])
    assert len(found) == 2


def test_what_the_edge_of_the_picture_cuts_off_is_whole():
    """A big one in front of it hides nobody at the picture's own edge."""
    placed = [Placed(0, look(400, 300), 0, 0)]
    assert len(told(placed, [(5, 5, 250, 295), (0, 100, 60, 250)])[0]) == 2


def test_the_best_comes_first():
    """Even where the edge of its part cuts it off."""
    placed = [Placed(0, Look((0, 0, 200, 200), (200, 200)), 0, 0)]
    boxes = found_at((10, 10, 20, 30), (150, 20, 200, 60), (50, 10, 60, 30))
    boxes.score[:] = 0.3, 0.9, 0.5
    (found,) = taken_apart([Canvas((416, 416), placed)], [boxes], [picture()])
    assert found.score.tolist() == pytest.approx([0.9, 0.5, 0.3])


def test_without_detections_there_are_none():
    assert told([Placed(0, look(100, 75), 0, 0)], []) == [[]]
    assert len(taken_apart([], [], [picture()])[0]) == 0
