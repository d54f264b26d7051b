"""Turn the PicoDet-S of a PaddleLabel wheel into ONNX; runs in the converter's own environment.

usage: picodet.py WHEEL OUT.onnx WIDTH HEIGHT

Non-maximum suppression is cut off (it belongs to the host), batch normalisation is folded into the
convolutions, hard-swish is one node again. The result is the same, byte for byte, on every run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

CHECKPOINT = "paddlelabel_ml/model/PicoDet/ckpt/model"
BOXES, SCORES = "p2o.Mul.179", "p2o.Concat.9"  # where suppression begins
STRIDES = (8, 16, 32, 64)
CENTRES, PER_STRIDE = "auto_45_", "auto_46_"  # the grid of anchor points, as onnxsim names it
ANCHORS_416 = (2704, 676, 169, 49)  # of each stride at 416 x 416
OPSET, IR = 14, 8


def main() -> None:
    """Convert."""
    import onnxsim  # noqa: PLC0415 - a test of `resized` does without

    wheel, out, width, height = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:5])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = to_onnx(wheel, folder)
        cut = folder / "cut.onnx"
        onnx.utils.extract_model(str(raw), str(cut), ["image"], [BOXES, SCORES])
        model = onnx.load(cut)
    tidy(model)
    simple, good = onnxsim.simplify(model)
    if not good:
        sys.exit("the simplified model computes something else")
    if (width, height) != (416, 416):
        simple = resized(simple, width, height)
    onnx.checker.check_model(simple)
    onnx.save(simple, out)


def to_onnx(wheel: Path, folder: Path) -> Path:
    """The checkpoint in the wheel through paddle2onnx."""
    with zipfile.ZipFile(wheel) as archive:
        for ending in (".pdmodel", ".pdiparams"):
            archive.extract(CHECKPOINT + ending, folder)
    out = folder / "raw.onnx"
    model = folder / CHECKPOINT
    command = [str(Path(sys.executable).with_name("paddle2onnx"))]
    command += ["--model_dir", str(model.parent)]
    command += ["--model_filename", "model.pdmodel", "--params_filename", "model.pdiparams"]
    command += ["--save_file", str(out), "--opset_version", "13", "--enable_onnx_checker", "True"]
    subprocess.run(command, check=True, stdout=sys.stderr, env=os.environ)
    return out


def tidy(model: ModelProto) -> None:
    """One image, constants as weights, hard-swish and convolutions whole, outputs named."""
    graph = model.graph
    for one in graph.input:
        one.type.tensor_type.shape.dim[0].dim_value = 1
    constants_to_weights(graph)
    join_hard_swish(graph)
    fold_batch_normalisation(graph)
    drop_unused_weights(graph)
    name_outputs(graph)
    del graph.value_info[:]
    model.opset_import[0].version, model.ir_version = OPSET, IR


def constants_to_weights(graph: GraphProto) -> None:
    """A Constant node is a weight."""
    kept = []
    for node in graph.node:
        if node.op_type != "Constant":
            kept.append(node)
            continue
        weight = onnx.TensorProto()
        weight.CopyFrom(node.attribute[0].t)
        weight.name = node.output[0]
        graph.initializer.append(weight)
    set_nodes(graph, kept)


def join_hard_swish(graph: GraphProto) -> None:
    """HardSwish is x * clip(x + 3, 0, 6) / 6."""
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    maker = {name: node for node in graph.node for name in node.output}
    users = users_of(list(graph.node))
    gone: set[int] = set()
    new: dict[int, NodeProto] = {}
    for node in graph.node:
        if node.op_type != "Div" or not is_six(weights.get(node.input[1])):
            continue
        product = maker.get(node.input[0])
        if product is None or product.op_type != "Mul":
            continue
        for source, factor in (tuple(product.input), tuple(reversed(product.input))):
            clip = maker.get(factor)
            total = (
                maker.get(clip.input[0]) if clip is not None and clip.op_type == "Clip" else None
            )
            if total is None or total.op_type != "Add" or source not in total.input:
                continue
            if len(users[product.output[0]]) == 1:
                joined = helper.make_node(
                    "HardSwish", [source], [node.output[0]], name=f"hs_{node.name}"
                )
                new[id(node)] = joined
                gone |= {id(product), id(clip), id(total)}
    set_nodes(graph, [new.get(id(node), node) for node in graph.node if id(node) not in gone])


def is_six(value: np.ndarray | None) -> bool:
    """Whether a weight is the single number 6."""
    return value is not None and value.size == 1 and abs(float(value.reshape(-1)[0]) - 6) < 1e-6


def fold_batch_normalisation(graph: GraphProto) -> None:
    """A convolution and the normalisation behind it are one convolution (in double precision)."""
    nodes = list(graph.node)
    weights = {one.name: one for one in graph.initializer}
    maker = {name: node for node in nodes for name in node.output}
    users = users_of(nodes)
    gone: set[int] = set()
    for node in nodes:
        if node.op_type != "BatchNormalization":
            continue
        conv = maker.get(node.input[0])
        if conv is None or conv.op_type != "Conv" or len(users[conv.output[0]]) != 1:
            continue
        number = len(gone)
        kernel_name, bias_name = (f"{conv.input[1]}_{kind}{number}" for kind in ("f", "fb"))
        kernel, bias = folded(conv, node, weights)
        graph.initializer.extend(
            [
                numpy_helper.from_array(kernel.astype(np.float32), kernel_name),
                numpy_helper.from_array(bias.astype(np.float32), bias_name),
            ]
        )
        del conv.input[1:]
        conv.input.extend([kernel_name, bias_name])
        conv.output[0] = node.output[0]
        gone.add(id(node))
    set_nodes(graph, [node for node in nodes if id(node) not in gone])


def folded(
    conv: NodeProto, norm: NodeProto, weights: dict[str, onnx.TensorProto]
) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of the joined convolution."""
    values = [numpy_helper.to_array(weights[name]).astype(np.float64) for name in norm.input[1:5]]
    gamma, beta, mean, variance = values
    epsilon = next((one.f for one in norm.attribute if one.name == "epsilon"), 1e-5)
    kernel = numpy_helper.to_array(weights[conv.input[1]]).astype(np.float64)
    scale = gamma / np.sqrt(variance + epsilon)
    bias: np.ndarray | int = 0
    if len(conv.input) > 2:
        bias = numpy_helper.to_array(weights[conv.input[2]]).astype(np.float64)
    return kernel * scale[:, None, None, None], (bias - mean) * scale + beta


