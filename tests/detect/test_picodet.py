"""What PicoDet does before and after its network."""

import numpy as np
import pytest

from edge.detect.onnxruntime_session import OnnxRuntimeSession
from edge.detect.picodet import PicoDet
from edge.errors import ModelError
from tests.detect import make_onnx


def load(path, score=0.3):
    return PicoDet(OnnxRuntimeSession(path, PicoDet.INPUT), score=score)


def image(width=32, height=32, colour=0):
    return np.full((height, width, 3), colour, np.uint8)


def test_the_input_is_rgb_with_imagenet_mean_and_deviation(tmp_path):
    family = load(make_onnx.echo(tmp_path / "echo.onnx"))
    (found,) = family.detect([image(200, 200, (250, 30, 60))])
    red = 100 + 10 * (60 / 255 - 0.485) / 0.229
    green = 100 + 10 * (30 / 255 - 0.456) / 0.224
    blue = 100 + 10 * (250 / 255 - 0.406) / 0.225
    assert found.xyxy[0] == pytest.approx([red, green, blue, 190], rel=1e-4)


def test_the_outputs_may_come_in_either_order(tmp_path):
    path = make_onnx.picodet(
        tmp_path / "turned.onnx", [(0, 0, 9, 9)], [{0: 0.9}], order=("scores", "boxes")
    )
    (found,) = load(path).detect([image()])
    assert found.xyxy.tolist() == [[0, 0, 9, 9]]


def test_every_image_has_its_own_rows():
    values = {
        "boxes": np.array([[(0, 0, 9, 9)], [(5, 5, 8, 8)]], np.float32),
        "scores": np.stack([make_onnx.table([of]).T for of in ({0: 0.9}, {2: 0.5})]),
    }
    one, two = PicoDet(make_onnx.Answers("picodet", values), score=0.3).detect([image()] * 2)
    assert (one.xyxy.tolist(), two.xyxy.tolist()) == ([[0, 0, 9, 9]], [[5, 5, 8, 8]])
    assert (one.class_id.tolist(), two.class_id.tolist()) == ([0], [2])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "data"}, "data 1x3x32x32, not image ?x3x?x?"),
        ({"number": make_onnx.TensorProto.FLOAT16}, "image 1x3x32x32 float16"),
        ({"classes": 79}, "scores 1x79x1, not boxes ?x?x4, scores ?x80x?"),
        ({"order": ("boxes",)}, "has the outputs boxes 1x1x4, not boxes ?x?x4, scores"),
    ],
)
def test_another_network_is_refused_with_what_it_has(tmp_path, options, said):
    path = make_onnx.picodet(tmp_path / "x.onnx", [(0, 0, 9, 9)], [{0: 0.9}], **options)
    with pytest.raises(ModelError, match="another family") as caught:
        load(path)
    assert said in str(caught.value)


def test_boxes_and_scores_of_different_number_are_refused(tmp_path):
    open_shapes = {"boxes": [1, "n", 4], "scores": [1, 80, "m"]}
    path = make_onnx.picodet(
        tmp_path / "x.onnx", [(0, 0, 9, 9)], [{0: 0.9}, {0: 0.8}], shapes=open_shapes
    )
    with pytest.raises(ModelError, match=r"boxes \(1, 1, 4\) and scores \(1, 80, 2\)"):
        load(path).detect([image()])
