"""How many numbers the operators of an ONNX graph make out of few, as far as the file tells."""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from types import MappingProxyType

from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, numpy_helper

from edge.detect.onnx_graph import inner_graphs
from edge.detect.onnx_shapes import sizes_of, values_of
from edge.detect.onnx_tensors import (
    EXPORT,
    MOST_AXES,
    MOST_NUMBERS,
    SMALLER,
    plain,
    quoted,
)
from edge.detect.session import Shape
from edge.errors import ModelError

LONGEST_SHAPE = 2 * MOST_AXES  # Pad takes two numbers for each axis

Numbers = TensorProto | list[float]

# They pass on the numbers of their first input; inference forgets them at some of these.
_SAME = frozenset(("Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the values that a graph's operators read, by name."""

    constants: Mapping[str, Numbers]
    shapes: Mapping[str, Shape]


NOTHING = Known({}, {})


def check_growth(graph: GraphProto, outer: Known = NOTHING, used: float = 0) -> float:
    """Add to `used` what a graph's operators make; raises ModelError where it is huge.

    A size that is not known counts as one. It is counted over all operators: a runtime computes
    what is constant when it loads a network, and keeps it.
    """
    known = _known(graph, outer)
    for node in graph.node:
        made = _made(node, known)
        if not made <= MOST_NUMBERS - used:  # nor may it be no number: infinity times zero
            raise ModelError(f"makes more than {MOST_NUMBERS} numbers in {_named(node)}", SMALLER)
        used += made
        for inner in inner_graphs(node):
            used = check_growth(inner, known, used)
    return used


def _known(graph: GraphProto, outer: Known) -> Known:
    own: dict[str, Numbers] = {one.name: one for one in graph.initializer}
    same: dict[str, Numbers] = {}
    seen = ChainMap(own, same, {**outer.constants})
    for node in graph.node:
        if node.op_type == "Constant" and node.output and node.attribute:
            own[node.output[0]] = _constant(node.attribute[0])
        elif node.op_type in _SAME and node.output and (name := _input(node, 0)) in seen:
            same[node.output[0]] = seen[name]
    inferred = {value.name: sizes_of(value) for value in values_of(graph)}
    held = {name: _held(numbers) for name, numbers in own.items()}  # an input may tell otherwise
    return Known(seen, {**outer.shapes, **inferred, **held})


def _constant(attribute: AttributeProto) -> Numbers:
    if attribute.HasField("t"):
        return attribute.t
    single: dict[str, list[float]] = {"value_int": [attribute.i], "value_float": [attribute.f]}
    return single.get(plain(attribute.name)) or [*attribute.ints, *attribute.floats]


def _held(numbers: Numbers) -> tuple[int, ...]:
    return (len(numbers),) if isinstance(numbers, list) else tuple(numbers.dims)


def _made(node: NodeProto, known: Known) -> float:
    grow = _GROWS.get(plain(node.op_type))
    return grow(node, known) if grow else 0


def _shaped_by(index: int) -> Callable[[NodeProto, Known], float]:
    """An operator whose result has the sizes in this input."""
    return lambda node, known: math.prod(_sizes(node, index, known) or [0])


def _times(index: int) -> Callable[[NodeProto, Known], float]:
    """An operator whose result has the numbers of the first input, times those in another."""

    def made(node: NodeProto, known: Known) -> float:
        return math.prod(_shape(node, 0, known)) * math.prod(_sizes(node, index, known) or [0])

    return made


def _expand(node: NodeProto, known: Known) -> float:
    wanted = _numbers(node, 1, known)
    if wanted is None:
        return 0
    sizes = zip_longest(reversed(wanted), reversed(_shape(node, 0, known)), fillvalue=1)
    return math.prod(map(max, sizes))


def _resize(node: NodeProto, known: Known) -> float:
    """By sizes, or by scales, which are the last but one input, or the last before opset 11."""
    by_sizes = _shaped_by(3)(node, known)
    return by_sizes or _times(2 if len(node.input) > 2 else 1)(node, known)  # noqa: PLR2004


def _range(node: NodeProto, known: Known) -> float:
    ends = [_numbers(node, index, known) for index in range(3)]
    if not all(ends):
        return 0
    (start, *_), (limit, *_), (step, *_) = (end for end in ends if end)
    if not step:
        raise ModelError(f"has {_named(node)} with a step of 0", EXPORT)
    return max(0, (limit - start) / step)


def _pad(node: NodeProto, known: Known) -> float:
    pads = _numbers(node, 1, known) or []
    axes, shape = len(pads) // 2, _shape(node, 0, known)
    sizes = shape if len(shape) == axes else [1] * axes
    padded = zip(sizes, pads[:axes], pads[axes:], strict=False)
    return math.prod(max(sum(one), 1) for one in padded)


def _random(node: NodeProto, _known: Known) -> float:
    sizes = [one.ints for one in node.attribute if plain(one.name) == "shape"]
    return math.prod(sizes[0]) if sizes else 0


def _reshape(node: NodeProto, known: Known) -> float:
    """It makes nothing, but its shape is looked at: a runtime makes axes of it at once."""
    _numbers(node, 1, known)
    return 0


_GROWS: Mapping[str, Callable[[NodeProto, Known], float]] = MappingProxyType(
    {
        "AffineGrid": _shaped_by(1),
        "BlackmanWindow": _shaped_by(0),
        "CenterCropPad": _shaped_by(1),
        "Col2Im": _shaped_by(1),
        "ConstantOfShape": _shaped_by(0),
        "Expand": _expand,
        "HammingWindow": _shaped_by(0),
        "HannWindow": _shaped_by(0),
        "MaxUnpool": _shaped_by(2),
        "OneHot": _times(1),
        "Pad": _pad,
        "RandomNormal": _random,
        "RandomUniform": _random,
        "Range": _range,
        "Reshape": _reshape,
        "Resize": _resize,
        "Tile": _times(1),
        "Upsample": _times(1),
    }
)


def _sizes(node: NodeProto, index: int, known: Known) -> list[float] | None:
    """The numbers in an input where they are known; raises ModelError where they are no sizes."""
    numbers = _numbers(node, index, known)
    if min(numbers or [0]) < 0:
        raise ModelError(f"has {_named(node)} with a negative size", EXPORT)
    return numbers


def _numbers(node: NodeProto, index: int, known: Known) -> list[float] | None:
    """The numbers in an input, which say how much is made; None where they are not known."""
    value = known.constants.get(_input(node, index))
    sizes = _shape(node, index, known) if value is None else _held(value)
    if math.prod(sizes) > LONGEST_SHAPE:
        raise ModelError(f"has {_named(node)} with a shape of more than {MOST_AXES} axes", EXPORT)
    if value is None:
        return None
    numbers = value if isinstance(value, list) else numpy_helper.to_array(value).ravel().tolist()
    if not all(map(math.isfinite, numbers)):
        raise ModelError(f"has {_named(node)} with a size that is no number", EXPORT)
    return numbers


def _shape(node: NodeProto, index: int, known: Known) -> list[int]:
    """The sizes of an input, one where it is not known."""
    return [1 if size is None else size for size in known.shapes.get(_input(node, index), ())]


def _input(node: NodeProto, index: int) -> str:
    return node.input[index] if index < len(node.input) else ""


def _named(node: NodeProto) -> str:
    label = node.name or (node.output[0] if node.output else "")
    return f"the operator {quoted(node.op_type)} {quoted(label)}"
