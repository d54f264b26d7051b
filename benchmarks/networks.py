"""The networks that are compared: their files, and the engines that may run them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.datasets import dataset
from benchmarks.result import SkipBenchmark
from edge.detect.engines import Engine, open_session
from edge.detect.families import FAMILIES, Family
from edge.detect.models import get_model
from edge.detect.session import Session
from edge.detect.whole import Fit
from edge.errors import ModelError

DEFAULT = "picodet-s-416"
BASELINE = "onnxruntime fp32"
ENGINES = {
    BASELINE: Engine(("cpu",), require=True, precision="fp32"),
    "OpenVINO fp32": Engine(("openvino",), require=True, precision="fp32"),
    "OpenVINO bf16": Engine(("openvino",), require=True, precision="bf16"),
    "CUDA fp32": Engine(("cuda",), require=True, precision="fp32"),
    "CUDA fp16": Engine(("cuda",), require=True, precision="fp16"),
    "TensorRT fp16": Engine(("tensorrt",), require=True, precision="fp16"),
}


@dataclass(frozen=True, slots=True)
class Model:
    """A file with weights, and what notes/detection.md says of it."""

    name: str
    family: str
    file: str  # in `models` beside the datasets; the default model is made where it is missing
    noted: tuple[float, float, float]
    noted_letterboxed: bool = False  # what it says was measured so, by all that can be found out

    def path(self) -> Path:
        """Raises SkipBenchmark or ModelError where it is not here."""
        if self.name == DEFAULT:
            return get_model(DEFAULT)
        return dataset("..", "models", self.file)


MODELS = (
    Model("picodet-s-320", "picodet", "picodet_s/picodet_s_320x320_raw.onnx", (35.4, 35.4, 38.3)),
    Model(DEFAULT, "picodet", "picodet_s/picodet_s_416x416_raw.onnx", (40.5, 40.2, 43.8)),
    Model(
        "picodet-s-384x640",
        "picodet",
        "picodet_s/picodet_s_384x640_raw.onnx",
        (40.3, 39.9, 43.7),
        noted_letterboxed=True,
    ),
    Model("picodet-s-640", "picodet", "picodet_s/picodet_s_640x640_raw.onnx", (40.4, 42.9, 46.1)),
    Model("yolox-nano-416", "yolox", "yolox_nano/yolox_nano.onnx", (33.9, 32.6, 37.3)),
    Model(
        "nanodet-plus-m1.5x",
        "nanodet",
        "nanodet_plus_m15x/nanodet_plus_m1.5x_416_from_int8.onnx",
        (41.0, 48.2, 43.9),
    ),
)


@dataclass(slots=True)
class Contender:
    """A model on an engine, and what its calls have cost."""

    model: Model
    engine: str
    session: Session
    default: bool = False  # the product would take this engine by itself
    cpu_ms: list[float] = field(default_factory=list)

    @property
    def fit(self) -> Fit:
        """How pictures come to it."""
        letterbox = FAMILIES[self.model.family].INPUT.letterbox
        return Fit(self.session.size, letterbox=letterbox)

    def family(self, score: float) -> Family:
        """What decodes it, as the product does."""
        return FAMILIES[self.model.family](self.session, score=score)


def opened(model: Model, engines: Mapping[str, Engine], skipped: dict[str, str]) -> list[Contender]:
    """The model on each engine that can run it; what can't is skipped, with why."""
    wanted = FAMILIES[model.family].INPUT
    try:
        path = model.path()
        auto = open_session(path, wanted, Engine())
    except (SkipBenchmark, ModelError) as reason:
        skipped[model.name] = str(reason)
        return []
    found = []
    for name, engine in engines.items():
        try:
            session = open_session(path, wanted, engine)
        except ModelError as reason:
            if skipped.setdefault(name, reason.what) != reason.what:
                skipped[f"{model.name} on {name}"] = reason.what
            continue
        default = (session.provider, session.precision) == (auto.provider, auto.precision)
        found.append(Contender(model, name, session, default=default))
    return found
