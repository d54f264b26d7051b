"""What an update of a tracker costs: people who walk, made up, and the clock."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from benchmarks.result import Cell
from edge.types import Detections

FPS = 10.0
WIDTH, HEIGHT = 1920, 1080
MISSED = 0.05  # of the detections
SPEED = 0.5  # heights a second, standard deviation along each axis
JITTER = 0.02  # heights, standard deviation of each edge
WARM = 20  # frames before the clock runs
CROWDS = {"us_5": (1, 5), "us_20": (1, 20), "us_60": (1, 60), "us_64x10": (64, 10)}
LABELS = {
    "us_5": "5 people",
    "us_20": "20 people",
    "us_60": "60 people",
    "us_64x10": "64 cameras of 10",
}
FRAMES = {1: 200, 64: 20}  # by cameras, while the clock runs


class Cameras(Protocol):
    """Trackers of several cameras."""

    def given(self, found: Sequence[Detections]) -> Any:
        """The cameras' detections of one time as an update takes them."""

    def update(self, given: Any, pts: float) -> Any:
        """Advance all of them."""


def walk(people: int, frames: int, *, seed: int) -> list[Detections]:
    """So many who walk to and fro in a picture, with jitter; some are missed."""
    rng, size = np.random.default_rng(seed), np.array([WIDTH, HEIGHT])
    height = rng.uniform(60, 200, (people, 1))
    start = rng.uniform(0, size, (people, 2))
    velocity = rng.normal(0, SPEED, (people, 2)) * height
    half = np.hstack((0.2 * height, 0.5 * height))
    found = []
    for index in range(frames):
        there = (start + velocity * index / FPS) % (2 * size)
        centre = np.where(there < size, there, 2 * size - there)
        edges = np.hstack((centre - half, centre + half))
        edges += rng.normal(0, JITTER, (people, 4)) * height
        score, seen = rng.uniform(0.6, 0.95, people), rng.uniform(size=people) >= MISSED
        everyone = Detections(
            edges.astype(np.float32), score.astype(np.float32), np.zeros(people, np.int64)
        )
        found.append(everyone[seen])
    return found


def update_us(cameras: Cameras, scenes: Sequence[Sequence[Detections]]) -> float:
    """CPU microseconds of all threads per camera frame, updates only."""
    given = [cameras.given(found) for found in zip(*scenes, strict=True)]
    gc.collect()
    began = 0.0
    for index, one in enumerate(given):
        if index == WARM:
            began = time.process_time()
        cameras.update(one, index / FPS)
    cost = time.process_time() - began
    return 1e6 * cost / ((len(given) - WARM) * len(scenes))


def timed(
    contenders: Mapping[str, Callable[[int], Cameras]], *, rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Microseconds by contender and crowd, one per round; all take turns within a round."""
    costs: dict[str, dict[str, list[float]]] = {
        name: {crowd: [] for crowd in CROWDS} for name in contenders
    }
    for turn in range(rounds):
        for crowd, (count, people) in CROWDS.items():
            frames = WARM + FRAMES[count]
            scenes = [walk(people, frames, seed=count * turn + one) for one in range(count)]
            for name, opened in contenders.items():
                costs[name][crowd].append(update_us(opened(count), scenes))
    return costs


def medians(costs: Mapping[str, Sequence[float]]) -> dict[str, Cell]:
    """Of each crowd."""
    return {crowd: statistics.median(some) for crowd, some in costs.items()}


def ratios(costs: Mapping[str, Mapping[str, Sequence[float]]], ours: str) -> dict[str, float]:
    """Our cost to the fastest peer's by crowd, medians of the rounds' ratios."""
    peers = [one for name, one in costs.items() if name != ours]
    return {
        crowd: statistics.median(
            mine / min(theirs)
            for mine, *theirs in zip(
                costs[ours][crowd], *(one[crowd] for one in peers), strict=True
            )
        )
        for crowd in CROWDS
        if peers
    }
