"""What is in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from edge.types import Detections, Image


class Detector(Protocol):
    """A loaded model."""

    name: str  # in the manifest
    sha256: str  # of the model file
    provider: str  # the execution provider really used

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """Return the detections of each image, in pixels of that image, in the order given."""
