"""The shapes in an ONNX graph: those it declares, and those that follow from its operators."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, shape_inference
from onnx.shape_inference import InferenceError

from edge.detect.onnx_graph import all_graphs, constant_tensors
from edge.detect.onnx_tensors import EXPORT, NUMBER_FIELDS, check_sizes, quoted
from edge.detect.session import Shape
from edge.errors import ModelError

MOST_INFERRED = 1024  # numbers in a tensor that inference may look into: shapes are shorter
LONGEST_REASON = 200  # letters of what inference says
GUARDED = 13  # before this opset, inference makes as many axes for Expand as the file asks for


def check_values(values: Iterable[ValueInfoProto]) -> None:
    """Raise ModelError where one of these values is no tensor, or no tensor that may be."""
    for value in values:
        named = f"the value {quoted(value.name)}"
        kind = value.type.WhichOneof("value") or "tensor_type"
        if kind != "tensor_type":
            raise ModelError(
                f"has {named} that is a {kind.removesuffix('_type')}, not a tensor",
                f"{EXPORT} with tensors only",
            )
        if value.type.tensor_type.elem_type == TensorProto.STRING:
            raise ModelError(f"has {named} of text", f"{EXPORT} without text")
        check_sizes(sizes_of(value), named)


def sizes_of(value: ValueInfoProto) -> Shape:
    """The sizes of a value."""
    axes = value.type.tensor_type.shape.dim
    return tuple(axis.dim_value if axis.HasField("dim_value") else None for axis in axes)


def values_of(graph: GraphProto) -> Iterator[ValueInfoProto]:
    """All values of a graph that have a declared or inferred type."""
    yield from graph.input
    yield from graph.output
    yield from graph.value_info


def infer(model: ModelProto, opset: int) -> ModelProto:
    """The model with the shapes that follow from its inputs, and without its weights.

    What the file says of its other shapes is forgotten: it may lie. Changes `model`.
    Raises ModelError where the operators contradict one another.
    """
    graphs = all_graphs(model)
    for graph in graphs:
        _forget(graph)
    expands = _expands(graphs, opset)
    asked = [node.input[1] for node in expands]
    for node in expands:
        node.input[1] = ""
    inferred = _inferred(model)
    for node, name in zip(_expands(all_graphs(inferred), opset), asked, strict=True):
        node.input[1] = name
    return inferred


def _forget(graph: GraphProto) -> None:
    """Drop the shapes that the file declares, and the weights: they take time and tell nothing."""
    del graph.value_info[:]
    for value in graph.output:
        if value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")
    held = [tensor for node in graph.node for tensor in constant_tensors(node)]
    for tensor in [*graph.initializer, *held]:
        if math.prod(tensor.dims) > MOST_INFERRED:
            for field in NUMBER_FIELDS:
                tensor.ClearField(field)


def _expands(graphs: Sequence[GraphProto], opset: int) -> list[NodeProto]:
    if opset >= GUARDED:
        return []
    nodes = (node for graph in graphs for node in graph.node)
    return [node for node in nodes if node.op_type == "Expand" and len(node.input) > 1]


def _inferred(model: ModelProto) -> ModelProto:
    try:
        return shape_inference.infer_shapes(model.SerializeToString(), data_prop=True)
    except (InferenceError, RuntimeError, ValueError, LookupError) as error:
        reason = quoted(" ".join(str(error).split()), LONGEST_REASON)
        raise ModelError(f"has operators that don't fit together: {reason}", EXPORT) from None
