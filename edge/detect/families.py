"""The table of model families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from edge.detect.detr import RfDetr, RtDetr
from edge.detect.nanodet import NanoDet
from edge.detect.picodet import PicoDet
from edge.detect.session import Input, Session
from edge.detect.yolox import YoloX
from edge.types import Detections, Image


class Family(Protocol):
    """Knows a network's input and output: raw output to Detections, nothing else."""

    INPUT: ClassVar[Input]

    def __init__(self, session: Session, *, score: float) -> None:
        """Raises ModelError where the network's inputs and outputs are not the family's."""

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """The detections of BGR images of the session's size, in pixels of each.

        Only watched classes, with `score` or more, best first; not cut off at the edges. Raises
        ModelError. No images, no results.
        """


FAMILIES: dict[str, type[Family]] = {
    "picodet": PicoDet,
    "yolox": YoloX,
    "nanodet": NanoDet,
    "rtdetr": RtDetr,  # and D-FINE
    "rfdetr": RfDetr,
}
