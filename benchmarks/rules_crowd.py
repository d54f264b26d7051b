"""People and cars that walk, made up, as tracks: what the rules' costs are measured on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edge.picture import Still
from edge.types import CLASSES, Frame, Tracks

FPS = 10.0
WIDTH, HEIGHT = 768, 432
CAR = 3  # each so-manieth is one
SPEED = 0.5  # heights a second, standard deviation along each axis
JITTER = 0.02  # heights, standard deviation of each edge
REPLACED = 50  # frames after which somebody is somebody else


def crowd(count: int, frames: int, *, seed: int) -> Iterator[tuple[Tracks, Frame]]:
    """So many, frame by frame; from time to time one ends and another begins in his place."""
    rng, size = np.random.default_rng(seed), np.array([WIDTH, HEIGHT])
    picture = Still(rng.integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8))
    height = rng.uniform(30, 90, (count, 1))
    start, speed = rng.uniform(0, size, (count, 2)), rng.normal(0, SPEED, (count, 2)) * height
    half = np.hstack((0.2 * height, 0.5 * height))
    ids = np.arange(1, count + 1)
    kinds = np.where(ids % CAR == 0, CLASSES["car"], CLASSES["person"])
    for index in range(frames):
        ended = np.zeros(0, np.int64)
        if index % REPLACED == REPLACED - 1:
            row = int(rng.integers(count))
            ended, ids = ids[row : row + 1].copy(), ids.copy()
            ids[row] = ids.max() + 1
        there = (start + speed * index / FPS) % (2 * size)
        centre = np.where(there < size, there, 2 * size - there)
        boxes = np.hstack((centre - half, centre + half))
        boxes += rng.normal(0, JITTER, (count, 4)) * height
        score = rng.uniform(0.6, 0.95, count).astype(np.float32)
        tracks = Tracks(
            ids, boxes.astype(np.float32), score, kinds, speed.astype(np.float32), ended
        )
        pts = index / FPS
        yield tracks, Frame("ruled", index, pts, pts, picture)
