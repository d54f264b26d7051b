"""Builders: pictures of a scene with objects in it, and a detector that sees painted rectangles."""

import cv2
import numpy as np

from edge.detect.whole import Fit, detected
from edge.picture import Still
from edge.types import CLASSES, Detections, Frame

FPS = 10
GREY = 114
COLOURS = {CLASSES["person"]: (0, 0, 255), CLASSES["car"]: (255, 0, 0)}


def scene(width=160, height=90, *, dark=60, bright=130, seed=3):
    """Soft shapes in grey, as floats: what stands still."""
    noise = np.random.default_rng(seed).integers(dark, bright, (9, 16), np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def taken(images, *, noise=2.0, seed=1):
    """Each image as a camera takes it: with noise, in whole numbers of 0..255."""
    random, grain = np.random.default_rng(seed), None
    for image in images:
        height, width = image.shape
        if grain is None or grain.shape != (2 * height, 2 * width):
            grain = random.normal(0, noise, (2 * height, 2 * width)).astype(np.float32)
        y, x = random.integers(0, height), random.integers(0, width)
        yield np.clip(image + grain[y : y + height, x : x + width], 0, 255).astype(np.uint8)


def with_object(image, box, value):
    """The image with something of this brightness in the box (x1, y1, x2, y2)."""
    x1, y1, x2, y2 = (int(side) for side in box)
    out = image.copy()
    out[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)] = value
    return out


def frame_of(image, pts=0.0, *, camera="gate", session=0):
    """A frame of a grey or coloured image."""
    coloured = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
    picture = Still(np.ascontiguousarray(coloured))
    return Frame(camera, round(pts * FPS), pts, 1_700_000_000 + pts, picture, session=session)


def painted(size, boxes, class_id=0):
    """A grey picture of (width, height) with rectangles that `Painted` sees."""
    image = np.full((size[1], size[0], 3), GREY, np.uint8)
    for x1, y1, x2, y2 in boxes:
        image[y1:y2, x1:x2] = COLOURS[class_id]
    return image


class Painted:
    """A detector that sees rectangles in the colours of two classes, and counts its calls."""

    name, sha256, provider, precision = "painted", "0" * 64, "fake", "fp32"

    def __init__(self, *sizes, letterbox=False):
        self.sizes = sizes or ((416, 416), (416, 224), (224, 224))
        self.fit = Fit(self.sizes[0], letterbox=letterbox)
        self.images = []

    def infer(self, images):
        assert all(one.shape[1::-1] in self.sizes for one in images)
        self.images += images
        return [self._seen(one) for one in images]

    def detect(self, pictures):
        return detected(self.infer, self.fit, pictures)

    def _seen(self, image):
        boxes, kinds = [], []
        blue, _, red = cv2.split(image.astype(np.int16))
        for class_id, strong in ((0, red - blue), (2, blue - red)):
            _, _, stats, _ = cv2.connectedComponentsWithStats((strong > 127).astype(np.uint8))
            boxes += [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist()]
            kinds += [class_id] * (len(stats) - 1)
        xyxy = np.array(boxes, np.float32).reshape(-1, 4)
        return Detections(xyxy, np.full(len(kinds), 0.9, np.float32), np.array(kinds, np.int64))


def found_at(*boxes, score=0.9, class_id=0):
    """Detections of one class and score in these boxes (x1, y1, x2, y2)."""
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(count, score, np.float32),
        np.full(count, class_id, np.int64),
    )
