"""The operators that an ONNX file may have."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from edge.detect import onnx_graph
from edge.detect.onnx_file import inspect
from tests.detect import make_hostile
from tests.detect.make_hostile import branches, network, node, refused, value

FLOAT = TensorProto.FLOAT
BIG = 1 << 20


@pytest.fixture
def path(tmp_path):
    return tmp_path / "it.onnx"


@pytest.mark.parametrize(
    ("kind", "domain", "words"),
    [
        ("Fancy", "example.none", "'Fancy' of the domain 'example.none'"),
        ("TreeEnsemble", "ai.onnx.ml", "'ai.onnx.ml': decision trees"),
        ("Fancy", "", "'Fancy', which ONNX does not have in its opset 17"),
        ("Gelu", "", "'Gelu', which ONNX does not have"),  # since 20
        ("Fancy", "ai.onnx", "'Fancy', which ONNX does not have"),
        ("Loop", "", "'Loop', which may never end"),
        ("Scan", "ai.onnx", "'Scan', which hides"),
        ("EPContext", "com.microsoft", "'EPContext', which runs a program"),
    ],
)
def test_an_operator_that_is_not_ours_is_named(path, kind, domain, words):
    operator = node(kind, ["image"], ["y"], domain=domain)
    refused(network(path, [operator], domains=[] if domain in {"", "ai.onnx"} else [domain]), words)


def test_operators_of_microsoft_and_unused_domains_pass(path):
    nodes = [node("QuickGelu", ["image"], ["y"], domain="com.microsoft")]
    assert (
        inspect(network(path, nodes, domains=["com.microsoft", "ai.onnx.ml", "x"])).operators == 2
    )


def test_operators_that_contradict_one_another_are_refused(path):
    nodes = [node("QuickGelu", ["image"], ["y"], domain="com.microsoft")]
    refused(network(path, nodes, domains=[]), "don't fit together", "com.microsoft")


def test_a_function_is_refused(path):
    def change(model):
        imports = [helper.make_opsetid("", 17)]
        inner = [node("Relu", ["a"], ["b"])]
        model.functions.append(helper.make_function("own", "Twice", ["a"], ["b"], inner, imports))

    refused(network(path, change=change), "function 'Twice'", "inlined")


def test_training_is_refused(path):
    refused(network(path, change=lambda m: m.training_info.add()), "training")


def test_too_many_operators_or_tensors_are_refused(path, monkeypatch):
    make_hostile.detector(path)
    monkeypatch.setattr(onnx_graph, "MOST_OPERATORS", 4)
    refused(path, "5 operators, more than 4")
    monkeypatch.setattr(onnx_graph, "MOST_OPERATORS", 5)
    monkeypatch.setattr(onnx_graph, "MOST_TENSORS", 1)
    refused(path, "2 tensors, more than 1")
    monkeypatch.setattr(onnx_graph, "MOST_TENSORS", 2)
    assert inspect(path)


def test_operators_in_branches_count(path, monkeypatch):
    network(path, [branches()], {"yes": True})
    assert inspect(path).operators == 4
    monkeypatch.setattr(onnx_graph, "MOST_OPERATORS", 3)
    refused(path, "4 operators, more than 3")


def test_only_if_may_have_a_graph(path):
    body = helper.make_graph(
        [node("Relu", ["a"], ["b"])], "g", [value("a", [1])], [value("b", [1])]
    )
    refused(
        network(path, [node("SequenceMap", ["image"], ["y"], body=body)]), "'SequenceMap'", "If"
    )
    many = node("Relu", ["image"], ["y"])
    many.attribute.add(name="graphs", type=onnx.AttributeProto.GRAPHS).graphs.append(body)
    refused(network(path, [many]), "a graph in the operator 'Relu'")


def test_graphs_nest_a_little_only(path):
    inner = branches()
    for _ in range(onnx_graph.DEEPEST - 1):
        inner = branches(inner, outputs=["choice_out"])
    assert inspect(network(path, [inner], {"yes": True}))
    inner = branches(inner, outputs=["choice_out"])
    refused(network(path, [inner], {"yes": True}), "graphs inside one another, more than 4")


@pytest.mark.parametrize(
    "name", ["pads", "strides", "dilations", "kernel_shape", "output_padding", "output_shape"]
)
def test_windows_are_smaller_than_pictures(path, name):
    for size, passes in ((4096, True), (4097, False), (-4097, False)):
        pool = node("MaxPool", ["image"], ["y"], **{name: [1, size]})
        network(path, [pool], inputs=[value("image", [1, 3, 4096, 4096])])
        if passes:
            assert inspect(path)
        else:
            refused(path, "'MaxPool'", f"{name} of {size}")


def test_the_oldest_way_to_enlarge_is_bounded(path):
    for factor, passes in ((2.0, True), (5000.0, False), (np.nan, False)):
        network(path, [node("Upsample", ["image"], ["y"], scales=[1.0, factor])], opset=7)
        if passes:
            assert inspect(path)
        else:
            refused(path, f"scales of {factor}")
