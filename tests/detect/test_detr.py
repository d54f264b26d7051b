"""What the transformers do before and after their networks, in numbers worked out by hand."""

import numpy as np
import pytest

from edge.detect.detr import CATEGORIES, RfDetr, RtDetr
from edge.detect.onnxruntime_session import OnnxRuntimeSession
from edge.errors import ModelError
from tests.detect import make_onnx

SIZE = (64, 32)


def images(count=1):
    return [np.zeros((SIZE[1], SIZE[0], 3), np.uint8)] * count


def rtdetr(labels, boxes, scores, *, score=0.3):
    """A family whose network answers these rows [b][n]."""
    values = {
        "labels": np.array(labels, np.int64),
        "boxes": np.array(boxes, np.float32),
        "scores": np.array(scores, np.float32),
    }
    session = make_onnx.Answers("rtdetr", values, size=SIZE)
    return RtDetr(session, score=score), session


def rfdetr(dets, logits, *, numbers=91):
    """What is found where the queries say these centres and {COCO number: logit}."""
    values = {
        "dets": np.array([dets], np.float32),
        "labels": make_onnx.table(logits, classes=numbers, missing=-20)[None],
    }
    (found,) = RfDetr(make_onnx.Answers("rfdetr", values, size=SIZE), score=0.3).detect(images())
    return found


def seen(family, blue_green_red):
    tensor = np.empty((1, 3, 2, 2), np.float32)
    family.INPUT.tensor([np.full((2, 2, 3), blue_green_red, np.uint8)], tensor)
    return tensor[0, :, 0, 0]


def test_rtdetr_takes_red_green_blue_from_0_to_1():
    assert seen(RtDetr, (255, 51, 102)) == pytest.approx([0.4, 0.2, 1.0])


def test_rfdetr_takes_red_green_blue_with_imagenet_mean_and_deviation():
    wanted = [(60 / 255 - 0.485) / 0.229, (30 / 255 - 0.456) / 0.224, (250 / 255 - 0.406) / 0.225]
    assert seen(RfDetr, (250, 30, 60)) == pytest.approx(wanted, rel=1e-4)


def test_rtdetr_is_told_width_and_height_for_each_image():
    family, session = rtdetr([[0]] * 3, [[(1, 2, 3, 4)]] * 3, [[0.9]] * 3)
    family.detect(images(3))
    sizes = session.more["orig_target_sizes"]
    assert (sizes.dtype, sizes.tolist()) == (np.int64, [[64, 32]] * 3)


def test_rtdetr_gives_boxes_classes_and_scores_of_each_image():
    family, _ = rtdetr(
        [[7, 0], [16, 2]],
        [[(1, 2, 3, 4), (5, 6, 70, 80)], [(0, 0, 9, 9), (-3, 1, 4, 2)]],
        [[0.4, 0.9], [0.99, 0.5]],
    )
    one, two = family.detect(images(2))
    assert one.xyxy.tolist() == [[5, 6, 70, 80], [1, 2, 3, 4]]
    assert one.score.tolist() == pytest.approx([0.9, 0.4])
    assert (one.class_id.tolist(), two.class_id.tolist()) == ([0, 7], [2])
    assert two.xyxy.tolist() == [[-3, 1, 4, 2]]


@pytest.mark.parametrize("family", [RtDetr, RfDetr])
def test_objects_in_the_very_same_place_are_all_told(tmp_path, family):
    build = {RtDetr: make_onnx.rtdetr, RfDetr: make_onnx.rfdetr}[family]
    path = build(tmp_path / "x.onnx", [(2, 2, 9, 9)] * 3, [{0: 0.9}, {0: 0.8}, {0: 0.7}])
    network = family(OnnxRuntimeSession(path, family.INPUT), score=0.3)
    (found,) = network.detect([np.zeros((32, 32, 3), np.uint8)])
    assert found.score.tolist() == pytest.approx([0.9, 0.8, 0.7])


def test_at_a_threshold_of_zero_a_query_has_still_one_class():
    family, _ = rtdetr([[0, 2]], [[(1, 2, 3, 4)] * 2], [[0.0, 0.1]], score=0.0)
    (found,) = family.detect(images())
    assert found.class_id.tolist() == [2, 0]


@pytest.mark.parametrize("label", [-1, 80, 90, 364, 2**40])
def test_classes_that_are_not_cocos_are_a_model_error(label):
    """As those of Objects365, whose networks look just the same."""
    family, _ = rtdetr([[0, label]], [[(1, 2, 3, 4)] * 2], [[0.9, 0.01]])
    with pytest.raises(ModelError, match=rf"classes from .*{label}.*, not 0 to 79; .*COCO"):
        family.detect(images())


def test_the_last_of_cocos_classes_is_one_of_them():
    family, _ = rtdetr([[0, 79]], [[(1, 2, 3, 4)] * 2], [[0.9, 0.8]])
    assert len(family.detect(images())[0]) == 1


def test_no_queries_are_no_objects():
    values = [np.zeros((1, 0)), np.zeros((1, 0, 4)), np.zeros((1, 0))]
    (found,) = rtdetr(*values)[0].detect(images())
    assert len(found) == 0
    assert len(rfdetr(np.zeros((0, 4)), [])) == 0


