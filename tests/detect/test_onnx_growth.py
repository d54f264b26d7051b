"""Operators that make much out of few numbers."""

import time

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from edge.detect.onnx_file import inspect
from tests.detect.make_hostile import branches, network, node, refused, tensor, value

FLOAT = TensorProto.FLOAT
BIG = 1 << 20


@pytest.fixture
def path(tmp_path):
    return tmp_path / "it.onnx"


def sized(kind, *inputs):
    return node(kind, list(inputs), ["y"], name="grower")


COLUMN, ROW = np.zeros((20_000, 1)), np.zeros((1, 20_000))
FILL, WIDEN, TILE = (
    sized("ConstantOfShape", "s"),
    sized("Expand", "image", "s"),
    sized("Tile", "image", "s"),
)
BY_SIZES, BY_SCALES = sized("Resize", "image", "", "", "s"), sized("Resize", "image", "", "s")
RANGE, PAD, PAD_FAR = (
    sized("Range", "a", "b", "c"),
    sized("Pad", "image", "s"),
    sized("Pad", "far", "s"),
)
GROWERS = [  # the operator, and its constants: those that are huge, and those that are not
    (FILL, {"s": [BIG, BIG]}, {"s": [1, 1024]}),
    (FILL, {"s": [1 << 62] * 9}, {"s": []}),
    (WIDEN, {"s": [9, BIG, 3, 32, 32]}, {"s": [4, 3, 1, 1]}),
    (WIDEN, {"s": [BIG, 1, 1, 1]}, {"s": [1]}),
    (TILE, {"s": [1, 1, 1 << 62, 4]}, {"s": [1, 1, 2, 2]}),
    (TILE, {"s": [BIG, 1, 1, 1]}, {"s": [9, 1, 1, 1]}),
    (BY_SIZES, {"s": [1, 3, BIG, BIG]}, {"s": [1, 3, 9, 9]}),
    (BY_SCALES, {"s": [1, 1, 1e4, 1e4]}, {"s": [1, 1, 2.0, 2.0]}),
    (BY_SCALES, {"s": [1e300] * 4}, {"s": [1.0] * 4}),
    (RANGE, {"a": 0, "b": 1 << 62, "c": 1}, {"a": 0, "b": 9, "c": 1}),
    (RANGE, {"a": 1 << 62, "b": 0, "c": -1}, {"a": 9, "b": 0, "c": -1}),
    (RANGE, {"a": 0.0, "b": 1e300, "c": 1e-300}, {"a": 0.0, "b": 1.0, "c": 0.5}),
    (RANGE, {"a": 0, "b": 1 << 29, "c": 1}, {"a": 0, "b": -(1 << 62), "c": 1}),
    (PAD, {"s": [0, 0, 0, 0, 0, 0, BIG, BIG]}, {"s": [0, 0, 0, 0, 0, 0, 9, 9]}),
    (PAD, {"s": [0, 0, 1 << 24, 0, 0, 0, 0, 0]}, {"s": [0, 0, 9, 0, 0, 0, 0, 0]}),
    (PAD_FAR, {"s": [BIG, BIG, 0, 0]}, {"s": [0, 0, 9, 9]}),
    (sized("OneHot", "index", "s", "two"), {"s": 1 << 40}, {"s": 80}),
    (sized("HannWindow", "s"), {"s": 1 << 40}, {"s": 80}),
    (sized("HammingWindow", "s"), {"s": 1 << 40}, {"s": 80}),
    (sized("BlackmanWindow", "s"), {"s": 1 << 40}, {"s": 80}),
    (sized("CenterCropPad", "image", "s"), {"s": [1, 3, BIG, BIG]}, {"s": [1, 3, 9, 9]}),
    (sized("AffineGrid", "far", "s"), {"s": [1, 1, BIG, BIG]}, {"s": [1, 1, 9, 9]}),
    (sized("Col2Im", "far", "s", "few"), {"s": [BIG, BIG]}, {"s": [9, 9]}),
    (sized("MaxUnpool", "far", "far", "s"), {"s": [BIG, BIG]}, {"s": [9, 9]}),
    (sized("MatMul", "a", "b"), {"a": COLUMN, "b": ROW}, {"a": COLUMN[:9], "b": ROW[:, :9]}),
    (sized("Add", "a", "b"), {"a": COLUMN, "b": ROW}, {"a": COLUMN[:9], "b": ROW[:, :9]}),
]
FEW = {"index": [0, 1], "two": [0, 1], "few": [1, 1]}
FAR = value("far", ["n", "m"])
PICTURE = value("image", [1, 3, 32, 32])


