"""Ways to spoil a picture, and changes that spoil nothing; for the image health benchmark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Image, Luma

SENSOR = 0.5  # noise at the size of a look, in levels: about 2 at 1080p
Make = Callable[["Shot"], Luma]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What a distortion is made of."""

    image: Luma
    colour: Image
    first: Luma  # the one at which the distortion began
    elsewhere: Luma  # of another camera
    step: int  # looks since the distortion began
    rng: np.random.Generator


@dataclass(frozen=True, slots=True)
class Distortion:
    """One way to change a picture, and the alert it must raise; None: it must raise nothing."""

    name: str
    strength: str
    key: str | None
    dev: bool  # thresholds were tuned on this strength
    make: Make


def noisy(values: NDArray[Any], rng: np.random.Generator, *, sigma: float = SENSOR) -> Luma:
    """With the noise of a sensor, as 8 bit."""
    noise = rng.standard_normal(values.shape, np.float32) * np.float32(sigma)
    return np.asarray(np.clip(np.rint(values + noise), 0, 255), np.uint8)


def levels(gain: float, offset: float = 0.0, *, gamma: float = 1.0) -> Make:
    """Another exposure; the noise is what the picture has."""
    curve = 255 * (np.arange(256) / 255) ** gamma * gain + offset
    table = np.asarray(np.clip(np.rint(curve), 0, 255), np.uint8)
    return lambda shot: noisy(table[shot.image], shot.rng)


def overexposed(share: float) -> Make:
    """So much light that this share of the picture is white."""

    def make(shot: Shot) -> Luma:
        gain = 255 / max(1.0, float(np.percentile(shot.image, 100 * (1 - share))))
        return noisy(shot.image * gain, shot.rng)

    return make


def gauss(part: float) -> Make:
    """Out of focus: a Gaussian whose sigma is this part of the width."""
    return lambda s: noisy(cv2.GaussianBlur(s.image, (0, 0), part * s.image.shape[1]), s.rng)


def defocus(part: float) -> Make:
    """Out of focus as lenses are: a disc whose radius is this part of the width."""

    def make(shot: Shot) -> Luma:
        size = 2 * round(part * shot.image.shape[1]) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)).astype(np.float32)
        return noisy(cv2.filter2D(shot.image, -1, disc / disc.sum()), shot.rng)

    return make


def cover(part: float, *, level: int, texture: int = 0, turned: bool = False) -> Make:
    """Something close before the lens: this part of the width (turned: height), its edge soft."""

    def make(shot: Shot) -> Luma:
        height, width = shot.image.shape[:2]
        folds = np.random.default_rng(level).uniform(-texture, texture, (5, 8))
        thing = level + cv2.resize(folds, (width, height), interpolation=cv2.INTER_CUBIC)
        along = np.linspace(0, 1, height)[:, None] if turned else np.linspace(0, 1, width)[None]
        opaque = np.clip((part - along) / 0.04 + 0.5, 0, 1) if part < 1 else np.ones((1, 1))
        return noisy(shot.image * (1 - opaque) + thing * opaque, shot.rng)

    return make


def turn(right: float, down: float, *, degrees: float = 0.0, zoom: float = 1.0) -> Make:
    """The camera looks elsewhere: shifted by parts of the picture, rotated, zoomed."""

    def make(shot: Shot) -> Luma:
        height, width = shot.image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
        matrix[:, 2] += (right * width, down * height)
        size, border = (width, height), cv2.BORDER_REFLECT
        return np.asarray(cv2.warpAffine(shot.image, matrix, size, borderMode=border), np.uint8)

    return make


def shake(part: float) -> Make:
    """Wind: another small shift with every look."""
    return lambda shot: turn(*shot.rng.uniform(-part, part, 2))(shot)


def dusk(shot: Shot) -> Luma:
    """Light that falls to the half in half a minute."""
    return noisy(shot.image * max(0.5, 1 - shot.step / 120), shot.rng)


