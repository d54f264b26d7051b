"""A network in onnxruntime, on a CPU or an NVIDIA GPU: quiet, and open about where it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.detect.rewrite import BYTES, for_device, not_loaded, parsed, resized
from edge.detect.session import Input, Node, first_line, joined, picture_size, shape_of
from edge.errors import ModelError
from edge.types import Image

# Since 1.29 the runtime reports its use to its maker, unless this is set before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
GPU = frozenset({"cuda", "tensorrt"})
ERRORS, FATAL = 3, 4  # the runtime's log levels; of a model, errors are raised, and said once
MOST_IN_A_BATCH = 8
# What the runtime raises; it has no common class of its own.
FAILURES = (
    RuntimeError,
    ValueError,
    runtime.EPFail,
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NoSuchFile,
    runtime.NotImplemented,
    runtime.RuntimeException,
)


class OnnxRuntimeSession:
    """See `Session`; `device` is cpu, cuda or tensorrt, and it is that or a ModelError.

    With `size` the network takes pictures of that (width, height) instead of its file's own.
    On a GPU pictures travel as bytes, a whole batch at once where the network takes one, and what
    is done to them before the network is done there. `cache` keeps TensorRT's engines.
    """

    def __init__(  # noqa: PLR0913 - what a device needs
        self,
        path: Path,
        wanted: Input,
        *,
        size: tuple[int, int] | None = None,
        device: str = "cpu",
        precision: str = "fp32",
        threads: int = 1,
        cache: Path | None = None,
    ) -> None:
        self.name, self._input = path.name, wanted
        self.provider, self.precision = PROVIDERS[device], precision
        self._on_device = device in GPU or precision == "fp16"
        _check_built(device)
        options = _options(threads)
        self._session = self._load(path, size, options, _provider(device, precision, cache))
        self.inputs = dict(_as_declared(one, wanted) for one in self._session.get_inputs())
        self.outputs = {one.name: _node(one) for one in self._session.get_outputs()}
        shape = self.inputs[wanted.name].shape if wanted.name in self.inputs else ()
        self.size = picture_size(shape, wanted)
        self.batch = MOST_IN_A_BATCH if self._on_device and shape[:1] == (None,) else 1

    def run(
        self, outputs: Sequence[str], images: Sequence[Image], **more: NDArray[Any]
    ) -> list[NDArray[np.float32]]:
        """See `Session`."""
        parts = []
        for start in range(0, len(images), self.batch):
            rows = slice(start, start + self.batch)
            given = {name: value[rows] for name, value in more.items()}
            try:
                parts.append(self._run(outputs, images[rows], given))
            except FAILURES as error:
                raise ModelError(
                    f"{self.name} failed on {self.provider}: {first_line(error)}",
                    "check the device, or run it on another provider",
                ) from None
        return joined(parts)

    def _run(
        self, outputs: Sequence[str], images: Sequence[Image], more: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[np.float32]]:
        if not self._on_device:
            return self._session.run(outputs, {self._input.name: self._tensor(images), **more})
        binding = self._session.io_binding()
        binding.bind_cpu_input(BYTES, np.stack(images))
        for name, value in more.items():
            binding.bind_cpu_input(name, value)
        for name in outputs:
            binding.bind_output(name, "cpu")
        self._session.run_with_iobinding(binding)
        return [np.asarray(value) for value in binding.copy_outputs_to_cpu()]

    def _tensor(self, images: Sequence[Image]) -> NDArray[np.float32]:
        tensor = np.empty((len(images), 3, *images[0].shape[:2]), np.float32)
        self._input.tensor(images, tensor)
        return tensor

    def _load(
        self,
        path: Path,
        size: tuple[int, int] | None,
        options: ort.SessionOptions,
        provider: object,
    ) -> Any:
        try:
            # Falling back is decided elsewhere and said aloud, never by the runtime in mid-run.
            session = ort.InferenceSession(
                self._network(path, size), options, providers=[provider], enable_fallback=0
            )
        except FAILURES as error:
            raise not_loaded(path.name, first_line(error)) from None
        if (used := session.get_providers()[0]) != self.provider:
            # A runtime built with CUDA runs on the CPU by itself where the driver is missing.
            raise ModelError(
                f"{self.provider} does not work on this machine, the runtime took {used}",
                "install NVIDIA's driver and the package onnxruntime-gpu",
            )
        return session

    def _network(self, path: Path, size: tuple[int, int] | None) -> Path | bytes:
        if size is None and not self._on_device:
            return path
        model = parsed(path)
        if size is not None:
            model = resized(model, self._input, size)
        if self._on_device:
            model = for_device(model, self._input, half=self.precision == "fp16")
        return bytes(model.SerializeToString())


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = FATAL
    # Waiting threads that spin are up to twice as slow on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _check_built(device: str) -> None:
    if PROVIDERS[device] not in ort.get_available_providers():
        raise ModelError(
            f"{PROVIDERS[device]} is not in the onnxruntime that is installed",
            "install onnxruntime-gpu in its place",
        )
    ort.set_default_logger_severity(ERRORS)
    if device in GPU:  # the runtime looks for CUDA's libraries elsewhere than in Python's packages
        with redirect_stdout(sys.stderr):  # standard output is for a command's results
            ort.preload_dlls()


def _provider(device: str, precision: str, cache: Path | None) -> object:
    """The provider with its options, as the runtime takes them."""
    if device != "tensorrt":
        return PROVIDERS[device]
    options = {"trt_fp16_enable": str(precision == "fp16")}
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        options |= {
            "trt_engine_cache_enable": "True",
            "trt_engine_cache_path": str(cache),
            "trt_timing_cache_enable": "True",
        }
    return PROVIDERS[device], options


def _as_declared(node: Any, wanted: Input) -> tuple[str, Node]:
    """An input as the file has it; the picture is another one where the graph was rewritten."""
    if node.name != BYTES:
        return node.name, _node(node)
    batch, height, width, depth = shape_of(node.shape)
    return wanted.name, Node((batch, depth, height, width))


def _node(node: Any) -> Node:
    kind = str(node.type).removeprefix("tensor(").removesuffix(")")
    return Node(shape_of(node.shape), kind)
