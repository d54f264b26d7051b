"""What NanoDet-Plus does before and after its network, in numbers worked out by hand."""

import numpy as np
import pytest

from edge.detect.nanodet import NanoDet
from edge.detect.onnxruntime_session import OnnxRuntimeSession
from edge.errors import ModelError
from tests.detect import make_onnx

CELLS = 4 * 2 + 2 * 1 + 1 * 1 + 1 * 1  # of an input 32 wide and 16 high, with its four strides
SURE = 50.0


def at(*steps):
    """Logits of 0 to 7 that are sure of these steps, each as likely as the others."""
    logits = np.zeros(8)
    logits[list(steps)] = SURE
    return logits


def detect(rows):
    """What is found where the cells numbered in `rows` say this; the others say nothing."""
    output = np.zeros((1, CELLS, 112), np.float32)
    for cell, (classes, sides) in rows.items():
        output[0, cell, :80] = make_onnx.table([classes])[0]
        output[0, cell, 80:] = np.ravel(sides)
    session = make_onnx.Answers("nanodet", {"output": output}, size=(32, 16))
    (found,) = NanoDet(session, score=0.3).detect([np.zeros((16, 32, 3), np.uint8)])
    return found


def test_the_network_takes_blue_green_red_with_imagenet_mean_and_deviation():
    tensor = np.empty((1, 3, 2, 2), np.float32)
    NanoDet.INPUT.tensor([np.full((2, 2, 3), (250, 30, 60), np.uint8)], tensor)
    wanted = [(250 - 103.53) * 0.017429, (30 - 116.28) * 0.017507, (60 - 123.675) * 0.017125]
    assert tensor[0, :, 0, 0] == pytest.approx(wanted, abs=1e-4)


def test_sides_are_left_top_right_and_bottom_of_the_cells_corner_in_strides():
    """Cell 6 is the third of the second row of stride 8, so that its corner is at (16, 8)."""
    found = detect({6: ({0: 0.9}, [at(1), at(0), at(2), at(7)])})
    assert found.xyxy == pytest.approx(np.array([[8, 8, 32, 64]]), abs=1e-4)


def test_a_side_is_what_is_expected_of_its_steps():
    """Even logits expect 3.5 steps; of two equal ones it is the middle."""
    found = detect({1: ({0: 0.9}, [at(0, 1), at(), at(1, 2), at(0, 7)])})
    assert found.xyxy == pytest.approx(np.array([[4, -28, 20, 28]]), abs=1e-4)


@pytest.mark.parametrize(("cell", "corner", "stride"), [(9, 16, 16), (10, 0, 32), (11, 0, 64)])
def test_coarse_grids_come_after_the_fine_ones(cell, corner, stride):
    found = detect({cell: ({7: 0.9}, [at(0), at(0), at(1), at(1)])})
    wanted = [[corner, 0, corner + stride, stride]]
    assert found.xyxy == pytest.approx(np.array(wanted), abs=1e-4)


def test_scores_are_taken_as_they_are():
    found = detect({0: ({0: 0.62, 2: 0.41, 5: 0.29}, [at(1)] * 4)})
    assert found.score.tolist() == pytest.approx([0.62, 0.41])
    assert found.class_id.tolist() == [0, 2]


def test_large_logits_are_no_overflow():
    found = detect({0: ({0: 0.9}, [at(1) * 1e6, at(1) * -1e6, at(1) * 1e6, at(0) * 1e36])})
    rest = (0 + 2 + 3 + 4 + 5 + 6 + 7) / 7  # of the other seven steps
    assert found.xyxy == pytest.approx(np.array([[-8, -rest * 8, 8, 0]]), abs=1e-4)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_left_out(wrong):
    found = detect(
        {
            0: ({0: 0.9}, [at(1) + wrong] * 4),
            3: ({0: 0.8}, [at(1)] * 4),
            5: ({0: wrong}, [at(1)] * 4),
        }
    )
    assert 0.9 not in found.score.round(2)
    assert found.score[-1] == pytest.approx(0.8)


def test_another_number_of_cells_is_a_model_error():
    """NanoDet of 2020 had three strides."""
    session = make_onnx.Answers("nanodet", {"output": np.zeros((1, 21, 112), np.float32)})
    with pytest.raises(
        ModelError, match=r"output \(1, 21, 112\), not \(1, 22, 112\).*8, 16, 32, 64"
    ):
        NanoDet(session, score=0.3).detect([np.zeros((32, 32, 3), np.uint8)])


def test_another_network_is_refused_with_what_it_has(tmp_path):
    path = make_onnx.yolox(tmp_path / "x.onnx")
    with pytest.raises(ModelError, match=r"inputs images 1x3x32x32, not data \?x3x\?x\?"):
        NanoDet(OnnxRuntimeSession(path, NanoDet.INPUT), score=0.3)
