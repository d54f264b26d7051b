"""Through the canvas and back: what is painted in pictures is found where it was painted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detect.gaze import Glance, Urgency
from edge.detect.motion import Moved
from edge.detect.regions import Look, looks
from edge.detect.sight import Sight
from tests.detect.make_scene import Painted, frame_of, painted

CELL = 80  # pixels: one rectangle at most in each, so that no two touch
STILL = Moved(np.zeros((9, 16), np.uint8), np.zeros((0, 4), np.float32), everywhere=False)
rectangle = st.tuples(*[st.integers(4, 20)] * 2, *[st.integers(16, 50)] * 2)
view = st.tuples(
    st.sampled_from([(640, 360), (400, 400), (960, 540)]),
    st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 3)), rectangle, max_size=6),
    st.sampled_from([0, 2]),
)


def rectangles(cells):
    """The corners of a rectangle in each of these cells."""
    return [
        (column * CELL + x, row * CELL + y, column * CELL + x + w, row * CELL + y + h)
        for (column, row), (x, y, w, h) in cells.items()
    ]


def glance_at(image, boxes, detector, *, index=0):
    """A look at each of the boxes."""
    frame = frame_of(image, camera=f"camera{index}")
    parts = looks(
        np.array(boxes, np.float32).reshape(-1, 4),
        frame.size,
        detector.fit.scales(*frame.size),
        detector.fit.size,
    )
    return Glance(frame, parts, Urgency.TRACK, STILL, whole=False)


def whole(image, size=(416, 416)):
    height, width = image.shape[:2]
    part = Look((0, 0, width, height), size)
    return Glance(frame_of(image), [part], Urgency.SWEEP, STILL, whole=True)


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("letterbox", [False, True])
@settings(deadline=None, max_examples=25)
@given(views=st.lists(view, max_size=5))
def test_every_painted_object_is_found_once_where_it_was_painted(letterbox, alone, views):
    detector = Painted(letterbox=letterbox)
    glances = [
        glance_at(painted(size, rectangles(cells), kind), rectangles(cells), detector, index=index)
        for index, (size, cells, kind) in enumerate(views)
    ]
    found = Sight(detector, alone=alone).see(glances)
    assert len(found) == len(views)
    for (_, cells, kind), one in zip(views, found, strict=True):
        wanted = np.array(sorted(rectangles(cells)), np.float32).reshape(-1, 4)
        assert one.class_id.tolist() == [kind] * len(cells)
        seen = one.xyxy[np.lexsort(np.rint(one.xyxy[:, ::-1] / CELL).T)]
        wanted = wanted[np.lexsort(np.rint(wanted[:, ::-1] / CELL).T)]
        assert seen == pytest.approx(wanted, abs=2.5)


def test_a_whole_picture_is_seen_as_the_detector_alone_sees_it():
    boxes = [(40, 50, 80, 120), (300, 200, 340, 300)]
    detector, image = Painted(), painted((640, 360), boxes)
    (found,) = Sight(detector).see([whole(image)])
    (alone,) = detector.detect([frame_of(image).picture])
    assert found.xyxy == pytest.approx(alone.xyxy, abs=1e-3)


def test_what_nobody_looks_at_is_not_seen():
    detector = Painted()
    image = painted((640, 360), [(40, 50, 80, 120), (500, 200, 540, 300)])
    (found,) = Sight(detector).see([glance_at(image, [(40, 50, 80, 120)], detector)])
    assert found.xyxy == pytest.approx(np.array([[40, 50, 80, 120]]), abs=2)


def test_many_cameras_share_few_calls():
    detector, boxes = Painted(), [(100, 100, 130, 160)]
    sight = Sight(detector)
    sight.see([glance_at(painted((640, 360), boxes), boxes, detector) for _ in range(20)])
    assert len(detector.images) == sight.tally.calls == 1


def test_alone_every_part_has_a_call_of_the_full_size():
    detector, boxes = Painted(), [(100, 100, 130, 160), (500, 250, 530, 310)]
    sight = Sight(detector, alone=True)
    sight.see([glance_at(painted((640, 360), boxes), boxes, detector)] * 2)
    assert [one.shape for one in detector.images] == [(416, 416, 3)] * 4
    assert sight.tally.calls == sight.tally.computed == 4


def test_what_was_spent_is_told():
    detector, image = Painted(), painted((640, 360), [])
    sight = Sight(detector)
    sight.see([whole(image)])
    sight.see([whole(image, (224, 200))])
    assert sight.area == 416 * 416
    assert sight.tally.calls == 2
    assert sight.tally.computed == pytest.approx(1 + 224 * 224 / 416**2)
    assert sight.tally.filled == pytest.approx(1 + 224 * 200 / 416**2)


@pytest.mark.parametrize("count", [0, 3])
def test_where_there_is_nothing_to_look_at_nothing_is_spent(count):
    detector = Painted()
    sight = Sight(detector)
    empty = glance_at(painted((640, 360), []), [], detector)
    assert [len(one) for one in sight.see([empty] * count)] == [0] * count
    assert detector.images == []
    assert sight.tally.calls == 0
