"""Builders: what a fixed camera sees, with the noise of a sensor, and what may befall it."""

from __future__ import annotations

import cv2
import numpy as np

from edge.rules.image_health import ImageHealth, Thresholds
from edge.rules.view import View
from edge.types import Frame, State, Tracks

SIZE = (480, 270)
STEP_S = 0.5


def scene(seed=1):
    """Patches of different brightness with fine structure: grass, walls, windows."""
    rng = np.random.default_rng(seed)
    rough = cv2.resize(rng.uniform(40, 200, (14, 24)), SIZE, interpolation=cv2.INTER_NEAREST)
    return rough + cv2.resize(rng.normal(0, 15, (135, 240)), SIZE, interpolation=cv2.INTER_NEAREST)


def blurred(image, sigma=4.0):
    return cv2.GaussianBlur(image, (0, 0), sigma)


def covered(image, part=1.0):
    out = image.copy()
    out[:, : round(part * SIZE[0])] = 110
    return out


def moved(image, part=0.3):
    return np.roll(image, round(part * SIZE[0]), axis=1)


class Gray:
    """A picture of brightness alone."""

    def __init__(self, luma):
        self._luma = luma
        self.height, self.width = luma.shape

    def luma(self, width, height):
        return cv2.resize(self._luma, (width, height), interpolation=cv2.INTER_AREA)


def picture(image, index, *, grain=1.0):
    noise = np.random.default_rng(index).standard_normal(image.shape, np.float32)
    return Gray(np.clip(np.rint(image + grain * noise), 0, 255).astype(np.uint8))


class Watch:
    """A camera under watch: shows it pictures, two a second, and keeps what it said."""

    def __init__(self, **thresholds):
        self.rule = ImageHealth("gate", thresholds=Thresholds(**thresholds))
        self.index, self.session, self.began, self.events = 0, 0, 0, []

    def frame(self, shown):
        pts = (self.index - self.began) * STEP_S
        return Frame("gate", self.index, pts, 1e9 + self.index, shown, session=self.session)

    def show(self, image, seconds, *, frozen=False, grain=1.0):
        """Returns what is told meanwhile, as (state, key, reason)."""
        told = []
        for _ in range(round(seconds / STEP_S)):
            shown = picture(image, 0 if frozen else self.index, grain=grain)
            told += self.rule.update(View(Tracks.empty(), self.frame(shown)))
            self.index += 1
        self.events += told
        return said(told)

    def reconnect(self):
        self.session, self.began = self.session + 1, self.index

    def close(self, reason):
        told = self.rule.close(self.frame(picture(scene(), self.index)), reason)
        self.events += told
        return said(told)


def said(events):
    return [(event.state, event.key, event.reason) for event in events]


def raised(key):
    return [(State.RAISED, key, key)]


def cleared(key, reason="restored"):
    return [(State.CLEARED, key, reason)]
