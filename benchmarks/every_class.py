"""All 80 classes of COCO from a family that looks for a few: each takes a watched one's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.detect.boxes import CLASS_IDS
from edge.detect.families import FAMILIES
from edge.detect.session import Node, Session
from edge.types import Detections, Image

CLASSES = 80


@dataclass(frozen=True, slots=True)
class Place:
    """Where a family's network puts the scores of the classes."""

    output: str
    axis: int
    start: int = 0


PLACES = {
    "picodet": Place("scores", axis=1),
    "yolox": Place("output", axis=2, start=5),
    "nanodet": Place("output", axis=2),
}


class EveryClass:
    """A family's own decoding, over and over: a handful of classes at a time."""

    def __init__(self, family: str, session: Session, *, score: float) -> None:
        self._session = session
        self._replay = Replay(session, PLACES[family])
        self._family = FAMILIES[family](self._replay, score=score)

    def detect(self, image: Image) -> Detections:
        """Of an image of the session's size, with classes 0..79."""
        names = tuple(self._session.outputs)
        self._replay.given = dict(zip(names, self._session.run(names, [image]), strict=True))
        parts = [
            self._of(np.arange(first, min(first + len(CLASS_IDS), CLASSES)), image)
            for first in range(0, CLASSES, len(CLASS_IDS))
        ]
        return Detections(
            np.concatenate([one.xyxy for one in parts]),
            np.concatenate([one.score for one in parts]),
            np.concatenate([one.class_id for one in parts]),
        )

    def _of(self, classes: NDArray[np.int64], image: Image) -> Detections:
        self._replay.classes = classes
        (found,) = self._family.detect([image])
        real = classes[np.searchsorted(CLASS_IDS, found.class_id)]
        return Detections(found.xyxy, found.score, real)


class Replay:
    """A session that gives the same answer again, with some classes where the watched ones are."""

    def __init__(self, session: Session, place: Place) -> None:
        self.name, self.provider = session.name, session.provider
        self.precision, self.size, self.batch = session.precision, session.size, session.batch
        self.inputs: Mapping[str, Node] = session.inputs
        self.outputs: Mapping[str, Node] = session.outputs
        self._place = place
        self.given: Mapping[str, NDArray[np.float32]] = {}
        self.classes = np.zeros(0, np.int64)

    def run(
        self,
        outputs: Sequence[str],
        images: Sequence[Image],  # noqa: ARG002 - the answer is there already
        **more: NDArray[Any],  # noqa: ARG002
    ) -> list[NDArray[np.float32]]:
        """See `Session`."""
        return [
            self._moved(self.given[name]) if name == self._place.output else self.given[name]
            for name in outputs
        ]

    def _moved(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        place, moved = self._place, values.copy()
        end = place.start + CLASSES
        was = np.moveaxis(values, place.axis, -1)[..., place.start : end]
        scores = np.moveaxis(moved, place.axis, -1)[..., place.start : end]
        scores[...] = 0
        scores[..., CLASS_IDS[: len(self.classes)]] = was[..., self.classes]
        return moved
