"""What PicoDet does before and after its network."""

import numpy as np
import pytest

from edge.detect.picodet import PicoDet
from edge.detect.session import Session
from edge.errors import ModelError
from edge.picture import Still
from tests.detect import make_onnx


def load(path, score=0.3):
    return PicoDet(Session(path, providers=["cpu"], threads=1), score=score)


def test_the_input_is_rgb_with_imagenet_mean_and_deviation(tmp_path):
    family = load(make_onnx.echo(tmp_path / "echo.onnx"))
    blue_green_red = np.full((90, 120, 3), (250, 30, 60), np.uint8)
    (found,) = family.detect([Still(blue_green_red)])
    red = 100 + 10 * (60 / 255 - 0.485) / 0.229
    green = 100 + 10 * (30 / 255 - 0.456) / 0.224
    blue = 100 + 10 * (250 / 255 - 0.406) / 0.225
    expected = np.array([red, green, blue, 190]) * [120 / 200, 90 / 200, 120 / 200, 90 / 200]
    assert found.xyxy[0] == pytest.approx(expected, rel=1e-4)


def test_the_outputs_may_come_in_either_order(tmp_path):
    path = make_onnx.picodet(
        tmp_path / "turned.onnx", [(0, 0, 9, 9)], [{0: 0.9}], order=("scores", "boxes")
    )
    (found,) = load(path).detect([Still(np.zeros((32, 32, 3), np.uint8))])
    assert found.xyxy.tolist() == [[0, 0, 9, 9]]


def test_a_wide_network_is_wide(tmp_path):
    path = make_onnx.picodet(tmp_path / "wide.onnx", [(0, 0, 32, 32)], [{0: 0.9}], size=(64, 32))
    (found,) = load(path).detect([Still(np.zeros((100, 100, 3), np.uint8))])
    assert found.xyxy.tolist() == [[0, 0, 50, 100]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "data"}, "data 1x3x32x32, not image 1x3x?x?"),
        ({"number": make_onnx.TensorProto.FLOAT16}, "tensor(float16)"),
        ({"classes": 79}, "scores 1x79x1, not boxes 1x?x4, scores 1x80x?"),
        ({"order": ("boxes",)}, "has the outputs boxes 1x1x4, not boxes 1x?x4, scores"),
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
        load(path)
