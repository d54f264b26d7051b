"""What YOLOX does before and after its network, in numbers worked out by hand."""

import numpy as np
import pytest

from edge.detect import open_detector
from edge.detect.engines import Engine
from edge.detect.grid import cells
from edge.detect.models import add_model
from edge.detect.onnxruntime_session import OnnxRuntimeSession
from edge.detect.yolox import YoloX
from edge.errors import ModelError
from edge.picture import Still
from tests.detect import make_onnx

CELLS = 4 * 2 + 2 * 1 + 1 * 1  # of an input 32 wide and 16 high, with strides 8, 16 and 32


def detect(rows, *, score=0.3):
    """What is found where the cells numbered in `rows` say this; the others say nothing."""
    output = np.zeros((1, CELLS, 85), np.float32)
    for cell, (box, objectness, classes) in rows.items():
        output[0, cell, :5] = *box, objectness
        output[0, cell, 5:] = make_onnx.table([classes])[0]
    session = make_onnx.Answers("yolox", {"output": output}, size=(32, 16))
    (found,) = YoloX(session, score=score).detect([np.zeros((16, 32, 3), np.uint8)])
    return found


def test_the_network_takes_plain_blue_green_red():
    tensor = np.empty((1, 3, 2, 2), np.float32)
    YoloX.INPUT.tensor([np.full((2, 2, 3), (250, 30, 60), np.uint8)], tensor)
    assert tensor[0, :, 0, 0].tolist() == [250, 30, 60]


def test_cells_are_counted_row_by_row_stride_after_stride():
    places, strides = cells((32, 16), (8, 16, 32))
    assert places[:6].tolist() == [[0, 0], [1, 0], [2, 0], [3, 0], [0, 1], [1, 1]]
    assert places[8:].tolist() == [[0, 0], [1, 0], [0, 0]]
    assert strides.ravel().tolist() == [8] * 8 + [16] * 2 + [32]


def test_a_box_is_around_its_centre_from_its_cell():
    """Cell 6 is the third of the second row of stride 8, cell 9 the second of stride 16."""
    two, half = np.log(2), np.log(0.5)
    found = detect(
        {
            6: ((0.5, 0.25, 0, two), 1, {0: 0.9}),  # centre (20, 10), 8 wide, 16 high
            9: ((-0.5, 0.5, half, 0), 1, {2: 0.8}),  # centre (8, 8), 8 wide, 16 high
            10: ((0.25, 0.25, half, half), 1, {7: 0.7}),  # centre (8, 8), 16 wide and high
        }
    )
    wanted = [[16, 2, 24, 18], [4, 0, 12, 16], [0, 0, 16, 16]]
    assert found.xyxy == pytest.approx(np.array(wanted), abs=1e-4)


def test_a_score_is_that_of_an_object_times_that_of_the_class():
    box = (0, 0, 0, 0)
    found = detect({0: (box, 0.5, {0: 0.8}), 2: (box, 0.5, {0: 0.5}), 4: (box, 0.9, {2: 0.9})})
    assert found.score.tolist() == pytest.approx([0.81, 0.4])
    assert found.class_id.tolist() == [2, 0]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e4, 3e38])
def test_a_size_beyond_all_numbers_is_left_out(wrong):
    found = detect({0: ((0, 0, wrong, 0), 1, {0: 0.9}), 3: ((0, 0, 0, 0), 1, {0: 0.8})})
    assert found.score.tolist() == pytest.approx([0.8])


@pytest.mark.parametrize("rows", [20, 22, 85])
def test_another_number_of_cells_is_a_model_error(rows):
    session = make_onnx.Answers("yolox", {"output": np.zeros((1, rows, 85), np.float32)})
    with pytest.raises(
        ModelError, match=rf"output \(1, {rows}, 85\), not \(1, 21, 85\).*8, 16, 32"
    ):
        YoloX(session, score=0.3).detect([np.zeros((32, 32, 3), np.uint8)])


def test_another_network_is_refused_with_what_it_has(tmp_path):
    path = make_onnx.nanodet(tmp_path / "x.onnx")
    with pytest.raises(ModelError, match=r"inputs data 1x3x32x32, not images \?x3x\?x\?"):
        YoloX(OnnxRuntimeSession(path, YoloX.INPUT), score=0.3)


@pytest.mark.usefixtures("cache")
def test_a_picture_keeps_its_ratio_on_grey_ground(tmp_path):
    add_model(make_onnx.yolox(tmp_path / "own.onnx", size=(64, 32)))
    detector = open_detector("own", score=0.3, engine=Engine(("cpu",)))
    given = detector.fit.image(Still(np.full((60, 60, 3), 200, np.uint8)))
    assert given.shape == (32, 64, 3)
    assert (given[:, :32] == 200).all()
    assert (given[:, 32:] == 114).all()
