"""Bytes that are a bomb for the parser."""

import pytest
from onnx import TensorProto

from edge.detect import onnx_wire
from tests.detect import make_hostile
from tests.detect.make_hostile import refused

FLOAT = TensorProto.FLOAT
BIG = 1 << 20


@pytest.fixture
def path(tmp_path):
    return tmp_path / "it.onnx"


@pytest.mark.parametrize("depth", [12, 14, 33, 50, 5000])
def test_a_bomb_of_nested_graphs_is_refused(path, depth):
    refused(make_hostile.nested(path, depth), "inside one another" if depth > 12 else "opset")


def test_a_million_empty_parts_are_refused_before_they_are_parsed(path):
    make_hostile.raw(path, make_hostile.field(1, b"") * 1_500_000)
    refused(path, "more parts than any network has")


def test_deep_empty_parts_are_refused_before_they_are_parsed(path):
    attributes = make_hostile.field(5, b"") * 1_500_000
    refused(make_hostile.raw(path, make_hostile.field(1, attributes)), "more parts")


def test_packed_numbers_are_counted_by_what_they_become(path):
    integers, floats = 7, 4
    numbers = bytes(onnx_wire.LARGEST_PARSED // 8)
    for field, words in ((integers, "more parts"), (floats, "no operators")):
        tensor = make_hostile.field(field, numbers)
        refused(make_hostile.raw(path, make_hostile.field(5, tensor)), words)
