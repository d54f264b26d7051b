"""A network in OpenVINO: on a CPU with bfloat16 twice as fast as onnxruntime."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.detect.rewrite import not_loaded, parsed, resized
from edge.detect.session import Input, Node, first_line, joined, picture_size, shape_of
from edge.errors import ModelError
from edge.types import Image

PRECISIONS = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}
KINDS = {"f32": "float", "f16": "float16", "i64": "int64", "i32": "int32", "u8": "uint8"}


class OpenVinoSession:
    """See `Session`; several pictures run side by side, as many as there are `threads`."""

    def __init__(
        self,
        path: Path,
        wanted: Input,
        *,
        size: tuple[int, int] | None = None,
        precision: str = "fp32",
        threads: int = 1,
    ) -> None:
        ov = _openvino()
        self.name, self._input = path.name, wanted
        self.provider, self.batch = "OpenVINO", 1
        try:
            model = _read(path, wanted, size)
            self.inputs = {one.get_any_name(): _node(one) for one in model.inputs}
            self.outputs = {one.get_any_name(): _node(one) for one in model.outputs}
            shape = self.inputs[wanted.name].shape if wanted.name in self.inputs else ()
            self.size = picture_size(shape, wanted)
            if wanted.name in self.inputs:
                _take_bytes(ov, model, wanted, self.size)
            compiled = _core().compile_model(
                model,
                "CPU",
                {
                    "INFERENCE_NUM_THREADS": threads,
                    "NUM_STREAMS": threads,
                    "INFERENCE_PRECISION_HINT": PRECISIONS[precision],
                    "ENABLE_CPU_PINNING": False,  # decoding threads live here too
                },
            )
        except RuntimeError as error:
            raise not_loaded(path.name, _reason(error)) from None
        self.precision = _told(compiled)
        self._places = {name: row for row, name in enumerate(self.outputs)}
        self._requests = [compiled.create_infer_request() for _ in range(threads)]

    def run(
        self, outputs: Sequence[str], images: Sequence[Image], **more: NDArray[Any]
    ) -> list[NDArray[np.float32]]:
        """See `Session`."""
        parts = []
        try:
            for start in range(0, len(images), len(self._requests)):
                rows = range(start, min(len(images), start + len(self._requests)))
                begun = list(zip(self._requests, rows, strict=False))
                for request, row in begun:
                    given = {name: value[row : row + 1] for name, value in more.items()}
                    given[self._input.name] = images[row][None]
                    if len(begun) == 1:
                        request.infer(given, share_inputs=True)  # in this thread
                    else:
                        request.start_async(given)
                for request, _ in begun:
                    request.wait()
                    parts.append(self._results(request, outputs, copied=len(images) > 1))
        except RuntimeError as error:
            raise ModelError(
                f"{self.name} failed on {self.provider}: {_reason(error)}",
                "run it on another provider",
            ) from None
        return joined(parts)

    def _results(
        self, request: Any, outputs: Sequence[str], *, copied: bool
    ) -> list[NDArray[np.float32]]:
        found = [request.get_output_tensor(self._places[name]).data for name in outputs]
        return [value.copy() for value in found] if copied else found


@cache
def has_bfloat16() -> bool:
    """Whether this processor computes in bfloat16 and OpenVINO is installed."""
    try:
        return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except ModelError:
        return False


def _openvino() -> Any:
    # Its converter, which comes along, would load a client that reports its use to its maker.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino  # noqa: PLC0415 - not on every platform, and only where it is used
    except ImportError:
        raise ModelError(
            "OpenVINO is not installed", "install the package openvino, or leave the provider out"
        ) from None
    return openvino


@cache
def _core() -> Any:
    return _openvino().Core()


def _read(path: Path, wanted: Input, size: tuple[int, int] | None) -> Any:
    """The network of an ONNX file; what is none, OpenVINO would try aloud as other things."""
    model = parsed(path)
    if size is None:
        return _core().read_model(path)
    return _core().read_model(BytesIO(resized(model, wanted, size).SerializeToString()))


def _take_bytes(ov: Any, model: Any, wanted: Input, size: tuple[int, int]) -> None:
    """Pictures come as bytes [1, H, W, 3], and what is done to them is part of the network."""
    from openvino.preprocess import ColorFormat, PrePostProcessor  # noqa: PLC0415 - see above

    width, height = size
    model.reshape({wanted.name: [1, 3, height, width]})
    steps = PrePostProcessor(model)
    picture = steps.input(wanted.name)
    tensor = picture.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    tensor.set_color_format(ColorFormat.BGR)
    picture.model().set_layout(ov.Layout("NCHW"))
    process = picture.preprocess().convert_element_type(ov.Type.f32)
    if wanted.rgb:
        process = process.convert_color(ColorFormat.RGB)
    process.mean(list(wanted.mean)).scale([1 / scale for scale in wanted.scale])
    steps.build()


def _node(port: Any) -> Node:
    sizes = (None if size.is_dynamic else size.get_length() for size in port.get_partial_shape())
    kind = port.get_element_type().get_type_name()
    return Node(shape_of(sizes), KINDS.get(kind, kind))


def _told(compiled: Any) -> str:
    """The precision that it really computes in."""
    name = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    return {ours: theirs for theirs, ours in PRECISIONS.items()}.get(name, str(name))


def _reason(error: Exception) -> str:
    """The last line says what is wrong; those before it say where in OpenVINO's source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else first_line(error)
