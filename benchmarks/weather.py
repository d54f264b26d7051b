"""Weather over real pictures, for the storms benchmark: seeded, so that every run sees the same.

None of it looks beautiful; each moves brightness as the real thing does, which is what a motion
gate looks at. Lengths are in pixels of a picture that is 768 wide, as the clips are.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Image, Luma

SLIDES = 128  # places along each axis at which a field of noise may lie over a picture
BLOTCH = 0.8  # sigma of the blur that a camera's own denoising and compression leave in noise
FULL_TURN = 2 * math.pi


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """When a picture is taken, and chance for this one alone."""

    pts: float
    rng: np.random.Generator


Make = Callable[[Image, Moment], Image]


@dataclass(frozen=True, slots=True)
class Weather:
    """One weather, and in words what it does to the pictures."""

    name: str
    words: str
    make: Make

    def over(self, image: Image, index: int, pts: float) -> Image:
        """The picture of this index and time in this weather; the same one on every call."""
        seed = zlib.crc32(f"{self.name} {index}".encode())
        return self.make(image, Moment(pts, np.random.default_rng(seed)))


def clear(image: Image, _: Moment) -> Image:
    """As it is."""
    return image


def after(*makes: Make) -> Make:
    """One upon the other, in this order."""

    def make(image: Image, moment: Moment) -> Image:
        for one in makes:
            image = one(image, moment)
        return image

    return make


def night(gain: float, *, sigma: float) -> Make:
    """So little light, and a sensor's noise at high gain: other blotches in every picture."""
    return lambda image, moment: grainy(lit(image, gain), moment.rng, sigma=sigma)


def rain(streaks: int, *, light: int, haze: float = 0.15) -> Make:
    """Streaks, elsewhere in every picture and all slanted alike, specks, and less contrast."""

    def make(image: Image, moment: Moment) -> Image:
        height, width = image.shape[:2]
        falling = np.zeros((height, width), np.uint8)
        start = moment.rng.uniform(0, (width, height), (streaks, 2))
        length = moment.rng.uniform(10, 45, (streaks, 1))
        ends = np.stack((start, start + length * (0.2, 1.0)), axis=1).astype(np.int32)
        near = streaks // 5
        cv2.polylines(falling, list(ends[near:]), isClosed=False, color=light // 2)
        cv2.polylines(falling, list(ends[:near]), isClosed=False, color=light, thickness=2)
        for x, y in moment.rng.uniform(0, (width, height), (near, 2)).astype(int).tolist():
            cv2.circle(falling, (x, y), 1, light, -1)
        return lighter(lit(image, 1 - haze, 110 * haze), falling)

    return make


def snow(flakes: int) -> Make:
    """Flakes of all sizes that sink and sway; a near one is large and quick."""

    def make(image: Image, moment: Moment) -> Image:
        height, width = image.shape[:2]
        fixed = np.random.default_rng(flakes)
        near, phase, x, y = fixed.uniform(size=(4, flakes))
        sway = 6 * np.sin(FULL_TURN * (phase + moment.pts / 2))
        down = (y * height + (60 + 240 * near) * moment.pts) % height
        right = (x * width + 40 * near * moment.pts + sway) % width
        falling = np.zeros((height, width), np.uint8)
        for at_x, at_y, size in zip(right.tolist(), down.tolist(), near.tolist(), strict=True):
            centre = round(at_x), round(at_y)
            cv2.circle(falling, centre, round(0.6 + 3 * size**3), 90 + round(90 * size), -1)
        return lighter(image, falling)

    return make


def leaves(count: int, *, swing: float) -> Make:
    """Twigs with dark leaves in both upper corners, swinging by so much; gusts come and go."""

    def make(image: Image, moment: Moment) -> Image:
        height, width = image.shape[:2]
        fixed = np.random.default_rng(count)
        side, x, y, phase, tone = fixed.uniform(size=(5, count))
        reach = 0.3 * x * (1 - y)  # of the width, less further down
        left = width * np.where(side < 0.5, reach, 1 - reach)
        gust = swing * (0.6 + 0.4 * math.sin(FULL_TURN * moment.pts / 13))
        move = gust * np.sin(FULL_TURN * (0.7 * moment.pts + 0.3 * phase + x))
        out = image.copy()
        for row in range(count):
            centre = round(left[row] + move[row]), round(height * 0.45 * y[row] + move[row] / 3)
            turned = 360 * phase[row] + 4 * move[row]
            green = 30 + 50 * tone[row]
            colour = (0.5 * green, green, 0.7 * green)
            cv2.ellipse(out, centre, (9, 4), turned, 0, 360, colour, -1)
        return out

    return make


def exposure(*, swing: float, every_s: float) -> Make:
    """Gain that rises and falls slowly, and leaps to 1.5 or 0.6 of it for 4 s every so often."""

    def make(image: Image, moment: Moment) -> Image:
        turn, since = divmod(moment.pts, every_s)
        leap = (1.5 if turn % 2 else 0.6) if turn and since < 4.0 else 1.0
        return lit(image, leap * (1 + swing * math.sin(FULL_TURN * moment.pts / 24)))

    return make


def shake(sigma: float, *, jumps: float, jump: float) -> Make:
    """The pole trembles by parts of a pixel or more; this share of pictures is a jump away."""

    def make(image: Image, moment: Moment) -> Image:
        offset = moment.rng.normal(0, sigma, 2)
        if moment.rng.random() < jumps:
            angle = moment.rng.uniform(0, FULL_TURN)
            offset = offset + jump * np.array((math.cos(angle), math.sin(angle)))
        matrix = np.array(((1, 0, offset[0]), (0, 1, offset[1])))
        size = image.shape[1], image.shape[0]
        return np.asarray(
            cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REFLECT), np.uint8
        )

    return make


