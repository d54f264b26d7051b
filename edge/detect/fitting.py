"""Which family a network belongs to: found out by trying them on a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edge.detect.families import FAMILIES
from edge.detect.onnxruntime_session import OnnxRuntimeSession
from edge.errors import ModelError


def family_of(path: Path) -> str:
    """The first family that an ONNX file fits; raises ModelError, with why it fits none."""
    reasons = []
    for name, family in FAMILIES.items():
        session = OnnxRuntimeSession(path, family.INPUT)
        try:
            width, height = session.size
            family(session, score=0.5).detect([np.zeros((height, width, 3), np.uint8)])
        except ModelError as error:
            reasons.append(f"{name}: {error.what}")
        else:
            return name
    raise ModelError(
        f"the file fits no family ({'; '.join(reasons)})",
        "export it with these inputs and outputs",
    )
