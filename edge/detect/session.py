"""One model file in onnxruntime: checked before it is used, quiet, open about where it runs."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from edge.errors import ModelError

# Since 1.29 the runtime reports its use to its maker, unless this is set before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

Shape = tuple[int | None, ...]  # None: any
PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
FLOAT = "tensor(float)"
ERRORS, FATAL = 3, 4  # the runtime's log levels; of a model, errors are raised, and said once
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


class Session:
    """A loaded model; `provider` is the execution provider really used.

    Of `providers` (cpu, cuda) the first that works here is used; a later one only with a warning.
    """

    def __init__(self, path: Path, *, providers: Sequence[str], threads: int) -> None:
        self._path = path
        wanted = _available(providers)
        try:
            # Falling back is decided here and said aloud, never by the runtime in mid-run.
            self._session = ort.InferenceSession(
                path, _options(threads), providers=wanted, enable_fallback=0
            )
        except FAILURES as error:
            raise ModelError(
                f"{path.name} is not a model that can be loaded: {_first_line(error)}",
                "get it again; `fenceline models verify` tells which files are damaged",
            ) from None
        self.provider = str(self._session.get_providers()[0])
        _say_used(self.provider, providers)

    @property
    def inputs(self) -> dict[str, Shape]:
        """Name and shape of each input."""
        return {one.name: _shape(one.shape) for one in self._session.get_inputs()}

    @property
    def outputs(self) -> dict[str, Shape]:
        """Name and shape of each output."""
        return {one.name: _shape(one.shape) for one in self._session.get_outputs()}

    def run(
        self, outputs: Sequence[str], **inputs: NDArray[np.float32]
    ) -> list[NDArray[np.float32]]:
        """The outputs asked for, in that order; raises ModelError."""
        try:
            return self._session.run(outputs, inputs)
        except FAILURES as error:
            raise ModelError(
                f"{self._path.name} failed on {self.provider}: {_first_line(error)}",
                "check the device, or run it on another provider",
            ) from None

    def expect(self, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]) -> None:
        """Raise ModelError where names, shapes or number types are not these; all are float32."""
        for kind, wanted, found, nodes in (
            ("inputs", inputs, self.inputs, self._session.get_inputs()),
            ("outputs", outputs, self.outputs, self._session.get_outputs()),
        ):
            fits = wanted.keys() == found.keys() and all(
                _fits(wanted[name], found[name]) for name in wanted
            )
            if not fits or any(node.type != FLOAT for node in nodes):
                raise ModelError(
                    f"{self._path.name} has the {kind} {_words(nodes)}, not {_as_words(wanted)}",
                    "it is of another family or version; see `fenceline models list`",
                )


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = FATAL
    # Waiting threads that spin are up to twice as slow on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _available(providers: Sequence[str]) -> list[str]:
    """What the runtime was built with, of those asked for."""
    here = ort.get_available_providers()
    found = [PROVIDERS[name] for name in providers if PROVIDERS[name] in here]
    if not found:
        raise _missing(providers)
    ort.set_default_logger_severity(ERRORS)
    if PROVIDERS["cuda"] in found:
        _load_cuda()
    return found


def _load_cuda() -> None:
    """Load CUDA's libraries from their Python packages; the runtime itself looks elsewhere only."""
    with redirect_stdout(sys.stderr):  # standard output is for a command's results
        ort.preload_dlls()


def _say_used(used: str, providers: Sequence[str]) -> None:
    """Warn where it is not the first asked for; raise where it was not asked for at all.

    A runtime built with CUDA still runs on the CPU where the driver or a library is missing.
    """
    if used not in {PROVIDERS[name] for name in providers}:
        raise _missing(providers)
    if used != PROVIDERS[providers[0]]:
        structlog.get_logger().warning("provider missing", wanted=providers[0], used=used)


def _missing(providers: Sequence[str]) -> ModelError:
    return ModelError(
        f"no execution provider of {', '.join(providers)} works on this machine",
        "install onnxruntime-gpu and NVIDIA's driver, or add cpu to detect.providers",
    )


def _shape(shape: Sequence[object]) -> Shape:
    return tuple(size if isinstance(size, int) else None for size in shape)


def _fits(wanted: Shape, found: Shape) -> bool:
    return len(wanted) == len(found) and all(
        w is None or f is None or w == f for w, f in zip(wanted, found, strict=True)
    )


def _words(nodes: Iterable[Any]) -> str:
    """Inputs or outputs as people read them, with the number type where it is a strange one."""
    words = []
    for node in nodes:
        kind = "" if node.type == FLOAT else f" {node.type}"
        words.append(_as_words({node.name: _shape(node.shape)}) + kind)
    return ", ".join(words) or "none"


def _as_words(shapes: Mapping[str, Shape]) -> str:
    def one(shape: Shape) -> str:
        return "x".join("?" if size is None else str(size) for size in shape)

    return ", ".join(f"{name} {one(shape)}" for name, shape in shapes.items())


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