def drop_unused_weights(graph: GraphProto) -> None:
    """Keep the weights that some node reads."""
    used = {name for node in graph.node for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def name_outputs(graph: GraphProto) -> None:
    """The outputs are called boxes and scores."""
    names = {BOXES: "boxes", SCORES: "scores"}
    for node in graph.node:
        for ends in (node.output, node.input):
            for index, name in enumerate(ends):
                if name in names:
                    ends[index] = names[name]
    count = sum(ANCHORS_416)
    del graph.output[:]
    graph.output.extend(
        [
            helper.make_tensor_value_info("boxes", onnx.TensorProto.FLOAT, [1, count, 4]),
            helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, [1, 80, count]),
        ]
    )


def resized(model: ModelProto, width: int, height: int) -> ModelProto:
    """The same weights for another input size, in multiples of 32."""
    grids = [(-(-height // stride), -(-width // stride), stride) for stride in STRIDES]
    counts = [rows * columns for rows, columns, _ in grids]
    weights = {one.name: one for one in model.graph.initializer}
    for name, weight in list(weights.items()):
        value = numpy_helper.to_array(weight)
        if value.dtype == np.int64 and value.size == 3:
            replace_count(weight, value.tolist(), counts, name)
    centres, strides = [], []
    for rows, columns, stride in grids:
        x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
        centres.append(np.stack([x.ravel(), y.ravel()], 1))
        strides.append(np.full((rows * columns, 1), stride))
    for name, parts in ((CENTRES, centres), (PER_STRIDE, strides)):
        value = np.concatenate(parts).astype(np.float32)
        weights[name].CopyFrom(numpy_helper.from_array(value, name))
    dims = model.graph.input[0].type.tensor_type.shape.dim
    dims[2].dim_value, dims[3].dim_value = height, width
    for output in model.graph.output:
        for dim in output.type.tensor_type.shape.dim:
            if dim.dim_value == sum(ANCHORS_416):
                dim.dim_value = sum(counts)
    del model.graph.value_info[:]
    return onnx.shape_inference.infer_shapes(model)


def replace_count(weight: onnx.TensorProto, shape: list[int], counts: list[int], name: str) -> None:
    """A reshape to one stride's number of anchors gets the new number."""
    for old, new in zip(ANCHORS_416, counts, strict=True):
        if old in shape:
            shape[shape.index(old)] = new
            weight.CopyFrom(numpy_helper.from_array(np.array(shape, np.int64), name))
            return


def users_of(nodes: list[NodeProto]) -> dict[str, list[NodeProto]]:
    """Who reads each value."""
    users = defaultdict(list)
    for node in nodes:
        for name in node.input:
            users[name].append(node)
    return users


def set_nodes(graph: GraphProto, nodes: list[NodeProto]) -> None:
    """Replace all nodes."""
    del graph.node[:]
    graph.node.extend(nodes)


if __name__ == "__main__":
    main()
