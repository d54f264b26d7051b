"""The table of model families."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from edge.detect.picodet import PicoDet
from edge.detect.session import Session
from edge.errors import ModelError
from edge.types import Detections, Image


class Family(Protocol):
    """Knows a network's input and output."""

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """See `edge.detect.Detector`."""


FAMILIES: dict[str, Callable[..., Family]] = {"picodet": PicoDet}


def fitting(session: Session) -> str | None:
    """The first family whose inputs and outputs these are."""
    for name, family in FAMILIES.items():
        try:
            family(session, score=0.5)
        except ModelError:
            continue
        return name
    return None
