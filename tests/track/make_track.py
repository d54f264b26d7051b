"""Builders: streams of detections, and a tracker fed with them."""

import numpy as np

from edge.types import Detections
from tests.make import detections

FPS = 10


def play(tracker, frames, *, fps=FPS, start=0.0):
    """Feed one frame after the other, each a list of feet or Detections; what came out."""
    return [
        tracker.update(
            found if isinstance(found, Detections) else detections(found), start + index / fps
        )
        for index, found in enumerate(frames)
    ]


def crowd(frames=30):
    """Three who walk: to the right, to the left and down the picture; they never meet."""
    return [[(20 + 3 * i, 30), (180 - 3 * i, 95), (240, 30 + 2 * i)] for i in range(frames)]


def together(*found):
    """All of these detections in one frame."""
    return Detections(
        np.concatenate([one.xyxy for one in found]),
        np.concatenate([one.score for one in found]),
        np.concatenate([one.class_id for one in found]),
    )


def ids(steps):
    """Every id that was ever reported."""
    return {track for step in steps for track in step.id.tolist()}


def ended(steps):
    """Every id that was said to end, as often as it was said."""
    return [track for step in steps for track in step.ended.tolist()]


def rows(steps):
    """All there is in the steps, comparable."""
    return [
        (
            step.id.tolist(),
            step.xyxy.tolist(),
            step.score.tolist(),
            step.class_id.tolist(),
            step.velocity.tolist(),
            step.ended.tolist(),
        )
        for step in steps
    ]
