"""Draws lines, areas, boxes, ways and words over a picture, dark under light: on snow, at night."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.shapes import Corners, Shape
from edge.types import Gap, Grade, Image, PathPoint

Colour = tuple[int, int, int]  # BGR
Pixel = tuple[int, int]
Stroke = tuple[Pixel, Pixel]
WHITE: Colour = (255, 255, 255)
DARK: Colour = (16, 16, 16)
COLOURS: dict[Grade, Colour] = {
    Grade.BLUE: (255, 176, 64),
    Grade.YELLOW: (0, 224, 255),
    Grade.RED: (80, 80, 255),
}
FONT, SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.45
ROW = 18  # pixels that a line of text takes
EDGE = 8  # pixels beside text
UNDER = 2  # pixels of dark on each side of what is light
DASH = 5  # pixels, and as many between two
ARROW, TIP = 36, 12  # pixels long


@dataclass(frozen=True, slots=True)
class Outline:
    """A shape of a rule, named at its first point."""

    shape: Shape
    colour: Colour
    name: str


@dataclass(frozen=True, slots=True)
class Figure:
    """An object: its box and way, all 0..1; where it was not seen its way is dashed."""

    box: tuple[float, float, float, float]
    colour: Colour = WHITE
    name: str = ""
    path: Sequence[PathPoint] = ()
    gaps: Sequence[Gap] = ()
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is drawn over one picture, and the text below it.

    With `rows` there is room for just so many lines, which are cut off; else for all, broken.
    """

    outlines: Sequence[Outline] = ()
    figures: Sequence[Figure] = ()
    text: Sequence[str] = ()
    rows: int | None = None


def drawn(image: Image, sheet: Sheet) -> Image:
    """Draw over the picture, in place; return it with the text below. Even sides stay even."""
    for outline in sheet.outlines:
        _outline(image, outline)
    for figure in sorted(sheet.figures, key=lambda one: one.bold):
        _figure(image, figure)
    return np.vstack((image, _footer(image.shape[1], sheet.text, sheet.rows)))


def is_gap(before: PathPoint, after: PathPoint, gaps: Sequence[Gap]) -> bool:
    """Whether an object was mostly unseen between two points of its way."""
    unseen = sum(max(0.0, min(after.pts, g.found) - max(before.pts, g.lost)) for g in gaps)
    return unseen > (after.pts - before.pts) / 2


def _outline(image: Image, outline: Outline) -> None:
    shape, colour = outline.shape, outline.colour
    corners = _pixels(image, shape.points)
    area = shape.direction is None
    _stroke(image, [*pairwise(corners + corners[:1] if area else corners)], colour, thick=2)
    for start, end in _arrows(corners, shape):
        _arrow(image, start, end, colour)
    _word(image, outline.name, corners[0], colour)


def _arrows(corners: Sequence[Pixel], shape: Shape) -> Iterator[Stroke]:
    """Which way a line is crossed: from the middle of its longest part; or how a course goes."""
    if shape.direction is None:
        return
    start, end = max(pairwise(corners), key=lambda part: math.dist(*part))
    if shape.course:
        yield start, end
        return
    x, y = (start[0] + end[0]) // 2, (start[1] + end[1]) // 2
    length = math.dist(start, end) or 1.0
    across = ARROW * (start[1] - end[1]) / length, ARROW * (end[0] - start[0]) / length
    for name, sign in (("inward", 1), ("outward", -1)):
        if shape.direction in (name, "both"):
            yield (x, y), (round(x + sign * across[0]), round(y + sign * across[1]))


def _figure(image: Image, figure: Figure) -> None:
    x1, y1, x2, y2 = figure.box
    left, right = _pixels(image, ((x1, y1), (x2, y2)))
    thick = 2 if figure.bold else 1
    for grown, colour in ((thick + 2 * UNDER, DARK), (thick, figure.colour)):
        cv2.rectangle(image, left, right, colour, grown)
    _stroke(image, [*_way(image, figure)], figure.colour, thick=thick)
    (foot,) = _pixels(image, [((x1 + x2) / 2, y2)])
    cv2.circle(image, foot, 4 + UNDER, DARK, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(image, foot, 4, figure.colour, cv2.FILLED, cv2.LINE_AA)
    _word(image, figure.name, (left[0], left[1] - 6), figure.colour)


def _way(image: Image, figure: Figure) -> Iterator[Stroke]:
    """The parts of its path, those in gaps as dashes."""
    where = _pixels(image, [(point.x, point.y) for point in figure.path])
    for (a, b), (start, end) in zip(pairwise(figure.path), pairwise(where), strict=True):
        yield from _dashes(start, end) if is_gap(a, b, figure.gaps) else [(start, end)]


def _stroke(image: Image, parts: Sequence[Stroke], colour: Colour, *, thick: int) -> None:
    for grown, shade in ((thick + 2 * UNDER, DARK), (thick, colour)):
        for start, end in parts:
            cv2.line(image, start, end, shade, grown, cv2.LINE_AA)


def _dashes(start: Pixel, end: Pixel) -> Iterator[Stroke]:
    count = max(1, round(math.dist(start, end) / (3 * DASH)))
    places = np.linspace(start, end, 3 * count + 1).round().astype(int).tolist()
    for one in range(count):
        (x1, y1), (x2, y2) = places[3 * one], places[3 * one + 1]
        yield (x1, y1), (x2, y2)


def _arrow(image: Image, start: Pixel, end: Pixel, colour: Colour) -> None:
    tip = min(1.0, TIP / (math.dist(start, end) or 1.0))
    for thick, shade in ((2 + 2 * UNDER, DARK), (2, colour)):
        cv2.arrowedLine(image, start, end, shade, thick, cv2.LINE_AA, 0, tip)


def _word(image: Image, text: str, at: Pixel, colour: Colour) -> None:
    """As near to that place as the picture's edges let it."""
    wide = cv2.getTextSize(text, FONT, SCALE, 1)[0][0]
    x = max(UNDER, min(at[0], image.shape[1] - wide - UNDER))
    y = max(ROW, min(at[1], image.shape[0] - EDGE))
    for thick, shade in ((1 + 2 * UNDER, DARK), (1, colour)):
        cv2.putText(image, text, (x, y), FONT, SCALE, shade, thick, cv2.LINE_AA)


def _footer(width: int, text: Sequence[str], rows: int | None) -> Image:
    broken = [[*_wrapped(line, width - 2 * EDGE)] for line in text]
    lines = [part for parts in broken for part in (parts if rows is None else parts[:1])]
    count = len(lines) if rows is None else rows
    footer: NDArray[np.uint8] = np.full((ROW * count + 2 * EDGE, width, 3), DARK, np.uint8)
    for row, line in enumerate(lines[:count]):
        at = EDGE, EDGE + ROW * row + ROW - 5
        cv2.putText(footer, line, at, FONT, SCALE, WHITE, 1, cv2.LINE_AA)
    return footer


def _wrapped(line: str, width: int) -> Iterator[str]:
    """Broken between words where it is too wide, what follows a little to the right."""
    shown = ""
    for word in line.split(" "):
        longer = f"{shown} {word}" if shown else word
        if shown.strip() and cv2.getTextSize(longer, FONT, SCALE, 1)[0][0] > width:
            yield shown
            longer = f"    {word}"
        shown = longer
    yield shown


def _pixels(image: Image, points: Corners | Sequence[tuple[float, float]]) -> list[Pixel]:
    height, width = image.shape[:2]
    return [(round(x * (width - 1)), round(y * (height - 1))) for x, y in points]
