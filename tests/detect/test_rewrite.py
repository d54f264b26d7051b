"""A network made for another size, or for a device, computes what it did."""

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from structlog.testing import capture_logs

from edge.detect import open_detector
from edge.detect.engines import Engine
from edge.detect.models import add_model
from edge.detect.onnxruntime_session import OnnxRuntimeSession
from edge.detect.picodet import PicoDet
from edge.detect.rewrite import BYTES, for_device, parsed, resized
from edge.detect.session import Input
from edge.errors import ModelError
from tests.detect import make_onnx
from tests.detect.test_real_model import picodet_recipe

SIZES = [(640, 640), (320, 320), (640, 384), (416, 224), (224, 224)]
OUTPUTS = ("boxes", "scores")


@pytest.fixture(scope="module")
def real(model_cache):
    """The default model's file."""
    return model_cache / "picodet-s-416.onnx"


def image(size):
    """Soft shapes in colour, some of them sharp."""
    noise = np.random.default_rng(4).integers(0, 256, (9, 13, 3), np.uint8)
    soft = cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)
    soft[20:90, 30:60] = 20, 40, 200
    return soft


def run(session, picture):
    return [value.copy() for value in session.run(OUTPUTS, [picture])]


@pytest.mark.parametrize("size", SIZES)
def test_resized_the_default_model_is_what_its_recipe_makes(real, tmp_path, size):
    recipe = tmp_path / "recipe.onnx"
    onnx.save(picodet_recipe().resized(onnx.load(real), *size), recipe)
    ours = OnnxRuntimeSession(real, PicoDet.INPUT, size=size)
    theirs = OnnxRuntimeSession(recipe, PicoDet.INPUT)
    assert ours.size == theirs.size == size
    for one, other in zip(run(ours, image(size)), run(theirs, image(size)), strict=True):
        assert one.shape == other.shape
        assert one == pytest.approx(other, rel=1e-4, abs=1e-3)


def test_resized_to_its_own_size_it_is_what_it_was(real):
    model = parsed(real)
    before = model.SerializeToString()
    same = resized(model, PicoDet.INPUT, (416, 416))
    assert model.SerializeToString() == before
    weights = {one.name: one for one in same.graph.initializer}
    assert all(
        np.array_equal(numpy_helper.to_array(one), numpy_helper.to_array(weights[one.name]))
        for one in model.graph.initializer
    )


@pytest.mark.parametrize(
    ("shape", "after"),
    [
        ([1, 2704, 4], [1, 3840, 4]),  # rows times columns of cells
        ([1, 2, 58, 52, 52], [1, 2, 58, 48, 80]),  # rows and columns
        ([7, 7], [6, 10]),
        ([1, 116, -1], [1, 116, -1]),
        ([], []),
    ],
)
def test_the_shapes_of_its_reshapes_get_the_cells_of_the_new_size(tmp_path, shape, after):
    model = parsed(make_onnx.picodet(tmp_path / "own.onnx", size=(416, 416)))
    weight = numpy_helper.from_array(np.array(shape, np.int64), "shape")
    model.graph.initializer.append(weight)
    changed = resized(model, PicoDet.INPUT, (640, 384)).graph.initializer[-1]
    assert numpy_helper.to_array(changed).tolist() == after
    assert changed.name == "shape"


def test_the_default_model_has_smaller_inputs_too(real):
    detector = open_detector("picodet-s-416", score=0.4, engine=Engine(("cpu",)), small=True)
    areas = [width * height for width, height in detector.sizes]
    assert detector.sizes[0] == (416, 416)
    assert detector.sizes[-1] == (224, 224)
    assert areas == sorted(areas, reverse=True)
    wall = [np.full((height, width, 3), 128, np.uint8) for width, height in detector.sizes]
    assert [len(one) for one in detector.infer([*wall, *wall])] == [0] * len(wall) * 2


@pytest.mark.data
def test_it_finds_the_same_people_on_a_smaller_input(real, road):
    """A part of the road that has the same scale on all of them."""
    detector = open_detector("picodet-s-416", score=0.5, engine=Engine(("cpu",)), small=True)
    part = road[150:374, 540:764]
    told = []
    for width, height in detector.sizes:
        shown = np.full((height, width, 3), 114, np.uint8)
        shown[:224, :224] = part
        (found,) = detector.infer([shown])
        told.append(found[found.class_id == 0].xyxy[:3])
    for one in told[1:]:
        assert np.sort(one, axis=0) == pytest.approx(np.sort(told[0], axis=0), abs=8)


