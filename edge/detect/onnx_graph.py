"""What an ONNX graph is made of: operators that end, and tensors that lie in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, defs

from edge.detect.onnx_tensors import EXPORT, check_tensor, plain, quoted
from edge.errors import ModelError

MOST_OPERATORS = 20_000  # a transformer as exported has 4 000; what runtimes do grows faster
MOST_TENSORS = 20_000  # an operator has one or two
DEEPEST = 4  # graphs inside one another; exporters write one, for an axis that may be squeezed
LARGEST_WINDOW = 4096  # a kernel, stride or padding is no larger than the picture

AS_DETECTOR = "export it again, for inference and without loops"
DOMAINS = frozenset({"", "com.microsoft"})
_REFUSED = MappingProxyType(
    {
        ("", "Loop"): "may never end",
        ("", "Scan"): "hides how often it runs",
        (
            "com.microsoft",
            "EPContext",
        ): "runs a program for one device, which may lie in another file",
    }
)
_WINDOWS = frozenset(
    ("dilations", "kernel_shape", "output_padding", "output_shape", "pads", "scales", "strides")
)


def check_parts(model: ModelProto, opset: int, folder: Path) -> list[GraphProto]:
    """The graph and those inside it, outer first; raises ModelError at the first bad part.

    `folder` is where the file lies.
    """
    if model.functions:
        raise ModelError(
            f"has the function {quoted(model.functions[0].name)}, which hides its work",
            f"{EXPORT} with functions inlined (onnx.inliner)",
        )
    if model.training_info:
        raise ModelError("has a graph for training", AS_DETECTOR)
    graphs = all_graphs(model)
    _check_count(sum(len(graph.node) for graph in graphs), MOST_OPERATORS, "operators")
    _check_count(sum(len(graph.initializer) for graph in graphs), MOST_TENSORS, "tensors")
    for graph in graphs:
        for node in graph.node:
            _check_operator(node, opset)
        for tensor, named in _tensors(graph):
            check_tensor(tensor, named, folder)
    return graphs


def all_graphs(model: ModelProto) -> list[GraphProto]:
    """The graph and those inside it, outer first; raises ModelError where they go too deep."""
    found: list[GraphProto] = []
    level: Sequence[GraphProto] = [model.graph]
    for _ in range(DEEPEST + 1):
        found += level
        level = [inner for graph in level for node in graph.node for inner in inner_graphs(node)]
        if not level:
            return found
    raise ModelError(f"has graphs inside one another, more than {DEEPEST} deep", AS_DETECTOR)


def inner_graphs(node: NodeProto) -> Iterator[GraphProto]:
    """The graphs that an operator carries."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def constant_tensors(node: NodeProto) -> Iterator[TensorProto]:
    """The tensors that an operator carries; raises ModelError at one that is stored sparse."""
    for attribute in node.attribute:
        if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
            raise _sparse(attribute.name)
        if attribute.HasField("t"):
            yield attribute.t
        yield from attribute.tensors


def _check_count(count: int, most: int, what: str) -> None:
    if count > most:
        raise ModelError(
            f"has {count} {what}, more than {most}", f"{EXPORT} simplified (onnxslim, onnxsim)"
        )


def _check_operator(node: NodeProto, opset: int) -> None:
    kind, domain = plain(node.op_type), plain(node.domain)
    domain = "" if domain == "ai.onnx" else domain
    named = f"the operator {quoted(kind)}"
    if (why := _REFUSED.get((domain, kind))) is not None:
        raise ModelError(f"uses {named}, which {why}", AS_DETECTOR)
    _check_origin(named, kind, domain, opset)
    if kind != "If" and any(True for _ in inner_graphs(node)):
        raise ModelError(f"has a graph in {named}; only 'If' may have one", AS_DETECTOR)
    for attribute in node.attribute:
        _check_window(attribute, named)


def _check_origin(named: str, kind: str, domain: str, opset: int) -> None:
    remedy = f"{EXPORT} with operators of ONNX itself or of com.microsoft"
    if domain not in DOMAINS:
        why = ": decision trees and text, not pictures" if domain == "ai.onnx.ml" else ""
        raise ModelError(f"uses {named} of the domain {quoted(domain)}{why}", remedy)
    if not domain and not defs.has(kind, opset, ""):
        raise ModelError(f"uses {named}, which ONNX does not have in its opset {opset}", remedy)


def _check_window(attribute: AttributeProto, named: str) -> None:
    if plain(attribute.name) not in _WINDOWS:
        return
    for size in [*attribute.ints, *attribute.floats]:
        if not abs(size) <= LARGEST_WINDOW:  # not a number is not larger
            raise ModelError(
                f"has {named} with {attribute.name} of {size}, more than {LARGEST_WINDOW}", EXPORT
            )


def _tensors(graph: GraphProto) -> Iterator[tuple[TensorProto, str]]:
    """Every tensor of a graph, and what to call it."""
    for sparse in graph.sparse_initializer:
        raise _sparse(sparse.values.name)
    for tensor in graph.initializer:
        yield tensor, f"the tensor {quoted(tensor.name)}"
    for node in graph.node:
        label = node.output[0] if node.output else node.name
        for tensor in constant_tensors(node):
            yield tensor, f"the tensor {quoted(tensor.name or label)}"


def _sparse(name: str) -> ModelError:
    return ModelError(
        f"has the sparse tensor {quoted(name)}: a few bytes may stand for any size",
        f"{EXPORT} with dense tensors",
    )
