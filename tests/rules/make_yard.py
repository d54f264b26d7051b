"""Builders: a yard in front of a fixed camera, and what is done and left in it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from edge.rules.left_object import LeftObject
from edge.rules.view import View
from edge.types import CLASSES, Frame
from tests.make import tracks
from tests.rules.make_rules import built
from tests.rules.make_scenes import SIZE, Gray, scene

FPS = 5
WHOLE = ((0, 0), (1, 0), (1, 1), (0, 1))
YARD, BARE = scene(7), np.full(SIZE[::-1], 110.0)
SPOT = (240, 200)  # where things are left: the point they stand on, in pixels of SIZE
PERSON, CAR = (30, 90), (150, 80)  # width, height
MARGIN = 200  # beyond the picture, for who comes in


def put(image, foot, size, *, seed=3, level=None):
    """Something that stands on a point, with a pattern of its own or of one brightness."""
    (x, y), (width, height) = foot, size
    left, top = round(x - width / 2), round(y - height)
    pattern = np.random.default_rng(seed).uniform(10, 230, (3, 3)).astype(np.float32)
    own = cv2.resize(pattern, (width, height), interpolation=cv2.INTER_NEAREST)
    whole = cv2.copyMakeBorder(image, *[MARGIN] * 4, cv2.BORDER_REPLICATE)
    whole[MARGIN + top :, MARGIN + left :][:height, :width] = own if level is None else level
    return whole[MARGIN:-MARGIN, MARGIN:-MARGIN]


class Shown:
    """A picture that is made when it is looked at; `make` gives its brightness."""

    def __init__(self, make, size=SIZE):
        self._make, (self.width, self.height) = make, size

    def luma(self, width, height):
        return Gray(np.clip(np.rint(self._make()), 0, 255).astype(np.uint8)).luma(width, height)


class Yard:
    """A camera under watch, five pictures a second; people and cars are tracked where they are."""

    def __init__(self, image=YARD, *, rule=None, size=SIZE, **options):
        self.image, self.size, self.index, self.skipped_s = image, size, 0, 0.0
        made = built(LeftObject, **{"polygon": WHOLE, "after_s": 10.0} | options)
        self.rule = made if rule is None else rule(made)

    def show(self, seconds, *, people=(), cars=(), unseen=(), change=None, grain=1.0):
        """Returns what is told meanwhile.

        Feet of people and cars may be given by a function of the time since now. `unseen` people
        are in the picture and not tracked. `change` makes another picture of what is shown, at a
        time.
        """
        told = []
        for step in range(round(seconds * FPS)):
            who, hidden, parked = (_at(feet, step / FPS) for feet in (people, unseen, cars))
            now = self._shown([*who, *hidden], parked, step / FPS, change=change, grain=grain)
            seen = _tracked(who, parked, self.size)
            told += self.rule.update(View(seen, self.frame(now)))
            self.index += 1
        return told

    def frame(self, shown=None):
        pts = self.index / FPS + self.skipped_s
        return Frame("gate", self.index, pts, 1e9 + pts, shown or Shown(self.image.copy, self.size))

    def leave(self, size=(24, 20), *, foot=SPOT, look=None, **kind):
        """Somebody comes, and there is something when he has gone."""
        look = look or {}
        told = self.show(6, people=come(foot), **look)
        self.image = put(self.image, foot, size, **kind)
        return told + self.show(6, people=go(foot), **look)

    def take(self, image, *, foot=SPOT):
        """Somebody comes, and when he has gone all is as it was."""
        told = self.show(6, people=come(foot))
        self.image = image
        return told + self.show(6, people=go(foot))

    def close(self, reason="session_ended"):
        return [*self.rule.close(self.frame(), reason)]

    def _shown(self, people, cars, at, *, change, grain):
        image, index = self.image, self.index

        def make():
            shown = image
            for foot in cars:
                shown = put(shown, foot, CAR, seed=5)
            for foot in people:
                shown = put(shown, foot, PERSON, seed=1)
            shown = shown if change is None else change(shown, at)
            return shown + grain * np.random.default_rng(index).standard_normal(shown.shape)

        return Shown(make, self.size)


def learned(image=YARD, **options):
    """A yard that is known."""
    yard = Yard(image, **options)
    yard.show(15)
    return yard


def come(foot=SPOT):
    """Somebody walks there from the left, and stands there."""
    return lambda at: [(min(20 + 60 * at, foot[0] + 5), foot[1] + 4)]


def go(foot=SPOT):
    """And leaves to the right."""
    return lambda at: [(foot[0] + 5 + 60 * at, foot[1] + 4)] if at < 4 else []


def busy(at):
    """Two who walk through the yard, there and back, all the time."""
    return [((70 * at) % 600 - 40, 180), (600 - (70 * at) % 600, 250)]


def drive(foot, speed):
    """A car that drives off from there, or to there."""
    return lambda at: [(foot[0] + speed * at, foot[1])]


def said(events):
    return [(event.state.value, event.reason) for event in events]


def _at(feet, at):
    return feet(at) if callable(feet) else feet


def _tracked(people, cars, size):
    sizes = [PERSON] * len(people) + [CAR] * len(cars)
    feet = zip([*people, *cars], sizes, strict=True)
    boxes = [[x - w / 2, y - h, x + w / 2, y] for (x, y), (w, h) in feet]
    kinds = [CLASSES["person"]] * len(people) + [CLASSES["car"]] * len(cars)
    scale = np.array([size[0] / SIZE[0], size[1] / SIZE[1]] * 2)
    return replace(
        tracks(dict.fromkeys(range(1, len(boxes) + 1), (0, 0))),
        xyxy=(np.array(boxes).reshape(-1, 4) * scale).astype(np.float32),
        class_id=np.array(kinds, np.int64),
    )