def grown(path, operator, numbers, through):
    """A file with the operator, whose numbers are weights, or come `through` another operator."""
    arrays = {name: as_numbers(one) for name, one in (FEW | numbers).items()}
    if through == "Constant":
        nodes = [
            node("Constant", [], [name], value=tensor("", one)) for name, one in arrays.items()
        ]
        arrays = {}
    elif through:
        nodes = [node(through, [f"{name}_"], [name]) for name in arrays]
        arrays = {f"{name}_": one for name, one in arrays.items()}
    else:
        nodes = []
    return network(path, [*nodes, operator], arrays, inputs=[PICTURE, FAR], opset=20)


def as_numbers(one):
    return one if isinstance(one, np.ndarray) else np.array(one, None if one else np.int64)


@pytest.mark.parametrize("through", ["", "Constant", "Identity"])
@pytest.mark.parametrize(("operator", "huge", "small"), GROWERS)
def test_a_huge_tensor_of_few_bytes_is_refused(path, operator, huge, small, through):
    refused(grown(path, operator, huge, through), "more than 268435456 numbers")
    assert inspect(grown(path, operator, small, through))


def test_what_is_made_is_counted_over_all_operators(path):
    nodes = [node("ConstantOfShape", ["s"], [f"y{index}"]) for index in range(5)]
    assert inspect(network(path, nodes[:4], {"s": [1 << 26]}))
    refused(network(path, nodes, {"s": [1 << 26]}), "'ConstantOfShape' 'y4'")


def test_what_branches_make_is_counted(path):
    fill = node("ConstantOfShape", ["s"], ["y"])
    fits = network(path, [branches(fill)], {"yes": True, "s": [1 << 27]})
    assert inspect(fits)  # both branches: twice half of it
    network(path, [branches(fill)], {"yes": True, "s": [(1 << 27) + 1]})
    refused(path, "'ConstantOfShape' 'y'")
    own = [
        node("Constant", [], ["n"], value_ints=[BIG, BIG]),
        node("ConstantOfShape", ["n"], ["y"]),
    ]
    refused(network(path, [branches(*own)], {"yes": True}), "more than")


@pytest.mark.parametrize(
    "constant",
    [
        {"value": tensor("", np.array([1 << 40]))},
        {"value_ints": [1 << 20, 1 << 20]},
        {"value_int": 1 << 40},
        {"value_floats": [1e20]},
        {"value_float": 1e20},
    ],
    ids=lambda one: next(iter(one)),
)
def test_constants_of_every_kind_are_sizes(path, constant):
    nodes = [node("Constant", [], ["s"], **constant), node("HannWindow", ["s"], ["y"])]
    refused(network(path, nodes), "'y'", "more than 268435456 numbers")


@pytest.mark.parametrize("kind", ["RandomNormal", "RandomUniform"])
def test_noise_is_counted(path, kind):
    nodes = [node(kind, [], [f"y{index}"], shape=[1 << 27]) for index in range(3)]
    assert inspect(network(path, nodes[:2]))
    refused(network(path, nodes), f"'{kind}' 'y2'")


@pytest.mark.parametrize("opset", [9, 10])
def test_older_ways_to_enlarge_are_known(path, opset):
    kind = {9: "Upsample", 10: "Resize"}[opset]
    nodes = [node("Identity", ["s"], ["scales"]), node(kind, ["image", "scales"], ["y"])]
    for factor, passes in ((2, True), (1e5, False)):
        network(path, nodes, {"s": np.array([1, 1, factor, factor], np.float32)}, opset=opset)
        assert inspect(path) if passes else refused(path, f"numbers in the operator '{kind}'")


