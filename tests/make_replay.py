"""Builders: a site, the clip of a red square that walks to the right, and who finds it."""

from __future__ import annotations

import json

import cv2
import numpy as np

from edge.config import load
from edge.detect.whole import Fit
from edge.types import Detections
from tests.stream.make_clip import HEIGHT, WIDTH, write_clip

PICTURES = 30  # the square's foot is over the middle from picture 18 on: 1.8 s
MIDDLE = [[0.5, 1], [0.5, 0]]  # upwards, so that it is crossed inward from the left
RIGHT = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]
FENCE = {"type": "tripwire", "name": "fence", "line": MIDDLE, "settle_s": 0.2}
YARD = {"type": "zone", "name": "yard", "polygon": RIGHT, "dwell_s": 0.5}


class RedSquares:
    """A detector that finds red squares; of class person unless told otherwise."""

    name, sha256, provider, precision = "red", "0" * 64, "none", "fp32"
    fit, sizes = Fit((WIDTH, HEIGHT), letterbox=False), [(WIDTH, HEIGHT)]

    def __init__(self, class_id=0):
        self.class_id, self.asked = class_id, 0

    def infer(self, images):
        self.asked += len(images)
        return [self.found(image) for image in images]

    def found(self, image):
        red = (image[:, :, 2] > 150) & (image[:, :, 1] < 100)
        _, _, parts, _ = cv2.connectedComponentsWithStats(red.astype(np.uint8))
        boxes = [[x, y, x + w, y + h] for x, y, w, h, size in parts[1:] if size > 100]
        found = np.array(boxes, np.float32).reshape(-1, 4)
        ids = np.full(len(found), self.class_id, np.int64)
        return Detections(found, np.full(len(found), 0.9, np.float32), ids)


def camera(name="gate", *rules, **more):
    return {"name": name, "url": "rtsp://192.0.2.10/sub", "rules": list(rules), **more}


def write_site(folder, *cameras, **more):
    path = folder / "site.yaml"
    detect = {"mode": "full"}
    path.write_text(json.dumps({"site": "quarry", "detect": detect, "cameras": cameras, **more}))
    return path


def site(folder, *rules, schedules=None, inputs=(), **more):
    """One camera with these rules, as it is read."""
    known = {"schedules": schedules or {}, "inputs": inputs}
    return load(write_site(folder, camera("gate", *rules, **more), **known))


def write_walk(folder, name="walk.mp4", **more):
    """The clip: 3 seconds, at 10 pictures a second."""
    return write_clip(folder / name, pictures=PICTURES, fps=10, **more)
