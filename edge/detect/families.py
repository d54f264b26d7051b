"""The table of model families."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from edge.detect.picodet import PicoDet
from edge.detect.session import Session
from edge.errors import ModelError
from edge.types import Detections, Picture


class Family(Protocol):
    """Knows a network's input and output."""

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See `edge.detect.Detector`."""


# Called with (session, score=...): warms the model up, raises ModelError where it does not fit.
FAMILIES: dict[str, Callable[..., Family]] = {"picodet": PicoDet}


def family_of(path: Path) -> str:
    """The first family that an ONNX file fits; raises ModelError, with why it fits none."""
    session = Session(path, providers=("cpu",), threads=1)
    reasons = []
    for name, family in FAMILIES.items():
        try:
            family(session, score=0.5)
        except ModelError as error:
            reasons.append(f"{name}: {error.what}")
        else:
            return name
    raise ModelError(
        f"the file fits no family ({'; '.join(reasons)})",
        "export it with these inputs and outputs",
    )
