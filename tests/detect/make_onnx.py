"""Builds small ONNX graphs whose outputs the test chooses, one of each family and others.

`boxes` are [(x1, y1, x2, y2)] in pixels of the input, `scores` [{class: score}], one for each.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edge.detect.detr import CATEGORIES
from edge.detect.families import FAMILIES
from edge.detect.session import Node

OPSET, IR = 14, 8
RANKS = {
    "picodet": {"boxes": 3, "scores": 3},
    "yolox": {"output": 3},
    "nanodet": {"output": 3},
    "rtdetr": {"labels": 2, "boxes": 3, "scores": 2},
    "rfdetr": {"dets": 3, "labels": 3},
}
SURE = 50.0  # a logit that is as good as 1, and its opposite as 0


def table(scores, *, rows=None, classes=80, missing=0.0):
    """Scores (rows, classes), those not named being `missing`."""
    filled = np.full((len(scores) if rows is None else rows, classes), missing, np.float32)
    for row, of in enumerate(scores):
        for class_id, score in of.items():
            filled[row, class_id] = score
    return filled


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
    batch=1,
):
    """A PicoDet; `shapes` declares other outputs than the real ones, `order` is the outputs'."""
    values = {
        "boxes": np.array(boxes, np.float32).reshape(1, -1, 4),
        "scores": table(scores, classes=classes).T[None],
    }
    picture = {name: (number, [batch, 3, size[1], size[0]])}
    return answering(path, picture, {key: values[key] for key in order}, shapes=shapes)


def yolox(path, boxes=(), scores=(), *, size=(32, 32), batch=1):
    """A YOLOX that says the first box in its first cell, the next in the next."""
    picture = {"images": (TensorProto.FLOAT, [batch, 3, size[1], size[0]])}
    return answering(path, picture, {"output": yolox_output(boxes, scores, size)})


def yolox_output(boxes, scores, size):
    places = cells(size, (8, 16, 32))
    output = np.zeros((len(places), 85), np.float32)
    for row, ((x1, y1, x2, y2), (x, y, stride)) in enumerate(zip(boxes, places, strict=False)):
        output[row, :2] = (x1 + x2) / 2 / stride - x, (y1 + y2) / 2 / stride - y
        output[row, 2:4] = np.log([(x2 - x1) / stride, (y2 - y1) / stride])
        output[row, 4] = 1
    output[:, 5:] = table(scores, rows=len(places))
    return output[None]


def nanodet(path, boxes=(), scores=(), *, size=(32, 32), batch=1):
    """A NanoDet-Plus that says each box in the first free cell whose corner it holds."""
    picture = {"data": (TensorProto.FLOAT, [batch, 3, size[1], size[0]])}
    return answering(path, picture, {"output": nanodet_output(boxes, scores, size)})


def nanodet_output(boxes, scores, size):
    places = cells(size, (8, 16, 32, 64))
    output = np.zeros((len(places), 112), np.float32)
    free = list(range(len(places)))
    for box, of in zip(boxes, scores, strict=True):
        row = next(row for row in free if (sides(box, places[row]) >= 0).all())
        free.remove(row)
        output[row, :80] = table([of])[0]
        output[row, 80:] = np.ravel([bins(side) for side in sides(box, places[row])])
    return output[None]


def sides(box, place):
    """How far a box reaches to the left, top, right and bottom of a cell's corner, in strides."""
    x1, y1, x2, y2 = box
    x, y, stride = place
    return np.array([x - x1 / stride, y - y1 / stride, x2 / stride - x, y2 / stride - y])


def bins(distance):
    """Logits of 0 to 7 whose expectation is the distance."""
    near = min(int(distance), 6)
    logits = np.full(8, -SURE)
    logits[near : near + 2] = np.log(np.maximum([near + 1 - distance, distance - near], 1e-20))
    return logits


