"""The motion that all objects share: it is the camera's.

A camera on a mast shakes, and one on a vehicle turns. Where at least half of the objects of a
frame could have made one and the same step away from where they were expected, and clearly fewer
stayed, the picture moved. It needs no pixels: boxes are enough.
"""

from __future__ import annotations

import numpy as np

from edge.track.numbers import ACROSS, ALIKE, FEWER, LEAST_SIZE, SCALE, STILL, TOGETHER, UP
from edge.track.state import Floats
from edge.types import Mask


def shared_motion(witnesses: Floats, measured: Floats, sure: Mask) -> tuple[float, float]:
    """How far the picture moved, pixels.

    `witnesses` are the rows of `State.motion` of objects seen a frame ago, `measured` the boxes of
    this frame (centre and size), `sure` which of them to look at.
    """
    height = np.maximum(witnesses[:, 3], LEAST_SIZE)
    step = measured[:, :2] - witnesses[:, None, :2]
    other = measured[:, 3]
    alike = (other < SCALE * height[:, None]) & (height[:, None] < SCALE * other) & sure
    alike &= np.abs(step[..., 0]) < (ACROSS * height)[:, None]
    alike &= np.abs(step[..., 1]) < (UP * height)[:, None]
    within = ALIKE * height
    still = np.count_nonzero((alike & (np.abs(step).max(axis=2) < within[:, None])).any(axis=1))
    owner, _ = np.nonzero(alike)
    if len(owner) < TOGETHER or still >= STILL * len(height):
        return 0.0, 0.0
    voices = step[alike]
    agree = np.abs(voices[:, None] - voices).max(axis=2) < within[owner]
    first = np.flatnonzero(np.diff(owner, prepend=-1))  # of each owner's voices
    votes = np.count_nonzero(np.logical_or.reduceat(agree, first, axis=1), axis=1)
    if votes.max() < max(TOGETHER, 0.5 * len(height)) or votes.max() < still + FEWER:
        return 0.0, 0.0
    loudest = np.flatnonzero(votes == votes.max())
    best = loudest[np.abs(voices[loudest]).sum(axis=1).argmin()]
    across, down = np.median(voices[agree[best]], axis=0).tolist()
    return across, down