@pytest.mark.parametrize(
    ("operator", "numbers", "words"),
    [
        (FILL, {"s": [-1]}, "negative size"),
        (TILE, {"s": [-1] * 4}, "negative size"),
        (BY_SCALES, {"s": [1, 1, -2.0, -2.0]}, "negative size"),
        (BY_SCALES, {"s": [1, 1, np.nan, 2]}, "no number"),
        (BY_SCALES, {"s": [1e300, 1e300, 0.0, 1.0]}, "more than 268435456 numbers"),
        (RANGE, {"a": 0.0, "b": np.inf, "c": 1.0}, "no number"),
        (RANGE, {"a": 0, "b": 9, "c": 0}, "step of 0"),
    ],
)
def test_sizes_that_are_none_are_refused(path, operator, numbers, words):
    refused(grown(path, operator, numbers, "Identity"), f"the operator '{operator.op_type}'", words)


@pytest.mark.parametrize("opset", [8, 12, 17])
@pytest.mark.parametrize("kind", ["Expand", "Reshape"])
def test_a_shape_of_a_hundred_million_axes_is_refused_at_once(path, opset, kind):
    """Inference, in runtimes too, made a list of axes as long as the file asks for."""
    nodes = [node("ConstantOfShape", ["n"], ["a"]), node("Identity", ["a"], ["b"])]
    network(
        path, [*nodes, node(kind, ["image", "b"], ["y"])], {"n": [1 << 27]}, opset=max(opset, 9)
    )
    began = time.process_time()
    refused(path, f"'{kind}' 'y' with a shape of more than 16 axes")
    assert time.process_time() - began < 1


def test_an_input_does_not_hide_how_long_a_shape_is(path):
    """A weight that is listed as an input too, with another size."""
    inputs = [PICTURE, value("s", [4], onnx.TensorProto.INT64)]
    fill = node("ConstantOfShape", ["s"], ["y"])
    network(path, [fill], {"s": np.ones(5000, np.int64)}, inputs=inputs)
    refused(path, "don't fit together", "5000", "4")


def test_numbers_are_followed_into_branches(path):
    """A branch sees what is outside of it, also what passed through other operators there."""
    nodes = [node("Identity", ["s"], ["t"]), branches(node("ConstantOfShape", ["t"], ["y"]))]
    refused(network(path, nodes, {"yes": True, "s": [1 << 40]}), "'ConstantOfShape' 'y'")
    nodes = [branches(node("Identity", ["s"], ["t"]), node("ConstantOfShape", ["t"], ["y"]))]
    refused(network(path, nodes, {"yes": True, "s": [1 << 40]}), "'ConstantOfShape' 'y'")


@pytest.mark.parametrize("through", ["Cast", "Flatten", "Reshape", "Squeeze", "Unsqueeze"])
def test_numbers_are_followed_through_operators_that_keep_them(path, through):
    options = {"to": onnx.TensorProto.INT64} if through == "Cast" else {}
    more = ["axis"] if through in {"Reshape", "Unsqueeze"} else []
    nodes = [
        node("Identity", ["s"], ["s1"]),
        node(through, ["s1", *more], ["s2"], **options),
        node("ConstantOfShape", ["s2"], ["y"]),
    ]
    refused(network(path, nodes, {"s": [1 << 40], "axis": [0]}), "'ConstantOfShape' 'y'")


@pytest.mark.parametrize(("pad", "passes"), [(9, True), (1 << 30, False)])
def test_what_is_padded_may_be_unknown(path, pad, passes):
    nodes = [
        node("QuickGelu", ["image"], ["a"], domain="com.microsoft"),
        node("Pad", ["a", "s"], ["y"]),
    ]
    network(path, nodes, {"s": [0, 0, 0, 0, 0, 0, 0, pad]})
    assert inspect(path) if passes else refused(path, "numbers in the operator 'Pad' 'y'")


@pytest.mark.parametrize(("axes", "passes"), [(32, True), (33, False)])
def test_a_shape_has_two_numbers_for_an_axis_at_most(path, axes, passes):
    nodes = [node("ConstantOfShape", ["n"], ["s"]), node("Expand", ["image", "s"], ["y"])]
    network(path, nodes, {"n": [axes]}, opset=12)
    assert inspect(path) if passes else refused(path, "'Expand' 'y' with a shape of more than 16")