def object_before(part: float, *, step: float) -> Make:
    """A truck, or someone close, as large as this part of the picture; it moves by `step`."""

    def make(shot: Shot) -> Luma:
        image = shot.image.copy()
        height, width = image.shape[:2]
        wide, high = round(width * part / 0.8), round(height * 0.8)
        left = round((width - wide) * (0.5 + 0.5 * np.sin(step * shot.step)))
        paint = np.random.default_rng(3).uniform(40, 200, (6, 6))
        image[-high:, left : left + wide] = cv2.resize(
            paint, (wide, high), interpolation=cv2.INTER_NEAREST
        )
        return noisy(image, shot.rng)

    return make


def jpeg(quality: int) -> Make:
    """Coarse compression."""

    def make(shot: Shot) -> Luma:
        _, data = cv2.imencode(".jpg", shot.image, (cv2.IMWRITE_JPEG_QUALITY, quality))
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)

    return make


def clock(shot: Shot) -> Luma:
    """The camera writes the time into the picture."""
    text = f"2024-05-01 12:00:{shot.step // 2:02}"
    image = noisy(shot.image, shot.rng)
    font = cv2.FONT_HERSHEY_SIMPLEX
    return np.asarray(cv2.putText(image, text, (8, 20), font, 0.5, 255, 1), np.uint8)


def infrared(shot: Shot) -> Luma:
    """The camera's own lamp: the middle lit, colours of other brightness, more noise."""
    height, width = shot.image.shape
    gray = shot.colour @ np.array([0.7, 0.1, 0.2], np.float32)  # what is blue is bright now
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    return noisy(gray * (0.9 - 0.3 * (x * x + y * y)), shot.rng, sigma=2.0)


def _rows(name: str, key: str | None, dev: dict[str, Make], held: dict[str, Make]) -> Any:
    for is_dev, makes in ((True, dev), (False, held)):
        for strength, make in makes.items():
            yield Distortion(name, strength, key, is_dev, make)


DISTORTIONS: tuple[Distortion, ...] = (
    *_rows(
        "dark",
        "dark",
        {"x 0.06": levels(0.06)},
        {"x 0.02": levels(0.02), "x 0.09": levels(0.09)},
    ),
    *_rows(
        "bright",
        "bright",
        {"75 % white": overexposed(0.75)},
        {"68 % white": overexposed(0.68), "95 % white": overexposed(0.95)},
    ),
    *_rows(
        "blurred",
        "blurred",
        {"gauss 0.5 %": gauss(0.005), "disc 2 %": defocus(0.02)},
        {"gauss 0.35 %": gauss(0.0035), "gauss 1.2 %": gauss(0.012), "disc 0.9 %": defocus(0.009)},
    ),
    *_rows("frozen", "frozen", {}, {"still": lambda shot: shot.first}),
    *_rows(
        "covered",
        "covered",
        {"all, 110": cover(1, level=110), "70 %, 110": cover(0.7, level=110)},
        {
            "all, 50, folds": cover(1, level=50, texture=25),
            "75 % down, 180": cover(0.75, level=180, turned=True),
            "70 %, 90, folds": cover(0.7, level=90, texture=40),
        },
    ),
    *_rows(
        "moved",
        "moved",
        {"25 %, 5 degrees": turn(0.25, 0.05, degrees=5), "12 degrees": turn(0, 0, degrees=12)},
        {
            "15 %": turn(0.15, 0),
            "40 %": turn(-0.4, 0.1),
            "zoom 1.4": turn(0, 0, zoom=1.4),
            "another scene": lambda shot: shot.elsewhere,
        },
    ),
    *_rows(
        "light +-30 %",
        None,
        {"x 0.7": levels(0.7)},
        {"x 1.3": levels(1.3), "0.6": levels(1, gamma=0.6)},
    ),
    *_rows("dusk to half", None, {}, {"30 s": dusk}),
    *_rows("noise", None, {}, {"3 levels": lambda shot: noisy(shot.image, shot.rng, sigma=3)}),
    *_rows(
        "large object",
        None,
        {"30 %, moving": object_before(0.3, step=0.1)},
        {"30 %, standing": object_before(0.3, step=0)},
    ),
    *_rows("compression", None, {"JPEG 40": jpeg(40)}, {"JPEG 25": jpeg(25)}),
    *_rows("shake", None, {"1 %": shake(0.01)}, {"2 %": shake(0.02)}),
    *_rows("clock in the picture", None, {}, {"every second": clock}),
    *_rows("infrared lamp", None, {}, {"on": infrared}),
)
