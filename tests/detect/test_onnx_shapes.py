"""The shapes that an ONNX file may declare, and those that follow from its operators."""

import onnx
import pytest
from onnx import TensorProto, helper

from edge.detect import onnx_growth
from edge.detect.onnx_file import inspect
from tests.detect.make_hostile import network, node, refused, value

FLOAT = TensorProto.FLOAT
BIG = 1 << 20


@pytest.fixture
def path(tmp_path):
    return tmp_path / "it.onnx"


@pytest.mark.parametrize("shape", [[-1, 4], [1 << 62, 1 << 62, 4], [1 << 28, 2]])
def test_declared_shapes_are_bounded(path, shape):
    refused(network(path, outputs=[value("out", shape)]), "the value 'out'")
    refused(network(path, values=[value("inside", shape)]), "the value 'inside'")


def test_values_are_tensors_of_numbers(path):
    kinds = {
        "sequence": helper.make_tensor_sequence_value_info("it", FLOAT, [1]),
        "optional": helper.make_value_info("it", helper.make_optional_type_proto(
            helper.make_tensor_type_proto(FLOAT, [1]))),
        "map": onnx.ValueInfoProto(name="it", type={"map_type": {"key_type": 7}}),
        "text": value("it", [1], TensorProto.STRING),
    }  # fmt: skip
    for words, one in kinds.items():
        for place in (
            {"inputs": [value("image", [1]), one]},
            {"outputs": [one]},
            {"values": [one]},
        ):
            refused(network(path, **place), "the value 'it'", words)
    untyped = onnx.ValueInfoProto(name="it")
    refused(network(path, outputs=[untyped]), "the output 'it'", "number type 0")
    assert inspect(network(path, values=[untyped]))


def test_text_that_an_operator_makes_is_refused(path):
    text = node("Cast", ["image"], ["words"], to=TensorProto.STRING)
    refused(network(path, [text]), "the value 'words' of text")


@pytest.mark.parametrize("count", [onnx_growth.MOST_NUMBERS, onnx_growth.MOST_NUMBERS + 1])
def test_the_bound_of_a_value_is_exact(path, count):
    network(path, values=[value("v", [count])])
    if count > onnx_growth.MOST_NUMBERS:
        refused(path, f"the value 'v' of {count}, more than")
    else:
        assert inspect(path)


def test_a_declared_shape_does_not_hide_the_real_one(path):
    nodes = [node("Concat", ["a", "a"], ["s"], axis=0), node("ConstantOfShape", ["s"], ["y"])]
    lie = {"values": [value("y", [1, 1])], "outputs": [value("y", [1, 1]), value("out", None)]}
    refused(network(path, nodes, {"a": [BIG]}, **lie), f"the value 'y' of {BIG}x{BIG}")


def test_a_shape_that_follows_has_few_axes(path):
    nodes = [node("ConstantOfShape", ["n"], ["s"]), node("ConstantOfShape", ["s"], ["y"])]
    assert inspect(network(path, nodes, {"n": [16]}))
    refused(network(path, nodes, {"n": [17]}), "the value 'y' with 17 axes, more than 16")
