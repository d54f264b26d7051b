"""Changes to a network's graph: another input size, pictures as bytes, narrower numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.detect.grid import cells, span
from edge.detect.session import Input, Shape, first_line, picture_size
from edge.errors import ModelError

STRIDES = (8, 16, 32, 64)
BYTES, PREPARED = "fenceline_bytes", "fenceline_prepared"


def parsed(path: Path) -> Any:
    """The network of an ONNX file; raises ModelError where it is none."""
    try:
        model = onnx.load_model(path, load_external_data=False)
    except (OSError, DecodeError) as error:
        raise not_loaded(path.name, first_line(error)) from None
    if not model.graph.node:
        raise not_loaded(path.name, "it has no network in it")
    return model


def resized(model: Any, wanted: Input, size: tuple[int, int]) -> Any:
    """The same weights for pictures of (width, height), in multiples of 32.

    What a convolutional network has of its input's size is the numbers of cells of each stride in
    the shapes of its reshapes, and where each cell is. Whether that was all shows when it is run.
    """
    old = picture_size(_shape(_picture(model, wanted)), wanted)
    out = type(model)()
    out.CopyFrom(model)
    counts = {_count(old, stride): _count(size, stride) for stride in STRIDES}
    spans = {span(old, stride): span(size, stride) for stride in STRIDES}
    grids = list(zip(_grids(old), _grids(size), strict=True))
    for weight in out.graph.initializer:
        value = numpy_helper.to_array(weight)
        if value.dtype == np.int64 and value.ndim == 1:
            *front, rows, columns = [0, 0, *(counts.get(one, one) for one in value.tolist())]
            there = [*front, *spans.get((rows, columns), (rows, columns))]
            value = np.array(there[-value.size :] if value.size else [], np.int64)
        for before, after in grids:
            if value.shape == before.shape and np.array_equal(value, before):
                value = after
        weight.CopyFrom(numpy_helper.from_array(value, weight.name))
    dims = _picture(out, wanted).type.tensor_type.shape.dim
    dims[2].dim_value, dims[3].dim_value = size[1], size[0]
    for output in out.graph.output:
        for place, dim in enumerate(output.type.tensor_type.shape.dim):
            if dim.dim_value > 1 and place:
                dim.dim_param = f"{output.name}_{place}"
    del out.graph.value_info[:]
    return out


def for_device(model: Any, wanted: Input, *, half: bool) -> Any:
    """The network, taking its picture as uint8 [b, H, W, 3] BGR; with `half`, in float16.

    What `Input` says of mean and scale is done in the graph; other inputs and the outputs stay as
    they are.
    """
    if half:
        model = _half(model)
    _take_bytes(model, _picture(model, wanted), wanted)
    return model


def not_loaded(name: str, why: str) -> ModelError:
    """The error of a file that no runtime can load."""
    return ModelError(
        f"{name} is not a model that can be loaded: {why}",
        "get it again; `fenceline models verify` tells which files are damaged",
    )


def _picture(model: Any, wanted: Input) -> Any:
    for one in model.graph.input:
        if one.name == wanted.name and len(one.type.tensor_type.shape.dim) == 4:  # noqa: PLR2004
            return one
    raise ModelError(f"the network has no input '{wanted.name}'", "it is of another family")


def _shape(value: Any) -> Shape:
    return tuple(dim.dim_value or None for dim in value.type.tensor_type.shape.dim)


def _count(size: tuple[int, int], stride: int) -> int:
    rows, columns = span(size, stride)
    return rows * columns


def _grids(size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The middle of each cell, in cells, and its stride: as PicoDet has them among its weights."""
    corners, strides = cells(size, STRIDES)
    return corners + np.float32(0.5), strides


def _half(model: Any) -> Any:
    """In float16 but for inputs and outputs; what has no float16 form stays wide."""
    # It lies in onnxruntime's package and imports none of the runtime.
    from onnxruntime.transformers.float16 import convert_float_to_float16  # noqa: PLC0415

    return convert_float_to_float16(model, keep_io_types=True, disable_shape_infer=False)


def _take_bytes(model: Any, picture: Any, wanted: Input) -> None:
    """Put the preparation before the network: bytes to numbers, mean, scale, order of channels."""
    graph = model.graph
    batch, _, height, width = picture.type.tensor_type.shape.dim
    order = [2, 1, 0] if wanted.rgb else [0, 1, 2]
    # As numbers of the picture's own order, so that one transposition does the rest.
    mean = np.array(wanted.mean, np.float32)[order].reshape(1, 1, 1, 3)
    scale = np.array(wanted.scale, np.float32)[order].reshape(1, 1, 1, 3)
    constants = {"mean": mean, "scale": scale, "order": np.array(order, np.int64)}
    nodes = [
        helper.make_node("Cast", [BYTES], ["fenceline_numbers"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["fenceline_numbers", "fenceline_mean"], ["fenceline_centred"]),
        helper.make_node("Mul", ["fenceline_centred", "fenceline_scale"], ["fenceline_scaled"]),
        helper.make_node("Gather", ["fenceline_scaled", "fenceline_order"], [PREPARED], axis=3),
    ]
    nodes.append(helper.make_node("Transpose", [PREPARED], [wanted.name], perm=[0, 3, 1, 2]))
    taken = helper.make_tensor_value_info(BYTES, TensorProto.UINT8, [None] * 4)
    del taken.type.tensor_type.shape.dim[:]
    taken.type.tensor_type.shape.dim.extend([batch, height, width])
    taken.type.tensor_type.shape.dim.add().dim_value = 3
    graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value), f"fenceline_{name}")
        for name, value in constants.items()
    )
    others = [one for one in graph.input if one.name != wanted.name]
    del graph.input[:]
    graph.input.extend([taken, *others])
    old = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *old])