@pytest.mark.parametrize("score", [np.nan, -np.inf, -1.0])
@pytest.mark.parametrize("box", [(1, 2, 3, 4), (3, 2, 1, 4), (1, 2, np.nan, 4), (1, 2, np.inf, 4)])
def test_rtdetr_leaves_out_what_is_no_box_or_no_score(box, score):
    family, _ = rtdetr([[0, 0, 0]], [[box, (5, 5, 9, 9), box]], [[score, 0.8, 0.9]])
    (found,) = family.detect(images())
    wanted = [0.9, 0.8] if box == (1, 2, 3, 4) else [0.8]
    assert found.score.tolist() == pytest.approx(wanted)


def test_rfdetr_boxes_are_parts_of_the_input_around_their_centre():
    found = rfdetr([(0.5, 0.25, 0.25, 0.5)], [{1: 3.0}])
    assert found.xyxy.tolist() == [[24, 0, 40, 16]]


def test_rfdetr_scores_are_the_logistic_function_of_its_logits():
    found = rfdetr([(0.5, 0.5, 0.1, 0.1)] * 3, [{1: 0.0}, {3: np.log(3)}, {1: -np.log(3)}])
    assert found.score.tolist() == pytest.approx([0.75, 0.5])


@pytest.mark.parametrize(
    ("number", "class_id"), [(1, 0), (2, 1), (3, 2), (4, 3), (6, 5), (8, 7), (0, None), (5, None)]
)
def test_rfdetr_classes_carry_cocos_own_numbers(number, class_id):
    found = rfdetr([(0.5, 0.5, 0.1, 0.1)], [{number: 5.0}])
    assert found.class_id.tolist() == ([] if class_id is None else [class_id])


def test_cocos_80_classes_have_gaps_in_their_numbers():
    """Stop sign, backpack, handbag, wine glass, dining table, toilet, TV, book, toothbrush."""
    assert len(CATEGORIES) == 80
    known = {11: 13, 24: 27, 26: 31, 40: 46, 60: 67, 61: 70, 62: 72, 73: 84, 79: 90}
    assert {class_id: int(CATEGORIES[class_id]) for class_id in known} == known


def test_rfdetr_logits_of_any_size_are_no_overflow():
    found = rfdetr([(0.5, 0.5, 0.1, 0.1)] * 4, [{1: 1e4}, {1: -1e30}, {1: np.nan}, {1: np.inf}])
    assert found.score.tolist() == [1, 1]


@pytest.mark.parametrize("size", [-0.1, 0.0, np.nan, np.inf])
def test_rfdetr_leaves_out_a_box_without_a_size(size):
    found = rfdetr([(0.5, 0.5, size, 0.1), (0.5, 0.5, 0.1, 0.1)], [{1: 5.0}, {1: 3.0}])
    assert found.score.tolist() == pytest.approx([1 / (1 + np.exp(-3))])


@pytest.mark.parametrize(
    ("changed", "shape"),
    [
        ("labels", (1, 4)),
        ("labels", (2, 3)),
        ("boxes", (1, 3, 5)),
        ("boxes", (1, 4, 4)),
        ("scores", (1, 2)),
        ("scores", (3,)),
    ],
)
def test_rtdetr_outputs_that_do_not_belong_together_are_a_model_error(changed, shape):
    shapes = {"labels": (1, 3), "boxes": (1, 3, 4), "scores": (1, 3)} | {changed: shape}
    family, _ = rtdetr(*(np.zeros(one) for one in shapes.values()))
    with pytest.raises(ModelError, match="not of one size"):
        family.detect(images())


def test_rtdetr_outputs_without_queries_are_a_model_error():
    family, _ = rtdetr(np.zeros(1), np.zeros((1, 4)), np.zeros(1))
    with pytest.raises(ModelError, match="not of one size"):
        family.detect(images())


def test_rfdetr_outputs_that_do_not_belong_together_are_a_model_error():
    with pytest.raises(ModelError, match=r"dets \(1, 1, 4\) and labels \(1, 2, 91\)"):
        rfdetr([(0.5, 0.5, 0.1, 0.1)], [{1: 5.0}] * 2)


def test_an_rfdetr_of_other_classes_is_a_model_error():
    with pytest.raises(ModelError, match=r"labels \(1, 1, 9\)"):
        rfdetr([(0.5, 0.5, 0.1, 0.1)], [{1: 5.0}], numbers=9)


@pytest.mark.parametrize(
    ("family", "said"),
    [
        (RtDetr, r"inputs input 1x3x32x32, not images .*, orig_target_sizes \?x2 int64"),
        (RfDetr, r"inputs images .*, orig_target_sizes 1x2 int64, not input \?x3x\?x\?"),
    ],
)
def test_each_refuses_the_other_with_what_it_has(tmp_path, family, said):
    build = {RtDetr: make_onnx.rfdetr, RfDetr: make_onnx.rtdetr}[family]
    path = build(tmp_path / "x.onnx", [(1, 2, 3, 4)], [{0: 0.9}])
    with pytest.raises(ModelError, match=said):
        family(OnnxRuntimeSession(path, family.INPUT), score=0.3)
