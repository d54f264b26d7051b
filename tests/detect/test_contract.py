"""What every model family keeps, over the table: on its own, and through an open detector."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edge.detect import FAMILIES, open_detector
from edge.detect.engines import Engine
from edge.detect.manifest import find
from edge.detect.models import add_model
from edge.detect.onnxruntime_session import OnnxRuntimeSession
from edge.errors import ModelError
from edge.picture import Still
from edge.types import CLASSES
from tests.detect import make_onnx

BUILD = {
    "picodet": make_onnx.picodet,
    "yolox": make_onnx.yolox,
    "nanodet": make_onnx.nanodet,
    "rtdetr": make_onnx.rtdetr,
    "rfdetr": make_onnx.rfdetr,
}
SUPPRESSING = ("picodet", "yolox", "nanodet")
# What the outputs of two pictures in an input of 32x32 measure.
SHAPES = {
    "picodet": {"boxes": (2, 5, 4), "scores": (2, 80, 5)},
    "yolox": {"output": (2, 21, 85)},
    "nanodet": {"output": (2, 22, 112)},
    "rtdetr": {"labels": (2, 5), "boxes": (2, 5, 4), "scores": (2, 5)},
    "rfdetr": {"dets": (2, 5, 4), "labels": (2, 5, 91)},
}
# A person, a car in the same place, a dog, a truck half outside.
BOXES = [(2, 4, 10, 28), (2, 4, 10, 28), (12, 4, 20, 28), (20, -8, 40, 16)]
SCORES = [{0: 0.9}, {2: 0.7}, {16: 0.95}, {7: 0.6}]
SIZES = [(64, 64), (1, 1), (97, 55), (5, 300), (1920, 1080)]
odd = st.sampled_from([np.nan, np.inf, -np.inf, -3e38, -3.0, 0.0, 0.5, 1.0, 30.0, 100.0, 3e38])


def image(width=32, height=32, colour=0):
    return np.full((height, width, 3), colour, np.uint8)


def inner(family, width, height):
    """Width and height of the part of an input of 32x32 that such a picture fills."""
    if not FAMILIES[family].INPUT.letterbox:
        return 32, 32
    scale = min(32 / width, 32 / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture
def network(family, tmp_path):
    """Makes the family with a network that answers these boxes to any image."""

    def make(boxes=BOXES, scores=SCORES, *, score=0.3, precision="fp32", **options):
        path = BUILD[family](tmp_path / "net.onnx", boxes, scores, **options)
        session = OnnxRuntimeSession(path, FAMILIES[family].INPUT, precision=precision)
        return FAMILIES[family](session, score=score)

    return make


@pytest.fixture
def build(family, cache, tmp_path):
    """Makes a detector of the family that answers these boxes to any picture."""

    def make(boxes=BOXES, scores=SCORES, *, score=0.3):
        add_model(BUILD[family](tmp_path / "own.onnx", boxes, scores))
        return open_detector("own", score=score, engine=Engine(("cpu",)))

    return make


def test_every_family_is_held_to_the_contract():
    assert BUILD.keys() == FAMILIES.keys() == SHAPES.keys()


def test_only_watched_classes_are_found_best_first(network):
    (found,) = network().detect([image()])
    assert found.class_id.tolist() == [CLASSES["person"], CLASSES["car"], CLASSES["truck"]]
    assert found.score.tolist() == pytest.approx([0.9, 0.7, 0.6])


def test_every_watched_class_is_told_by_its_own_id(network):
    corners = [(x, y) for x in (0, 8, 16) for y in (8, 16)]
    boxes = [(x - 1, y - 1, x + 6, y + 6) for x, y in corners]
    (found,) = network(boxes, [{one: 0.9} for one in CLASSES.values()]).detect([image()])
    assert sorted(found.class_id.tolist()) == sorted(CLASSES.values())


def test_boxes_are_in_pixels_of_the_input_and_not_cut_off(network):
    (found,) = network(size=(64, 32)).detect([image(64, 32)])
    assert found.xyxy[0] == pytest.approx(np.array([2, 4, 10, 28]), abs=1e-4)
    assert found.xyxy[2] == pytest.approx(np.array([20, -8, 40, 16]), abs=1e-4)


def test_what_is_found_twice_is_told_once_or_was_meant(family, network):
    boxes, scores = [(2, 4, 10, 28), (2.2, 4, 10, 28)], [{0: 0.8}, {0: 0.9}]
    (found,) = network(boxes, scores).detect([image()])
    wanted = [0.9] if family in SUPPRESSING else [0.9, 0.8]
    assert found.score.tolist() == pytest.approx(wanted)


def test_scores_below_the_threshold_are_left_out(network):
    (found,) = network(score=0.65).detect([image()])
    assert found.class_id.tolist() == [CLASSES["person"], CLASSES["car"]]


def test_a_score_at_the_threshold_counts(network):
    (found,) = network([(0, 0, 9, 9)], [{0: 0.5}], score=0.5).detect([image()])
    assert len(found) == 1


def test_types_are_those_of_the_vocabulary(network):
    for boxes, scores in ((BOXES, SCORES), ([(0, 0, 9, 9)], [{16: 0.9}])):
        (found,) = network(boxes, scores).detect([image()])
        assert (found.xyxy.dtype, found.score.dtype) == (np.float32, np.float32)
        assert (found.class_id.dtype, found.xyxy.shape) == (np.int64, (len(found), 4))


def test_nothing_found_is_an_empty_result(network):
    (found,) = network(score=0.99).detect([image()])
    assert len(found) == 0


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("batch", [1, "b"])
def test_several_images_give_as_many_results(network, precision, batch):
    """In fp16 the session runs as on a GPU: all at once where the network takes a batch."""
    all_found = network(precision=precision, batch=batch).detect([image(colour=c) for c in (0, 9)])
    assert [found.class_id.tolist() for found in all_found] == [[0, 2, 7]] * 2
    for found in all_found:
        assert found.xyxy[0] == pytest.approx(np.array([2, 4, 10, 28]), abs=0.05)


@pytest.mark.parametrize("change", ["a picture less", "a row more", "a dimension less"])
def test_outputs_of_another_shape_are_a_model_error(family, change):
    values = {name: np.zeros(shape, kind(name, shape)) for name, shape in SHAPES[family].items()}
    first = next(iter(values))
    values[first] = {
        "a picture less": lambda value: value[:1],
        "a row more": lambda value: np.concatenate((value, value[:, :1]), axis=1),
        "a dimension less": lambda value: value[0],
    }[change](values[first])
    with pytest.raises(ModelError, match=r"the model gives .*\("):
        FAMILIES[family](make_onnx.Answers(family, values), score=0.3).detect([image()] * 2)


@pytest.mark.parametrize("family", FAMILIES)
@given(st.data())
def test_whatever_a_network_says_is_a_box_or_left_out(family, data):
    values = {
        name: data.draw(drawn(name, shape), label=name) for name, shape in SHAPES[family].items()
    }
    session = make_onnx.Answers(family, values)
    for found in FAMILIES[family](session, score=0.3).detect([image()] * 2):
        assert (np.abs(found.xyxy) < 1e6).all()
        assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all()
        assert ((found.score >= 0.3) & (found.score <= 1)).all()
        assert set(found.class_id.tolist()) <= set(CLASSES.values())


def kind(name, shape):
    return np.int64 if name == "labels" and len(shape) == 2 else np.float32


def drawn(name, shape):
    if kind(name, shape) is np.int64:
        return hnp.arrays(np.int64, shape, elements=st.integers(0, 79))
    return hnp.arrays(np.float32, shape, elements=odd.map(np.float32), fill=odd.map(np.float32))


def test_an_own_file_is_known_by_its_inputs_and_outputs(family, build):
    build()
    assert find("own").family == family


def test_no_pictures_give_no_results(build):
    assert build().detect([]) == []


@pytest.mark.parametrize("size", SIZES)
def test_boxes_are_in_pixels_of_a_picture_of_any_size(family, build, size):
    """A person in its upper left quarter, a truck that its edges cut off in the upper right."""
    (width, height), (right, bottom) = size, inner(family, *size)
    boxes = [(0, 0, right / 2, bottom / 2), (right / 2, -8, right + 8, bottom / 2)]
    (found,) = build(boxes, [{0: 0.9}, {7: 0.6}]).detect([Still(image(width, height))])
    person, truck = found.xyxy
    assert person == pytest.approx([0, 0, width / 2, height / 2], rel=1e-5, abs=1e-3)
    assert truck == pytest.approx([width / 2, 0, width, height / 2], rel=1e-5, abs=1e-3)


def test_a_part_of_a_picture_is_a_picture(family, build):
    part = image(200, 100)[10:90:2, 20:120]
    right, bottom = inner(family, 100, 40)
    (found,) = build([(0, 0, right / 2, bottom / 4)], [{0: 0.9}]).detect([Still(part)])
    assert found.xyxy[0] == pytest.approx([0, 0, 50, 10], abs=1e-3)


def test_the_pictures_order_is_kept(family, build):
    detector = build([(0, 0, 2, 2)], [{0: 0.9}])
    wide, tall = detector.detect([Still(image(320, 32)), Still(image(32, 320))])
    right, bottom = inner(family, 320, 32)
    assert wide.xyxy[0] == pytest.approx([0, 0, 640 / right, 64 / bottom], abs=1e-3)
    assert tall.xyxy[0] == pytest.approx([0, 0, 64 / bottom, 640 / right], abs=1e-3)


def test_a_picture_is_not_changed(build):
    given_one = np.random.default_rng(1).integers(0, 255, (50, 70, 3), np.uint8)
    before = given_one.copy()
    build().detect([Still(given_one)])
    assert (given_one == before).all()


def test_equal_scores_come_in_the_same_order_every_time(build):
    corners = [(x, y) for x in range(0, 32, 8) for y in range(0, 32, 8)]
    boxes = [(x - 0.5, y - 0.5, x + 6, y + 6) for x, y in corners]
    detector = build(boxes, [{0: 0.5, 2: 0.5}] * len(boxes))
    one, two = detector.detect([Still(image())] * 2)
    assert len(one) == 2 * len(boxes)
    assert (one.xyxy == two.xyxy).all()
    assert (one.class_id == two.class_id).all()


def test_results_are_not_changed_by_the_next_call(build):
    detector = build()
    (found,) = detector.detect([Still(image())])
    before = found.xyxy.copy()
    detector.detect([Still(image(64, 64))])
    assert (found.xyxy == before).all()
