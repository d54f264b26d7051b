"""Builds ONNX files that are wrong or hostile in one way each, beside one that is right."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.detect.onnx_file import inspect
from edge.errors import ModelError

OPSET, IR = 17, 8
FLOAT = TensorProto.FLOAT

node = helper.make_node


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def network(  # noqa: PLR0913 - each option is a way to be another file
    path,
    nodes=(),
    weights=None,
    *,
    inputs=None,
    outputs=None,
    values=(),
    opset=OPSET,
    domains=("com.microsoft",),
    change=None,
):
    """A picture's negative parts cut off, with more nodes and weights beside, changed at last."""
    inputs = inputs or [value("image", [1, 3, 32, 32])]
    outputs = outputs or [value("out", None)]
    tensors = [tensor(name, numbers) for name, numbers in (weights or {}).items()]
    cut = node("Relu", [inputs[0].name], ["out"], name="cut")
    graph = helper.make_graph([cut, *nodes], "small", inputs, outputs, tensors, value_info=values)
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(one, 1) for one in domains)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=IR, producer_name="test")
    if change:
        change(model)
    path.write_bytes(model.SerializeToString())
    return path


def detector(path):
    """A small network as exporters write it: weights, constants, a convolution, a resize."""
    shape = node("Constant", [], ["shape"], value=tensor("", np.array([1, 4, -1])))
    nodes = [
        node("Conv", ["image", "kernel"], ["found"], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Resize", ["found", "", "scales"], ["wide"], mode="nearest"),
        shape,
        node("Reshape", ["wide", "shape"], ["boxes"]),
    ]
    weights = {
        "kernel": np.full((4, 3, 3, 3), 0.1, np.float32),
        "scales": np.array([1, 1, 2, 2], np.float32),
    }
    outputs = [value("out", None), value("boxes", [1, 4, 1024])]
    return network(path, nodes, weights, outputs=outputs)


def tensor(name, numbers):
    return numpy_helper.from_array(np.asarray(numbers), name)


def elsewhere(location, name="w"):
    """A tensor whose numbers are said to be in another file."""
    found = TensorProto(name=name, data_type=FLOAT, dims=[1])
    found.data_location = TensorProto.EXTERNAL
    found.external_data.add(key="location", value=location)
    return found


def branches(*inner, outputs=("y",), name="choice"):
    """If, with these nodes in both branches; the last makes `y`."""
    inner = inner or (node("Identity", ["image"], ["y"]),)
    graph = helper.make_graph(
        inner, "branch", [], [onnx.ValueInfoProto(name=one) for one in outputs]
    )
    return node("If", ["yes"], [f"{name}_out"], name=name, then_branch=graph, else_branch=graph)


def field(number, content):
    """A field of bytes as Protocol Buffers write it."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number):
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def raw(path, graph):
    """A file with these bytes as its graph."""
    path.write_bytes(b"\x08\x08" + field(7, graph))
    return path


def nested(path, depth):
    """A graph in an attribute of an operator of a graph, and so on."""
    graph = b""
    for _ in range(depth):
        graph = field(1, field(5, field(6, graph)))
    return raw(path, graph)


def refused(path, *words):
    """The error of a file: one line that begins with its name, has these words and a remedy."""
    with pytest.raises(ModelError) as caught:
        inspect(path)
    message = str(caught.value)
    assert message.startswith(f"{path.name} ")
    assert "\n" not in message
    assert str(path.parent) not in message
    assert caught.value.remedy
    for word in words:
        assert word in message
    return message
