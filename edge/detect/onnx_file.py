"""An ONNX file looked at before any runtime loads it: a network for pictures, whole and bounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from google.protobuf.message import DecodeError
from onnx import IR_VERSION, GraphProto, ModelProto, ValueInfoProto, defs

from edge.detect.onnx_graph import all_graphs, check_parts
from edge.detect.onnx_growth import check_growth
from edge.detect.onnx_shapes import check_values, infer, sizes_of, values_of
from edge.detect.onnx_tensors import (
    EXPORT,
    MOST_LETTERS,
    SMALLER,
    check_kind,
    in_words,
    plain,
    quoted,
)
from edge.detect.onnx_wire import AGAIN, measure
from edge.detect.session import Shape
from edge.errors import ModelError

LARGEST = 1 << 30  # bytes: the largest detectors have 0.9 GB of weights, protobuf ends at 2 GiB
OLDEST_IR = 3  # of ONNX 1.0; what came before has no opset
OLDEST_OPSET = 7  # the oldest that onnxruntime guarantees to run
MOST_PICTURES = 64  # in a batch; more gain nothing
LONGEST_SIDE = 4096  # pixels: a 4K picture as it is


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """What is known of a file without running it."""

    opset: int
    ir_version: int
    producer: str
    size_bytes: int
    operators: int  # with those in graphs of If
    inputs: Mapping[str, Shape]  # those that are no weights
    outputs: Mapping[str, Shape]


def inspect(path: Path) -> OnnxFile:
    """Read a file and check it; nothing in it is run, and no other file is read.

    Raises ModelError where it is no model, is damaged, or could read, run or fill what it should
    not. What this can't see: sizes that depend on an input whose own sizes are open, and what the
    operators of com.microsoft do.
    """
    try:
        content = _read(path)
        return _inspected(_parsed(content), len(content), path.parent)
    except ModelError as error:
        raise ModelError(f"{path.name} {error.what}", error.remedy) from None


def _inspected(model: ModelProto, size_bytes: int, folder: Path) -> OnnxFile:
    opset = _opset(model)
    graphs = check_parts(model, opset, folder)
    _check_values(graphs)
    file = OnnxFile(
        opset=opset,
        ir_version=model.ir_version,
        producer=_producer(model),
        size_bytes=size_bytes,
        operators=sum(len(graph.node) for graph in graphs),
        inputs=_inputs(model.graph),
        outputs=_shapes(model.graph.output, "output"),
    )
    inferred = infer(model, opset)
    _check_values(all_graphs(inferred))
    check_growth(inferred.graph)
    return file


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise ModelError("is not a file", "name the model itself")
        if status.st_size > LARGEST:
            raise ModelError(
                f"has {status.st_size} bytes, more than {LARGEST}", "bring a smaller model"
            )
        with path.open("rb") as file:
            return file.read(LARGEST)
    except OSError as error:
        raise ModelError(f"can't be read: {error.strerror}", "check the path and rights") from None


def _parsed(content: bytes) -> ModelProto:
    _check_is_model(content)
    measure(content)
    try:
        model = ModelProto.FromString(content)
    except DecodeError:
        raise ModelError("is damaged: it can't be parsed", AGAIN) from None
    if not model.graph.node:
        raise ModelError("has no operators: it is no model, or was cut short", AGAIN)
    return model


def _check_is_model(content: bytes) -> None:
    """Say of what is plainly something else what it is."""
    head = content[:256].decode(errors="ignore")
    if not content:
        raise ModelError("is empty", AGAIN)
    if head.startswith("version https://git-lfs"):
        raise ModelError("is a Git LFS pointer, not the model", "fetch it with `git lfs pull`")
    if all(letter.isprintable() or letter in "\r\n\t" for letter in head):
        raise ModelError("is text, not an ONNX model", "bring the file that the exporter wrote")


def _opset(model: ModelProto) -> int:
    """The version of ONNX's operators; raises ModelError where it, or the file's, isn't known."""
    newest = defs.onnx_opset_version()
    if not OLDEST_IR <= model.ir_version <= IR_VERSION:
        raise ModelError(
            f"has the IR version {model.ir_version}; supported are {OLDEST_IR} to {IR_VERSION}",
            f"{EXPORT} with an opset from {OLDEST_OPSET} to {newest}",
        )
    found = [one.version for one in model.opset_import if plain(one.domain) in {"", "ai.onnx"}]
    if len(found) == 1 and OLDEST_OPSET <= found[0] <= newest:
        return found[0]
    raise ModelError(
        f"has the opset {' and '.join(map(str, found)) or 'of no version'}; "
        f"supported are {OLDEST_OPSET} to {newest}",
        f"{EXPORT} with one of these",
    )


def _producer(model: ModelProto) -> str:
    text = f"{plain(model.producer_name)} {plain(model.producer_version)}".strip()
    return "".join(filter(str.isprintable, text))[:MOST_LETTERS]


def _check_values(graphs: Iterable[GraphProto]) -> None:
    for graph in graphs:
        check_values(values_of(graph))


def _inputs(graph: GraphProto) -> dict[str, Shape]:
    """Old exporters list the weights too."""
    weights = {tensor.name for tensor in graph.initializer}
    shapes = _shapes([value for value in graph.input if value.name not in weights], "input")
    for name, sizes in shapes.items():
        bounds = [MOST_PICTURES, *[LONGEST_SIDE] * len(sizes)]
        if any(
            size is not None and not 0 < size <= most
            for size, most in zip(sizes, bounds, strict=False)
        ):
            raise ModelError(
                f"has the input {quoted(name)} of {in_words(sizes)}, not of 1 to {MOST_PICTURES} "
                f"pictures with sides of 1 to {LONGEST_SIDE}",
                SMALLER,
            )
    return shapes


def _shapes(values: Sequence[ValueInfoProto], what: str) -> dict[str, Shape]:
    if not values:
        raise ModelError(f"has no {what}s: it is no model that can be run", EXPORT)
    for value in values:
        check_kind(value.type.tensor_type.elem_type, f"the {what} {quoted(value.name)}")
    return {plain(value.name): sizes_of(value) for value in values}
