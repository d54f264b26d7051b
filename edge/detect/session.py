"""One model file in onnxruntime: checked before it is used, warmed up, quiet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
import structlog
from numpy.typing import NDArray

from edge.errors import ModelError

Shape = tuple[int | None, ...]  # None: any
PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
ERRORS_ONLY = 3


class Session:
    """A loaded model; `provider` is the execution provider really used."""

    def __init__(self, path: Path, *, providers: Sequence[str], threads: int) -> None:
        self._path = path
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = ERRORS_ONLY
        # Waiting threads that spin are up to twice as slow on a busy machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        wanted = _available(providers)
        try:
            self._session = ort.InferenceSession(str(path), options, providers=wanted)
        except Exception as error:  # noqa: BLE001 - the runtime raises whatever it likes
            raise ModelError(
                f"{path.name} is not a model that can be loaded: {_first_line(error)}",
                "get it again; `fenceline models verify` tells which files are damaged",
            ) from None
        self.provider = str(self._session.get_providers()[0])

    @property
    def inputs(self) -> dict[str, Shape]:
        """Name and shape of each input."""
        return {one.name: _shape(one.shape) for one in self._session.get_inputs()}

    @property
    def outputs(self) -> dict[str, Shape]:
        """Name and shape of each output."""
        return {one.name: _shape(one.shape) for one in self._session.get_outputs()}

    def run(self, **inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """All outputs, in the model's order."""
        try:
            return self._session.run(None, inputs)
        except Exception as error:  # noqa: BLE001 - the runtime raises whatever it likes
            raise ModelError(
                f"{self._path.name} failed on {self.provider}: {_first_line(error)}",
                "check the device, or run it on another provider",
            ) from None

    def expect(self, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]) -> None:
        """Raise ModelError where names or shapes are not these."""
        for kind, wanted, found in (
            ("input", inputs, self.inputs),
            ("output", outputs, self.outputs),
        ):
            if wanted.keys() != found.keys() or not all(
                _fits(wanted[name], found[name]) for name in wanted
            ):
                raise ModelError(
                    f"{self._path.name} has the {kind}s {_words(found)}, not {_words(wanted)}",
                    "it is of another family or version; see `fenceline models list`",
                )


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _available(providers: Sequence[str]) -> list[str]:
    here = ort.get_available_providers()
    found = [PROVIDERS[name] for name in providers if PROVIDERS[name] in here]
    missing = [name for name in providers if PROVIDERS[name] not in here]
    if not found:
        raise ModelError(
            f"no execution provider of {', '.join(providers)} is on this machine",
            "install onnxruntime-gpu and its driver, or add cpu to detect.providers",
        )
    if missing:
        structlog.get_logger().warning("provider missing", missing=missing, used=found[0])
    return found


def _shape(shape: Sequence[object]) -> Shape:
    return tuple(size if isinstance(size, int) else None for size in shape)


def _fits(wanted: Shape, found: Shape) -> bool:
    return len(wanted) == len(found) and all(
        w is None or f is None or w == f for w, f in zip(wanted, found, strict=True)
    )


def _words(shapes: Mapping[str, Shape]) -> str:
    def one(shape: Shape) -> str:
        return "x".join("?" if size is None else str(size) for size in shape)

    return ", ".join(f"{name} {one(shape)}" for name, shape in shapes.items()) or "none"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