def with_a_picture_sized_weight(path):
    """A PicoDet that adds something to every pixel: that is of one size only."""
    make_onnx.picodet(path, [(1, 2, 30, 40)], [{0: 0.5}], size=(64, 64))
    model = onnx.load(path)
    (first,) = [node for node in model.graph.node if "image" in node.input]
    first.input[0] = "moved"
    weight = numpy_helper.from_array(np.zeros((1, 3, 64, 64), np.float32), "map")
    model.graph.initializer.append(weight)
    model.graph.node.insert(0, helper.make_node("Add", ["image", "map"], ["moved"]))
    onnx.save(model, path)
    return path


def test_a_network_that_can_t_be_resized_has_one_size(cache, tmp_path):
    add_model(with_a_picture_sized_weight(tmp_path / "own.onnx"))
    with capture_logs() as logs:
        detector = open_detector("own", score=0.3, engine=Engine(("cpu",)), small=True)
    assert detector.sizes == ((64, 64),)
    assert [one["event"] for one in logs] == ["one input size only"]
    (found,) = detector.infer([np.zeros((64, 64, 3), np.uint8)])
    assert found.xyxy.tolist() == [[1, 2, 30, 40]]


def test_unasked_a_network_has_one_size(cache, tmp_path):
    add_model(make_onnx.picodet(tmp_path / "own.onnx", size=(64, 64)))
    assert open_detector("own", score=0.3, engine=Engine(("cpu",))).sizes == ((64, 64),)


def test_as_on_a_device_the_default_model_computes_nearly_the_same(real):
    picture = image((416, 416))
    boxes, scores = run(OnnxRuntimeSession(real, PicoDet.INPUT), picture)
    half = run(OnnxRuntimeSession(real, PicoDet.INPUT, precision="fp16"), picture)
    assert half[0].dtype == half[1].dtype == np.float32
    assert half[1] == pytest.approx(scores, abs=0.02)
    sure = scores.max(axis=1)[0] > 0.1
    assert half[0][0, sure] == pytest.approx(boxes[0, sure], abs=3)


def test_a_resized_network_is_made_for_a_device_too(real):
    picture = image((416, 224))
    plain = run(OnnxRuntimeSession(real, PicoDet.INPUT, size=(416, 224)), picture)
    half = run(OnnxRuntimeSession(real, PicoDet.INPUT, size=(416, 224), precision="fp16"), picture)
    assert half[1] == pytest.approx(plain[1], abs=0.02)


def showing_its_input(path):
    """A network whose output is its input."""
    shape = ["b", 3, 20, 30]
    given = helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)
    out = helper.make_tensor_value_info("shown", TensorProto.FLOAT, shape)
    node = helper.make_node("Identity", ["image"], ["shown"])
    return make_onnx.save(path, helper.make_graph([node], "showing", [given], [out]))


@pytest.mark.parametrize("rgb", [True, False])
@pytest.mark.parametrize("half", [True, False])
def test_on_a_device_a_picture_is_prepared_as_it_is_here(tmp_path, rgb, half):
    wanted = Input("image", rgb=rgb, mean=(10, 20, 30), scale=(0.01, 0.02, 0.04))
    model = for_device(parsed(showing_its_input(tmp_path / "own.onnx")), wanted, half=half)
    pictures = np.random.default_rng(1).integers(0, 256, (2, 20, 30, 3), np.uint8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (shown,) = session.run(["shown"], {BYTES: pictures})
    expected = np.empty((2, 3, 20, 30), np.float32)
    wanted.tensor(pictures, expected)
    assert shown == pytest.approx(expected, abs=0.01 if half else 1e-5)


@pytest.mark.parametrize("content", [b"", b"hello", None])
def test_a_file_that_is_no_network_is_one_clear_error(tmp_path, content):
    path = tmp_path / "own.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"own\.onnx is not a model"):
        parsed(path)


def test_a_network_without_the_picture_s_input_is_of_another_family(tmp_path):
    model = parsed(make_onnx.picodet(tmp_path / "own.onnx", name="other"))
    with pytest.raises(ModelError, match="no input 'image'"):
        resized(model, PicoDet.INPUT, (64, 64))
    with pytest.raises(ModelError, match="no input 'image'"):
        for_device(model, PicoDet.INPUT, half=False)
