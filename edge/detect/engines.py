"""What runs a network: a list of preferences, and what is done where the first does not work."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from edge.detect.onnxruntime_session import GPU, OnnxRuntimeSession
from edge.detect.openvino_session import OpenVinoSession, has_bfloat16
from edge.detect.session import Input, Session
from edge.errors import ModelError

DECODE_CORES = 0.1  # of a core for each camera: 1080p, 25 pictures a second (benchmarks decode)


@dataclass(frozen=True, slots=True)
class Engine:
    """How networks are run.

    `providers` are cpu, openvino, cuda, tensorrt, best first, or auto: OpenVINO where the processor
    has bfloat16, onnxruntime's own CPU otherwise. With `require` the first one runs it or nothing.
    `precision` is fp32, bf16, fp16, or auto: the fastest that costs less
    than half a point of AP on the classes that are watched (`benchmarks detect`).
    """

    providers: Sequence[str] = ("auto",)
    require: bool = False
    precision: str = "auto"
    threads: int = 1
    cache: Path | None = None  # of what TensorRT compiles, which takes minutes


def cores_left(cameras: int) -> int:
    """Threads for the detector here: what decoding so many cameras leaves, at least 1."""
    cores = len(os.sched_getaffinity(0))
    return max(1, cores - math.ceil(DECODE_CORES * cameras))


def open_session(
    path: Path, wanted: Input, engine: Engine, *, size: tuple[int, int] | None = None
) -> Session:
    """The network on the first provider that works; raises ModelError, with all reasons.

    A later one than the first is a warning, or with `require` an error. With `size` it takes
    pictures of that (width, height), as `resized` makes it.
    """
    reasons: list[str] = []
    for provider in engine.providers:
        try:
            session = _open(path, wanted, provider, engine, size)
        except ModelError as error:
            reasons.append(f"{provider}: {error.what}")
            if engine.require:
                break
            continue
        if reasons:
            structlog.get_logger().warning(
                "provider missing", wanted=engine.providers[0], used=provider, why=reasons
            )
        return session
    if len(reasons) == 1:
        raise ModelError(
            reasons[0].partition(": ")[2],
            "put right what is said, or change detect.providers",
        )
    raise ModelError(
        f"no provider can run {path.name} ({'; '.join(reasons)})",
        "put one of them right, or add cpu to detect.providers",
    )


def _open(
    path: Path, wanted: Input, provider: str, engine: Engine, size: tuple[int, int] | None
) -> Session:
    if provider == "auto":
        provider = "openvino" if has_bfloat16() else "cpu"
    precision = _precision(provider, engine.precision)
    if provider == "openvino":
        return OpenVinoSession(path, wanted, size=size, precision=precision, threads=engine.threads)
    return OnnxRuntimeSession(
        path,
        wanted,
        size=size,
        device=provider,
        precision=precision,
        threads=engine.threads,
        cache=engine.cache,
    )


def _precision(provider: str, wanted: str) -> str:
    """What to ask a provider for; raises ModelError where it has no such precision."""
    if wanted == "auto":
        if provider in GPU:
            return "fp16"
        return "bf16" if provider == "openvino" and has_bfloat16() else "fp32"
    able = {"openvino": ("fp32", "bf16", "fp16"), "cpu": ("fp32",)}.get(provider, ("fp32", "fp16"))
    if wanted not in able or (wanted == "bf16" and not has_bfloat16()):
        raise ModelError(
            f"{provider} does not compute in {wanted} on this machine",
            f"set detect.precision to auto or {able[0]}",
        )
    return wanted
