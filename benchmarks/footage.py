"""Stretches of the public clips for the storms benchmark: pictures, rules, and what happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks import service
from benchmarks.fleet import site_of
from benchmarks.intel import CAR, PERSON, labels_of, path_of
from benchmarks.pets import FPS, FRAMES, Pets
from benchmarks.result import Cell
from edge.config import Loaded
from edge.scoring import Happening, score
from edge.types import Image

CLASSES = {PERSON: ["person"], CAR: ["car", "truck", "bus"]}
SETTLE_S = 1.0  # what happens so early in a stretch can't be known yet
ZONE = "all"
Site = Callable[[Path], Loaded]


class Truth(Protocol):
    """What really happens in a stretch."""

    def judge(self, alerts: Sequence[Happening]) -> dict[str, Cell]:
        """How many alerts are false, and what else can be told."""


@dataclass(frozen=True, slots=True)
class Events:
    """Line crossings and zone stays of PETS."""

    pets: Pets
    since: float
    until: float

    def judge(self, alerts: Sequence[Happening]) -> dict[str, Cell]:
        """See `Truth`; F1 and hits are the lines'."""
        known = [
            replace(one, counts=one.counts and self.since <= one.time < self.until)
            for one in self.pets.events
        ]
        both = score(alerts, known)
        lines = score(
            [one for one in alerts if one.rule in self.pets.lines],
            [one for one in known if one.rule in self.pets.lines],
        )
        found = f"{lines.hits}/{lines.hits + lines.missed}"
        return {"false": both.false, "hits": lines.hits, "found": found, "line_f1": lines.f1}


@dataclass(frozen=True, slots=True)
class Presences:
    """From when to when somebody is in sight, in seconds; none where a stretch is empty."""

    spans: Sequence[tuple[float, float]]

    def judge(self, alerts: Sequence[Happening]) -> dict[str, Cell]:
        """See `Truth`; an alert outside of all spans is false, one finds one."""
        times = np.array([one.time for one in alerts])[:, None]
        spans = np.array(self.spans, float).reshape(-1, 2)
        within = (times >= spans[:, 0]) & (times <= spans[:, 1])
        rows, columns = linear_sum_assignment(within, maximize=True)
        hits = int(within[rows, columns].sum())
        found = f"{hits}/{len(spans)}" if len(spans) else None
        return {"false": int(np.count_nonzero(~within.any(axis=1))), "hits": hits, "found": found}


@dataclass(frozen=True, slots=True)
class Footage:
    """Some pictures of a clip, every n-th from the first to the last; perhaps to and fro."""

    name: str
    clip: Path
    fps: float  # of the clip
    first: int
    last: int
    every: int
    truth: Truth
    site: Site  # its settings, from a folder that a file may be written to
    turns: int = 0  # there and back, so often; 0: once

    @property
    def interval_s(self) -> float:
        """Between two pictures."""
        return self.every / self.fps

    @property
    def empty(self) -> bool:
        """Whether nobody is there."""
        return self.turns > 0

    def pictures(self) -> Iterator[tuple[float, Image]]:
        """Each with its time; that of the clip where it is played once."""
        if not self.turns:
            for index, image in self._decoded():
                yield index / self.fps, image
            return
        images = [image for _, image in self._decoded()]
        there_and_back = (images + images[-2:0:-1]) * self.turns
        for number, image in enumerate(there_and_back):
            yield number * self.interval_s, image

    def _decoded(self) -> Iterator[tuple[int, Image]]:
        capture = cv2.VideoCapture(str(self.clip))
        try:
            for index in range(self.last + 1):
                if not capture.grab():
                    return
                if index >= self.first and (index - self.first) % self.every == 0:
                    yield index, np.asarray(capture.retrieve()[1], np.uint8)
        finally:
            capture.release()


def pets_half(pets: Pets) -> Footage:
    """The second half of PETS at its own rate: the gate's constants were chosen on the first."""
    first = FRAMES // 2 + 1
    truth = Events(pets, first / FPS + SETTLE_S, FRAMES / FPS)
    return Footage(
        "PETS",
        pets.clip,
        FPS,
        first,
        FRAMES - 1,
        1,
        truth,
        lambda folder: service.site(pets, folder),
    )


def intel(clip: str, name: str, *, first: int = 0, last: int | None = None) -> Footage:
    """Every second picture of a stretch in which somebody comes and goes."""
    labels = labels_of(clip)
    fps, slack = labels["fps"], labels["tolerance_frames"]
    last = labels["frames"] - 1 if last is None else last
    spans = [
        ((one["first"] - slack) / fps, (one["last"] + slack) / fps)
        for one in labels["presence"]
        if one["first"] <= last and one["last"] >= first
    ]
    return _footage(clip, name, fps, (first, last), Presences(spans))


def empty(clip: str, name: str, *, stretch: int, seconds: float) -> Footage:
    """A stretch between two presences, to and fro for about so long; 0 is before the first."""
    labels = labels_of(clip)
    present = labels["presence"]
    slack = labels["tolerance_frames"] + 1
    first = max(one["last"] for one in present[:stretch]) + slack if stretch else 0
    last = present[stretch]["first"] - slack
    turns = max(1, round(seconds * labels["fps"] / (2 * (last - first))))
    found = _footage(clip, name, labels["fps"], (first, last), Presences(()))
    return replace(found, turns=turns)


def _footage(clip: str, name: str, fps: float, span: tuple[int, int], truth: Presences) -> Footage:
    path = path_of(clip)
    return Footage(
        name, path, fps, *span, 2, truth, lambda folder: _site(path, CLASSES[clip], folder)
    )


def _site(clip: Path, classes: Sequence[str], folder: Path) -> Loaded:
    """One zone, and that is the picture."""
    polygon = [(0, 0), (1, 0), (1, 1), (0, 1)]
    rule = {"type": "zone", "name": ZONE, "polygon": polygon, "classes": list(classes)}
    camera = {"name": "yard", "url": str(clip), "rules": [rule]}
    return site_of(folder, [camera])
