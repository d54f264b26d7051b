"""What is in a frame."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import structlog

from edge.detect.engines import Engine, open_session
from edge.detect.families import FAMILIES, Family
from edge.detect.models import checked
from edge.detect.session import Session
from edge.detect.whole import Fit, blank_image, detected
from edge.errors import ModelError
from edge.types import Detections, Image, Picture

STRIDE = 32  # inputs are multiples of it
SHARES = (0.9, 0.75, 0.6, 0.5)  # of the input's height that a smaller one has


class Detector(Protocol):
    """A loaded model."""

    @property
    def name(self) -> str:
        """In the manifest."""

    @property
    def sha256(self) -> str:
        """Of the model file."""

    @property
    def provider(self) -> str:
        """What really runs it."""

    @property
    def precision(self) -> str:
        """What it really computes in: fp32, bf16 or fp16."""

    @property
    def fit(self) -> Fit:
        """The size of the network's input, and how a picture is brought to it."""

    @property
    def sizes(self) -> Sequence[tuple[int, int]]:
        """The sizes an image may have, the network's own first, then smaller and cheaper ones."""

    def infer(self, images: Sequence[Image]) -> list[Detections]:
        """The detections of BGR images of these sizes, in pixels of each."""

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """The detections of each picture, in its pixels, in the order given."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model of the manifest, in memory and warm."""

    name: str
    sha256: str
    provider: str
    precision: str
    fit: Fit
    families: Mapping[tuple[int, int], Family]  # by size of the input, the largest first

    @property
    def sizes(self) -> Sequence[tuple[int, int]]:
        """See `Detector`."""
        return tuple(self.families)

    def infer(self, images: Sequence[Image]) -> list[Detections]:
        """See `Detector`."""
        found: dict[int, Detections] = {}
        for size, family in self.families.items():
            rows = [row for row, one in enumerate(images) if one.shape[1::-1] == size]
            if rows:
                of_size = family.detect([images[row] for row in rows])
                found |= zip(rows, of_size, strict=True)
        return [found[row] for row in range(len(images))]

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See `Detector`."""
        return detected(self.infer, self.fit, pictures)


def open_detector(
    model: str, *, score: float, engine: Engine | None = None, small: bool = False
) -> Detector:
    """Load a model by its name in the manifest and run it once; raises ModelError.

    Detections below `score` are left out. With `small` the network is made for smaller inputs too,
    where it can be. For one thread.
    """
    # A camera's picture is too small to share out: OpenCV's threads would wait for each other at
    # full load, a tenth of what a frame costs, and every core has another camera's picture to do.
    cv2.setNumThreads(1)
    row, engine = checked(model), engine or Engine()
    family = FAMILIES[row.family]
    session = open_session(row.path, family.INPUT, engine)
    families = {session.size: family(session, score=score)}
    if small and session.batch == 1:
        families |= _smaller(row.path, family, session, engine, score=score)
    for size, one in families.items():
        one.detect([blank_image(size)])
    return LoadedModel(
        model,
        row.sha256,
        session.provider,
        session.precision,
        Fit(session.size, letterbox=family.INPUT.letterbox),
        families,
    )


def _smaller(
    path: Path, family: type[Family], session: Session, engine: Engine, *, score: float
) -> dict[tuple[int, int], Family]:
    """The family for parts of the input, down to a quarter, where the network can be so small."""
    width, height = session.size
    sizes = [(width, _part(height, share)) for share in SHARES]
    sizes.append((_part(width, 1 / 2), _part(height, 1 / 2)))
    made: dict[tuple[int, int], Family] = {}
    for size in [one for one in dict.fromkeys(sizes) if one != session.size]:
        try:
            smaller = open_session(path, family.INPUT, engine, size=size)
            one = family(smaller, score=score)
            one.detect([blank_image(size)])
        except ModelError as error:
            structlog.get_logger().info("one input size only", model=path.stem, reason=str(error))
            break
        made[size] = one
    return made


def _part(side: int, share: float) -> int:
    """About this share of a side, in whole cells of the coarsest stride."""
    return math.ceil(side * share / STRIDE) * STRIDE
