"""PicoDet (arXiv:2111.00902), as PaddleDetection exports it, with its raw outputs.

Input `image` [1, 3, H, W]: RGB, stretched to the input's size, ImageNet mean and deviation.
Outputs `boxes` [1, N, 4] (x1 y1 x2 y2 in pixels of the input) and `scores` [1, 80, N] (0..1).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.boxes import detections, to_image
from edge.detect.session import Session
from edge.errors import ModelError
from edge.types import Detections, Image, Picture

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
OVERLAP = 0.6  # of two boxes of one class that are one object
SIDE = 416  # of a model that takes any size
SCALES = tuple(1 / (255 * deviation) for deviation in DEVIATION)
SHIFTS = tuple(-mean / deviation for mean, deviation in zip(MEAN, DEVIATION, strict=True))


class PicoDet:
    """A PicoDet model, run once so that it is warm; one image per call of the network.

    It has one input buffer: for one thread. Raises ModelError where the model is another one.
    """

    def __init__(self, session: Session, *, score: float) -> None:
        session.expect(
            {"image": (1, 3, None, None)}, {"boxes": (1, None, 4), "scores": (1, 80, None)}
        )
        self._session, self._score = session, score
        height, width = session.inputs["image"][2:]
        self._size = (width or SIDE, height or SIDE)
        self._tensor = np.zeros((1, 3, self._size[1], self._size[0]), np.float32)
        boxes, scores = self._outputs()
        if boxes.shape[1:] != (scores.shape[2], 4) or scores.shape[1] != 80:  # noqa: PLR2004
            raise ModelError(
                f"the model gives boxes {boxes.shape} and scores {scores.shape}, not of one size",
                "export it again",
            )

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """See `edge.detect.Detector`."""
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        self._fill(picture.bgr(size=self._size))
        boxes, scores = self._outputs()
        found = detections(boxes[0], scores[0].T, score=self._score, overlap=OVERLAP)
        return to_image(found, self._size, (picture.width, picture.height))

    def _outputs(self) -> list[NDArray[np.float32]]:
        return self._session.run(("boxes", "scores"), image=self._tensor)

    def _fill(self, small: Image) -> None:
        """Write an image of the input's size into it, plane by plane: four times faster."""
        planes = reversed(cv2.split(small))  # blue, green, red
        for out, plane, scale, shift in zip(self._tensor[0], planes, SCALES, SHIFTS, strict=True):
            np.multiply(plane, np.float32(scale), out=out)
            np.add(out, np.float32(shift), out=out)
