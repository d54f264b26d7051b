"""The tensors that an ONNX file may have: in the file, and as many numbers as it says."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from edge.detect.onnx_file import inspect
from tests.detect.make_hostile import branches, elsewhere, network, node, refused, tensor

FLOAT = TensorProto.FLOAT
BIG = 1 << 20


PLACES = {
    "a weight": lambda one: {"change": lambda m: m.graph.initializer.append(one)},
    "a constant": lambda one: {"nodes": [node("Constant", [], ["y"], value=one)]},
    "an attribute": lambda one: {"nodes": [node("Relu", ["image"], ["y"], many=[one])]},
    "a branch": lambda one: {
        "nodes": [branches(node("Constant", [], ["y"], value=one))], "weights": {"yes": True},
    },
}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "it.onnx"


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_tensor_in_another_file_is_refused_wherever_it_is(path, place):
    (path.parent / "w.bin").write_bytes(bytes(4))
    network(path, **place(elsewhere("w.bin")))
    refused(path, "the tensor 'w' in another file, 'w.bin'", "one file: onnx.save")


@pytest.mark.parametrize(
    "location",
    ["/etc/passwd", "../w.bin", "a/../../w.bin", "..\\w.bin", "C:\\w.bin", "\\\\host\\w", "w\0",
     "link", "link/w.bin", "circle"],
)  # fmt: skip
def test_a_tensor_outside_of_the_folder_is_hostile(path, location):
    (path.parent / "link").symlink_to("/etc")
    (path.parent / "circle").symlink_to("circle")
    network(path, change=lambda m: m.graph.initializer.append(elsewhere(location)))
    refused(path, "is hostile", "the tensor 'w'", repr(location)[:60], "don't use it")


def test_a_location_is_enough_to_be_elsewhere(path):
    one = elsewhere("w.bin")
    one.data_location = TensorProto.DEFAULT
    refused(network(path, change=lambda m: m.graph.initializer.append(one)), "another file")


def test_sparse_tensors_are_refused(path):
    sparse = onnx.SparseTensorProto(values=tensor("thin", [1.0]), dims=[1 << 40])
    refused(network(path, change=lambda m: m.graph.sparse_initializer.append(sparse)), "'thin'")
    constant = node("Constant", [], ["y"], sparse_value=sparse)
    refused(network(path, [constant]), "sparse tensor 'sparse_value'")
    several = node("Relu", ["image"], ["y"])
    several.attribute.add(name="more").sparse_tensors.append(sparse)
    refused(network(path, [several]), "sparse tensor 'more'")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"raw_data": bytes(15)}, "does not hold the 4 numbers it says, 2x2"),
        ({"raw_data": bytes(17)}, "does not hold"),
        ({"raw_data": b""}, "does not hold"),
        ({"float_data": [1]}, "does not hold"),  # twice: raw and not
        ({"raw_data": b"", "float_data": [1, 2, 3]}, "does not hold"),
        ({"raw_data": b"", "int32_data": [1, 2, 3, 4]}, "does not hold"),
        ({"dims": [0]}, "does not hold the 0 numbers"),
        ({"dims": [-2, -2]}, "negative size, -2x-2"),
        ({"dims": [1 << 40, 1 << 40]}, "numbers"),
        ({"dims": [1] * 17}, "17 axes, more than 16"),
        ({"data_type": TensorProto.STRING}, "of text"),
        ({"data_type": TensorProto.COMPLEX64}, "number type 14"),
        ({"data_type": 0}, "number type 0"),
        ({"data_type": 99}, "number type 99"),
    ],
)
def test_a_tensor_holds_what_it_says(path, change, words):
    one = tensor("w", np.zeros((2, 2), np.float32))
    for name, content in change.items():
        one.ClearField(name)
        if isinstance(content, list):
            getattr(one, name).extend(content)
        else:
            setattr(one, name, content)
    network(path, change=lambda m: m.graph.initializer.append(one))
    refused(path, "the tensor 'w'", words)


@pytest.mark.parametrize("kind", [
    "FLOAT", "DOUBLE", "INT64", "UINT64", "INT32", "UINT32", "INT16", "UINT16", "INT8", "UINT8",
    "BOOL", "FLOAT16", "BFLOAT16", "FLOAT8E4M3FN",
        "FLOAT8E4M3FNUZ", "FLOAT8E5M2FNUZ", "FLOAT8E5M2", "INT4", "UINT4",
])  # fmt: skip
@pytest.mark.parametrize("raw", [True, False])
def test_every_number_type_holds_its_numbers(path, kind, raw):
    """As onnx itself writes them: five, of which a byte may hold two."""
    number = TensorProto.DataType.Value(kind)
    one = helper.make_tensor("w", number, [5], np.array([1, 0, 1, 1, 0], np.int64))
    if raw:
        array = onnx.numpy_helper.to_array(one)
        one = onnx.numpy_helper.from_array(array, "w")
        assert one.raw_data
    assert inspect(network(path, change=lambda m: m.graph.initializer.append(one)))


def test_names_of_a_file_are_made_safe(path):
    name = "a\x1b[2J\n" + "b" * 1000
    network(path, change=lambda m: m.graph.initializer.append(elsewhere("w", name)))
    assert "a\\x1b[2J\\nbbb" in refused(path, "...'")
    assert len(refused(path)) < 300