def infrared(image: Image, moment: Moment) -> Image:
    """The camera's own lamp: grey, what is blue is bright, the middle lit, more noise."""
    height, width = image.shape[:2]
    gray = cv2.transform(image, np.array([[0.7, 0.1, 0.2]]))
    lamp = cv2.multiply(gray, _lamp(width, height), scale=1.0, dtype=cv2.CV_8U)
    return grainy(np.asarray(cv2.cvtColor(lamp, cv2.COLOR_GRAY2BGR)), moment.rng, sigma=3.0)


def switching(day: Make, other: Make, *, every_s: float) -> Make:
    """One for so long, then the other: a filter that moves into the light and out again."""
    return lambda image, moment: (other if moment.pts // every_s % 2 else day)(image, moment)


def lit(image: Image, gain: float, offset: float = 0.0) -> Image:
    """With more or less light; white stays white."""
    return np.asarray(cv2.convertScaleAbs(image, alpha=gain, beta=offset), np.uint8)


def lighter(image: Image, light: Luma) -> Image:
    """With light on it."""
    return np.asarray(cv2.add(image, cv2.merge([light] * 3)), np.uint8)


def grainy(image: Image, rng: np.random.Generator, *, sigma: float) -> Image:
    """With noise of the brightness, in blotches of about two pixels."""
    height, width = image.shape[:2]
    x, y = rng.integers(0, SLIDES, 2).tolist()
    noise = _grain(width, height, sigma)[y : y + height, x : x + width]
    return np.asarray(cv2.add(image, cv2.merge([noise] * 3), dtype=cv2.CV_8U), np.uint8)


@cache
def _grain(width: int, height: int, sigma: float) -> NDArray[np.int16]:
    """A field of noise, larger than the picture: drawing one for each would take longer."""
    drawn = np.random.default_rng(5).standard_normal((height + SLIDES, width + SLIDES), np.float32)
    blotches = np.asarray(cv2.GaussianBlur(drawn, (0, 0), BLOTCH))
    return np.asarray(np.rint(blotches * (sigma / float(blotches.std()))), np.int16)


@cache
def _lamp(width: int, height: int) -> NDArray[Any]:
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    return np.asarray(0.9 - 0.3 * (x * x + y * y), np.float32)


WEATHERS: Sequence[Weather] = (
    Weather("clear", "as it is", clear),
    Weather("night", "x 0.3, noise of 5 levels", night(0.3, sigma=5)),
    Weather("rain", "250 streaks and 50 specks of up to 70 levels", rain(250, light=70)),
    Weather(
        "rain at night",
        "x 0.3, 250 streaks of up to 150 levels lit by a lamp, noise of 5 levels",
        after(night(0.3, sigma=5), rain(250, light=150, haze=0.0)),
    ),
    Weather("snow", "250 flakes, 1 to 7 pixels wide, sinking 60 to 300 pixels a second", snow(250)),
    Weather(
        "leaves",
        "220 leaves in the upper corners swing by 2 to 8 pixels, 0.7 times a second",
        leaves(220, swing=8),
    ),
    Weather(
        "exposure",
        "+-30 % in 24 s, and x 0.6 or x 1.5 at once for 4 s every 9 s",
        exposure(swing=0.3, every_s=9),
    ),
    Weather(
        "shake",
        "1.5 pixels (standard deviation), a jump of 12 in 4 % of the pictures",
        shake(1.5, jumps=0.04, jump=12),
    ),
    Weather(
        "day and infrared",
        "colour and infrared-like grey in turn, 8 s each",
        switching(clear, infrared, every_s=8),
    ),
)
