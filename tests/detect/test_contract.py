"""What every model family keeps, over the table."""

import numpy as np
import pytest

from edge.detect import FAMILIES, open_detector
from edge.detect.models import add_model
from edge.picture import Still
from edge.types import CLASSES
from tests.detect import make_onnx

BUILD = {"picodet": make_onnx.picodet}
# A person, a weaker copy of it, a car in the same place, a dog, a truck half outside.
BOXES = [(2, 4, 10, 28), (3, 4, 10, 28), (2, 4, 10, 28), (12, 4, 20, 28), (20, -8, 40, 16)]
SCORES = [{0: 0.9}, {0: 0.8}, {2: 0.7}, {16: 0.95}, {7: 0.6}]


def image(width=64, height=64, colour=0):
    return np.full((height, width, 3), colour, np.uint8)


@pytest.fixture(params=sorted(FAMILIES))
def build(request, cache, tmp_path):
    """Makes a detector of the family that answers these boxes to any picture."""

    def make(boxes=BOXES, scores=SCORES, *, score=0.3):
        path = BUILD[request.param](tmp_path / "own.onnx", boxes, scores)
        add_model(path)
        return open_detector("own", score=score, providers=["cpu"], threads=1)

    return make


def test_every_family_is_held_to_the_contract():
    assert BUILD.keys() == FAMILIES.keys()


def test_only_watched_classes_are_found_best_first(build):
    (found,) = build().detect([Still(image())])
    assert found.class_id.tolist() == [CLASSES["person"], CLASSES["car"], CLASSES["truck"]]
    assert found.score.tolist() == pytest.approx([0.9, 0.7, 0.6])


def test_scores_below_the_threshold_are_left_out(build):
    (found,) = build(score=0.65).detect([Still(image())])
    assert found.class_id.tolist() == [CLASSES["person"], CLASSES["car"]]


def test_a_score_at_the_threshold_counts(build):
    (found,) = build([(0, 0, 9, 9)], [{0: 0.5}], score=0.5).detect([Still(image())])
    assert len(found) == 1


def test_types_are_those_of_the_vocabulary(build):
    for boxes, scores in ((BOXES, SCORES), ([(0, 0, 9, 9)], [{16: 0.9}])):
        (found,) = build(boxes, scores).detect([Still(image())])
        assert (found.xyxy.dtype, found.score.dtype) == (np.float32, np.float32)
        assert (found.class_id.dtype, found.xyxy.shape) == (np.int64, (len(found), 4))
        assert ((found.score >= 0) & (found.score <= 1)).all()


def test_nothing_found_is_an_empty_result(build):
    (found,) = build(score=0.99).detect([Still(image())])
    assert len(found) == 0


def test_no_images_give_no_results(build):
    assert build().detect([]) == []


@pytest.mark.parametrize("size", [(64, 64), (1, 1), (97, 55), (5, 300), (1920, 1080)])
def test_boxes_are_in_pixels_of_an_image_of_any_size(build, size):
    width, height = size
    (found,) = build().detect([Still(image(width, height))])
    person, truck = found.xyxy[0], found.xyxy[2]
    scale = np.array([width, height] * 2) / 32
    assert person == pytest.approx(np.array([2, 4, 10, 28]) * scale, rel=1e-5)
    assert truck == pytest.approx(np.array([20, 0, 32, 16]) * scale, rel=1e-5)


def test_a_part_of_a_picture_is_a_picture(build):
    part = image(200, 100)[10:90:2, 20:120]
    (found,) = build().detect([Still(part)])
    assert found.xyxy[0] == pytest.approx([2 * 100 / 32, 4 * 40 / 32, 10 * 100 / 32, 28 * 40 / 32])


def test_the_images_order_is_kept(build):
    detector = build()
    wide, tall = detector.detect([Still(image(320, 32)), Still(image(32, 320))])
    assert wide.xyxy[0] == pytest.approx([20, 4, 100, 28])
    assert tall.xyxy[0] == pytest.approx([2, 40, 10, 280])


def test_an_image_is_not_changed(build):
    given = np.random.default_rng(1).integers(0, 255, (50, 70, 3), np.uint8)
    before = given.copy()
    build().detect([Still(given)])
    assert (given == before).all()


def test_equal_scores_come_in_the_same_order_every_time(build):
    boxes = [(x, 0, x + 1.5, 30) for x in range(0, 30, 2)]
    detector = build(boxes, [{0: 0.5, 2: 0.5}] * len(boxes))
    one, two = detector.detect([Still(image()), Still(image())])
    assert len(one) == 2 * len(boxes)
    assert (one.xyxy == two.xyxy).all()
    assert (one.class_id == two.class_id).all()


def test_results_are_not_changed_by_the_next_call(build):
    detector = build()
    (found,) = detector.detect([Still(image())])
    before = found.xyxy.copy()
    detector.detect([Still(image(32, 32))])
    assert (found.xyxy == before).all()