def cells(size, strides):
    """Column, row and stride of each cell of the grids."""
    width, height = size
    return [
        (x, y, stride)
        for stride in strides
        for y in range(-(-height // stride))
        for x in range(-(-width // stride))
    ]


def rtdetr(path, boxes=(), scores=(), *, size=(32, 32), batch=1):
    """An RT-DETR or D-FINE, with a query for each class of each box."""
    pairs = [
        (box, class_id, score)
        for box, of in zip(boxes, scores, strict=True)
        for class_id, score in of.items()
    ]
    inputs = {
        "images": (TensorProto.FLOAT, [batch, 3, size[1], size[0]]),
        "orig_target_sizes": (TensorProto.INT64, [batch, 2]),
    }
    values = {
        "labels": np.array([[class_id for _, class_id, _ in pairs]], np.int64),
        "boxes": unit([box for box, _, _ in pairs], size)[None],
        "scores": np.array([[score for _, _, score in pairs]], np.float32),
    }
    return answering(path, inputs, values, scaled="boxes")


def rfdetr(path, boxes=(), scores=(), *, size=(32, 32), batch=1):
    """An RF-DETR, whose classes have COCO's own numbers."""
    picture = {"input": (TensorProto.FLOAT, [batch, 3, size[1], size[0]])}
    own = [{int(CATEGORIES[class_id]): score for class_id, score in of.items()} for of in scores]
    corners = unit(boxes, size)
    start, end = corners[:, :2], corners[:, 2:]
    told = np.clip(table(own, classes=91), 1e-20, None)[None]
    values = {
        "dets": np.hstack(((start + end) / 2, end - start))[None],
        "labels": np.log(told / (1 - told)),
    }
    return answering(path, picture, values)


def unit(boxes, size):
    """Boxes as parts of the input's size."""
    return np.array(boxes, np.float32).reshape(-1, 4) / np.array([*size] * 2, np.float32)


def answering(path, inputs, values, *, shapes=None, scaled=None):
    """A network that gives the values [1, ...] to each picture, whatever it shows.

    `inputs` are {name: (number type, shape)}. The output `scaled` is multiplied by the input
    `orig_target_sizes`, as RT-DETR does it. `shapes` declares other shapes than the values'.
    """
    first, (_, (batch, *_)) = next(iter(inputs.items()))
    given = [helper.make_tensor_value_info(name, *wanted) for name, wanted in inputs.items()]
    weights = {"zero": np.zeros(1, np.float32), "row": np.array([-1, 1, 1], np.int64)}
    nodes = [
        helper.make_node("Cast", [first], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),  # the picture must be read
        helper.make_node("Reshape", ["nothing", "row"], ["nothing3"]),
        helper.make_node("Squeeze", ["nothing3", "last"], ["nothing2"]),
    ]
    weights["last"] = np.array([2], np.int64)
    outputs = []
    for key, value in values.items():
        weights[f"{key}_value"] = value
        shape = (shapes or {}).get(key, [batch, *value.shape[1:]])
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        outputs.append(helper.make_tensor_value_info(key, kind, shape))
        nodes += _answer(key, f"nothing{value.ndim}", kind, scaled=key == scaled)
    constants = [numpy_helper.from_array(value, key) for key, value in weights.items()]
    return save(path, helper.make_graph(nodes, "answering", given, outputs, constants))


def _answer(key, nothing, kind, *, scaled):
    """The value for each picture of the batch: a row of nothing for each is added to it."""
    value, added = f"{key}_value", f"{key}_added"
    nodes = [helper.make_node("Cast", [nothing], [added], to=kind)]
    if not scaled:
        return [*nodes, helper.make_node("Add", [value, added], [key])]
    names = [f"{key}_{step}" for step in ("sizes", "twice", "each", "axis")]
    sizes, twice, each, axis = names
    return [
        *nodes,
        helper.make_node("Constant", [], [axis], value_ints=[1]),
        helper.make_node("Cast", ["orig_target_sizes"], [sizes], to=TensorProto.FLOAT),
        helper.make_node("Concat", [sizes, sizes], [twice], axis=1),
        helper.make_node("Unsqueeze", [twice, axis], [each]),
        helper.make_node("Mul", [value, each], [f"{key}_placed"]),
        helper.make_node("Add", [f"{key}_placed", added], [key]),
    ]


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


class Answers:
    """A session without a runtime: it answers a family with the values, whatever is in them.

    What it was given is kept in `more`.
    """

    name, provider, precision = "answers", "none", "fp32"

    def __init__(self, family, values, *, size=(32, 32)):
        self._values, self.size, self.more = values, size, {}
        self.inputs = {FAMILIES[family].INPUT.name: Node((None,) * 4)}
        if family == "rtdetr":
            self.inputs["orig_target_sizes"] = Node((None, 2), "int64")
        self.outputs = {
            name: Node((None,) * rank, "int64" if values[name].dtype == np.int64 else "float")
            for name, rank in RANKS[family].items()
        }

    def run(self, outputs, _images, **more):
        self.more = more
        return [self._values[name] for name in outputs]
