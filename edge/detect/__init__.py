"""What is in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.detect.families import FAMILIES, Family
from edge.detect.models import checked
from edge.detect.session import Session
from edge.types import Detections, Picture


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
        """The execution provider really used."""

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """Return the detections of each picture, in its pixels, in the order given."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model of the manifest, in memory and warm."""

    name: str
    sha256: str
    provider: str
    family: Family

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See `Detector`."""
        return self.family.detect(pictures)


def open_detector(
    model: str, *, score: float, providers: Sequence[str] = ("cpu",), threads: int = 1
) -> Detector:
    """Load a model by its name in the manifest and run it once; raises ModelError.

    Detections below `score` are left out. Of `providers` (cpu, cuda) the first that works on this
    machine is used, a later one with a warning; none is an error. For one thread.
    """
    row = checked(model)
    session = Session(row.path, providers=providers, threads=threads)
    family = FAMILIES[row.family](session, score=score)
    return LoadedModel(model, row.sha256, session.provider, family)
