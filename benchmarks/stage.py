"""A recording as it is replayed for what it tells: every n-th frame, perhaps with a case put in."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from benchmarks.intel import CAR, PERSON, path_of
from edge.picture import Still
from edge.replay import recording_of
from edge.settings import Camera
from edge.stream import Source
from edge.types import Frame, Image

SHADE, BODY, RIM, LIGHT = (18, 34, 60), (104, 78, 52), (70, 50, 32), (190, 180, 168)  # BGR


@dataclass(frozen=True, slots=True)
class Case:
    """A suitcase that stands there for a while: in what is known of a recording, nobody left one.

    Its box is in parts of the picture, 0..1; the times are the recording's, in seconds.
    """

    box: tuple[float, float, float, float]
    since: float
    until: float


# It stands there from when the fifth of six people is at the table until the sixth leaves.
CASE = Case((0.37, 0.74, 0.43, 0.9), since=110.0, until=134.0)


class Staged:
    """Another source's frames, every n-th of them, with a case in them where one is given."""

    def __init__(self, source: Source, *, every: int = 1, case: Case | None = None) -> None:
        self._source, self._every, self._case = source, every, case
        self.live, self.facts, self.damaged = source.live, source.facts, 0

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """See `edge.stream.Source`."""
        for frame in self._source.frames(session, stop):
            self.damaged = self._source.damaged
            if frame.index % self._every == 0:
                yield self._with_case(frame)

    def _with_case(self, frame: Frame) -> Frame:
        case = self._case
        if case is None or not case.since <= frame.pts < case.until:
            return frame
        image = frame.picture.bgr().copy()
        put(image, case)
        return replace(frame, picture=Still(image))


def put(image: Image, case: Case) -> None:
    """Draw it over the picture, in place."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = np.rint(np.multiply(case.box, (width, height) * 2)).astype(int).tolist()
    middle, across, high = (x1 + x2) // 2, x2 - x1, y2 - y1
    top = y1 + high // 6  # of the body; above it is the handle
    dark = image.copy()
    cv2.ellipse(dark, (middle, y2), (across * 3 // 5, high // 12), 0, 0, 360, SHADE, cv2.FILLED)
    cv2.addWeighted(dark, 0.6, image, 0.4, 0, image)
    handle = middle - across // 5, y1, middle + across // 5, top
    cv2.rectangle(image, handle[:2], handle[2:], RIM, 3, cv2.LINE_AA)
    cv2.rectangle(image, (x1, top), (x2, y2), BODY, cv2.FILLED)
    for part in (1, 2, 3):
        x = x1 + across * part // 4
        cv2.line(image, (x, top + 4), (x, y2 - 4), RIM, 2, cv2.LINE_AA)
    cv2.line(image, (x1 + 3, top + 4), (x1 + 3, y2 - 4), LIGHT, 1, cv2.LINE_AA)
    cv2.rectangle(image, (x1, top), (x2, y2), RIM, 2, cv2.LINE_AA)
    cv2.GaussianBlur(image[y1:y2, x1:x2], (3, 3), 0, image[y1:y2, x1:x2])


def table(camera: Camera) -> Source:
    """Six people, one after another, at a table; five frames a second, and the case."""
    return Staged(recording_of(camera, path_of(PERSON)), every=2, case=CASE)


def yard(camera: Camera) -> Source:
    """Four cars, two up and two down."""
    return recording_of(camera, path_of(CAR))
