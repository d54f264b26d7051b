"""What an ONNX file may be, looked at before a runtime loads it."""

import random
import re
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from edge.detect import onnx_file
from edge.detect.onnx_file import OnnxFile, inspect
from edge.errors import ModelError
from tests.detect import make_hostile
from tests.detect.conftest import DATA
from tests.detect.make_hostile import network, refused, value

FLOAT = TensorProto.FLOAT
BIG = 1 << 20
CACHE = Path("~/.cache/fenceline/models").expanduser()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "it.onnx"


def test_a_detector_is_described(path):
    file = inspect(make_hostile.detector(path))
    assert (file.opset, file.ir_version, file.producer, file.operators) == (17, 8, "test", 5)
    assert file.size_bytes == path.stat().st_size
    assert file.inputs == {"image": (1, 3, 32, 32)}
    assert file.outputs == {"out": (), "boxes": (1, 4, 1024)}


def test_open_sizes_are_none_and_weights_are_no_inputs(path):
    inputs = [value("image", ["batch", 3, None, 32]), value("w", [5000, 2])]
    file = inspect(network(path, weights={"w": np.zeros((5000, 2), np.float32)}, inputs=inputs))
    assert file.inputs == {"image": (None, 3, None, 32)}


@pytest.mark.data
def test_real_networks_pass():
    paths = [*(DATA / ".." / "models").rglob("*.onnx"), *CACHE.glob("*.onnx")]
    if not paths:
        pytest.skip(f"no models in {DATA / '..' / 'models'} and {CACHE}: set FENCELINE_DATA")
    for path in paths:
        took = []
        for _ in range(3):
            began = time.process_time()
            assert inspect(path).operators > 100
            took.append(time.process_time() - began)
        assert min(took) < 0.4, path  # 0.03 to 0.1 s where nothing else runs


def test_a_missing_file_is_named(path):
    refused(path, "can't be read", "No such file", "check the path")


def test_a_folder_is_no_file(tmp_path):
    refused(tmp_path / "..", "is not a file")


def test_an_empty_file_is_told(path):
    path.touch()
    refused(path, "is empty")


def test_a_file_too_large_is_not_read(path):
    with path.open("wb") as file:
        file.truncate(onnx_file.LARGEST + 1)
    began = time.process_time()
    refused(path, f"{onnx_file.LARGEST + 1} bytes, more than {onnx_file.LARGEST}")
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>\r\n\t<body>Not found", "is text"),
        ("Modèle".encode(), "is text"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "is not an ONNX file"),
        (b"PK\x03\x04\x14\x00\x00\x00", "is not an ONNX file"),
        (b"\x08\x08\x3b\x01", "is damaged"),  # a group, which no one writes any more
        (b"\x08" + b"\xff" * 11, "is damaged"),  # a number without end
        (b"\x08\x08\x3a\x02\x0a\x05\x12\x00", "is damaged"),  # a part larger than its whole
        (b"\x08\x08\x3d\x01", "cut short: 3 bytes"),
        (b"\x08\x08\x39\x01", "cut short: 7 bytes"),
        (b"\x08\x08\x3a\x90", "cut short: 1 bytes"),
        (b"\x08\x08\x00\x00", "can't be parsed"),  # a field without number
    ],
)
def test_other_files_are_told_apart(path, content, words):
    path.write_bytes(content)
    refused(path, words)


def test_a_model_cut_short_tells_how_much_is_missing(path):
    content = make_hostile.detector(path).read_bytes()
    imports = len(content) - content.rindex(b"B\x04")  # the opsets come behind the graph
    path.write_bytes(content[: -imports - 30])
    assert "bytes or more are missing" in refused(path, "is cut short", "copy or download")


@pytest.mark.parametrize(
    ("part", "words"),
    [("graph", "no operators"), ("node", "no operators"), ("input", "no inputs"),
     ("output", "no outputs")],
)  # fmt: skip
def test_a_model_without_its_parts_is_none(path, part, words):
    def change(model):
        (model if part == "graph" else model.graph).ClearField(part)

    refused(network(path, change=change), words)


@pytest.mark.parametrize("version", [0, 2, onnx.IR_VERSION + 1, -1])
def test_an_ir_version_out_of_range_is_refused(path, version):
    def change(model):
        model.ir_version = version

    refused(network(path, change=change), f"IR version {version}; supported are 3 to 1")


@pytest.mark.parametrize("version", [3, onnx.IR_VERSION])
def test_the_oldest_and_newest_ir_version_pass(path, version):
    def change(model):
        model.ir_version = version

    assert inspect(network(path, change=change)).ir_version == version


@pytest.mark.parametrize("opset", [6, onnx.defs.onnx_opset_version() + 1, -3])
def test_an_opset_out_of_range_is_refused(path, opset):
    newest = onnx.defs.onnx_opset_version()
    refused(network(path, opset=opset), f"opset {opset}; supported are 7 to {newest}")


@pytest.mark.parametrize("opset", [7, onnx.defs.onnx_opset_version()])
def test_the_oldest_and_newest_opset_pass(path, opset):
    assert inspect(network(path, opset=opset)).opset == opset


def test_there_is_one_opset(path):
    refused(network(path, domains=["ai.onnx"]), "opset 17 and 1;")
    refused(network(path, change=lambda m: m.ClearField("opset_import")), "opset of no version")


@pytest.mark.parametrize(
    ("shape", "passes"),
    [
        ([1, 3, 100_000, 100_000], False),
        ([1, 3, 4096, 4096], True),
        ([1, 3, 4097, 32], False),
        ([1, 3, 32, 4097], False),
        ([64, 3, 32, 32], True),
        ([65, 3, 32, 32], False),
        ([64, 3, 4096, 4096], False),
        ([1, 3, 0, 32], False),
        ([1, 3, -1, 32], False),
        ([0, 3, 32, 32], False),
        (["b", 3, "h", "w"], True),
        (["b", 3, 1 << 40, "w"], False),
    ],
)
def test_an_input_has_the_size_of_pictures(path, shape, passes):
    network(path, inputs=[value("image", shape)])
    if passes:
        assert inspect(path)
    else:
        refused(path, "'image'", "x".join("?" if isinstance(s, str) else str(s) for s in shape))


def outcome(path):
    """What becomes of a file: any other error fails the test."""
    try:
        return inspect(path)
    except ModelError as error:
        return error


def test_a_file_cut_anywhere_is_a_model_error(path, capfd):
    content = make_hostile.detector(path).read_bytes()
    for end in range(0, len(content), max(1, len(content) // 300)):
        path.write_bytes(content[:end])
        assert re.fullmatch(r"it\.onnx .*; .*", str(outcome(path)))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("many", [1, 5])
def test_a_file_with_changed_bytes_is_a_model_or_a_model_error(path, capfd, many):
    content = make_hostile.detector(path).read_bytes()
    chance = random.Random(many)
    seen = set()
    for _ in range(400):
        changed = bytearray(content)
        for _ in range(many):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        found = outcome(path)
        assert isinstance(found, OnnxFile) or re.fullmatch(r"it\.onnx .*; .*", str(found))
        seen.add(type(found))
    assert seen == {ModelError, OnnxFile}
    assert capfd.readouterr() == ("", "")
