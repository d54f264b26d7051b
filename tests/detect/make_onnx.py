"""Builds small ONNX graphs whose outputs the test chooses."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR = 14, 8


def picodet(  # noqa: PLR0913 - each option is a way to be another network
    path,
    boxes=(),
    scores=(),
    *,
    size=(32, 32),
    shapes=None,
    order=("boxes", "scores"),
    number=TensorProto.FLOAT,
    name="image",
    classes=80,
):
    """A PicoDet that answers `boxes` [(x1, y1, x2, y2)] and `scores` [{class: score}] to any image.

    `shapes` declares other output shapes than the real ones; `order` is the outputs' order.
    """
    width, height = size
    found = np.array(boxes, np.float32).reshape(1, -1, 4)
    table = np.zeros((1, classes, len(scores)), np.float32)
    for row, of in enumerate(scores):
        for class_id, score in of.items():
            table[0, class_id, row] = score
    values = {"boxes": found, "scores": table}
    declared = {key: list(value.shape) for key, value in values.items()} | (shapes or {})
    image = helper.make_tensor_value_info(name, number, [1, 3, height, width])
    weights = [numpy_helper.from_array(value, f"{key}_value") for key, value in values.items()]
    weights.append(numpy_helper.from_array(np.zeros(1, np.float32), "zero"))
    nodes = [
        helper.make_node("Cast", [name], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),  # the image must be read
        *(helper.make_node("Add", [f"{key}_value", "nothing"], [key]) for key in order),
    ]
    outputs = [
        helper.make_tensor_value_info(key, TensorProto.FLOAT, declared[key]) for key in order
    ]
    return save(path, helper.make_graph(nodes, "picodet", [image], outputs, weights))


def echo(path, *, side=200):
    """A PicoDet whose box is the input's mean red, green and blue, 100 + 10 * each, and 190."""
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, side, side])
    weights = [
        numpy_helper.from_array(np.array(10, np.float32), "ten"),
        numpy_helper.from_array(np.array(100, np.float32), "hundred"),
        numpy_helper.from_array(np.array([[190]], np.float32), "end"),
        numpy_helper.from_array(np.array([1, 1, 4], np.int64), "shape"),
        numpy_helper.from_array(np.full((1, 80, 1), 0.9, np.float32), "fixed"),
    ]
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["colour"], axes=[2, 3], keepdims=0),
        helper.make_node("Mul", ["colour", "ten"], ["wide"]),
        helper.make_node("Add", ["wide", "hundred"], ["high"]),
        helper.make_node("Concat", ["high", "end"], ["row"], axis=1),
        helper.make_node("Reshape", ["row", "shape"], ["boxes"]),
        helper.make_node("Identity", ["fixed"], ["scores"]),
    ]
    outputs = [
        helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, 1, 4]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 80, 1]),
    ]
    return save(path, helper.make_graph(nodes, "echo", [image], outputs, weights))


def save(path, graph):
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def unknown_operator(path):
    """A graph with an operator that no runtime has."""
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1])
    node = helper.make_node("Fancy", ["image"], ["boxes"], domain="example.none")
    graph = helper.make_graph([node], "strange", [image], [out])
    domains = [helper.make_opsetid("", OPSET), helper.make_opsetid("example.none", 1)]
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=IR), path)
    return path
