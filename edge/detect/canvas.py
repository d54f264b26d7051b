"""Parts of many pictures on one network input: where each lies, and what was found in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.detect.boxes import solid, suppressed
from edge.detect.regions import Look
from edge.detect.whole import blank_image
from edge.geometry import area, overlap
from edge.types import Boxes, Detections, Ids, Image, Mask, Picture

SHRINKS = (0.96, 0.92, 0.88)
FILLED = 0.95  # of the canvases, at the very best
GUTTER = 1  # pixels of grey between two parts
INSIDE = 0.6  # of a box's area that must lie in the part it was found in
BORDER = 3.0  # pixels of the canvas: a box so near to the part's edge may be cut off there
SAME = 0.55  # intersection over union of two boxes that are one object, across parts
WITHIN = 0.75  # of a cut-off box that lies within a whole one: its remainder


class Placed(NamedTuple):
    """A part of a picture and the top left corner of its place on the canvas."""

    owner: int  # which picture
    look: Look
    x: int
    y: int


@dataclass(slots=True)
class Canvas:
    """One network input, filled along its skyline (the bottom-left rule of Chazelle, 1983)."""

    size: tuple[int, int]
    placed: list[Placed] = field(default_factory=list)
    _steps: list[tuple[int, int, int]] = field(init=False)  # x, width, height reached, by x
    _free: int = field(init=False)  # pixels

    def __post_init__(self) -> None:
        self._steps, self._free = [(0, self.size[0], 0)], self.size[0] * self.size[1]

    def place(self, owner: int, look: Look) -> bool:
        """Give a part its place; False where there is none left."""
        width, height = look.size
        if look.cost > self._free:
            return False
        best = self._lowest(width)
        if best is None or best[0] + height > self.size[1]:
            return False
        top, x = best
        self.placed.append(Placed(owner, look, x, top))
        self._free -= look.cost
        self._steps = _raised(
            self._steps, x, min(width + GUTTER, self.size[0] - x), top + height + GUTTER
        )
        return True

    def image(self, pictures: Sequence[Picture]) -> Image:
        """The parts of these pictures, and grey between them."""
        blank = blank_image(self.size)
        for owner, look, x, y in self.placed:
            width, height = look.size
            part = pictures[owner].bgr(region=look.region, size=look.size)
            blank[y : y + height, x : x + width] = part
        return blank

    def _lowest(self, width: int) -> tuple[int, int] | None:
        """The lowest place for a part so wide, and there the leftmost: top and x."""
        best: tuple[int, int] | None = None
        for row, (x, _, first) in enumerate(self._steps):
            if x + width > self.size[0]:
                break
            end, top = x + width + GUTTER, first
            for left, _, reached in self._steps[row + 1 :]:
                if left >= end:
                    break
                top = max(top, reached)
            if best is None or (top, x) < best:
                best = top, x
        return best


def pack(wanted: Sequence[tuple[int, Look]], sizes: Sequence[tuple[int, int]]) -> list[Canvas]:
    """As few and as small canvases as can be found quickly; none of the parts is larger than one.

    `sizes` are those a canvas may have, the largest first. Where parts that are a little smaller
    need fewer canvases, they are made smaller.
    """
    best = _pack(wanted, sizes[0])
    filled = sum(look.cost for _, look in wanted) / (sizes[0][0] * sizes[0][1])
    for shrink in SHRINKS:
        # Parts never fill a canvas quite.
        if len(best) < 2 or filled * shrink**2 > FILLED * (len(best) - 1):  # noqa: PLR2004
            continue
        fewer = _pack([(owner, look.shrunk(shrink)) for owner, look in wanted], sizes[0])
        if len(fewer) < len(best):
            best = fewer
            break
    return [_smallest(canvas, sizes) for canvas in best]


def _smallest(canvas: Canvas, sizes: Sequence[tuple[int, int]]) -> Canvas:
    """The same parts on the smallest canvas that holds them."""
    wanted = [(one.owner, one.look) for one in canvas.placed]
    filled = sum(look.cost for _, look in wanted)
    for size in reversed(sizes[1:]):
        if filled <= size[0] * size[1] and _fit(wanted, size):
            packed = _pack(wanted, size)
            if len(packed) == 1:
                return packed[0]
    return canvas


def _fit(wanted: Sequence[tuple[int, Look]], size: tuple[int, int]) -> bool:
    """Whether each part alone is no larger."""
    return all(one.size[0] <= size[0] and one.size[1] <= size[1] for _, one in wanted)


def _pack(wanted: Iterable[tuple[int, Look]], size: tuple[int, int]) -> list[Canvas]:
    """The tallest parts first, each where it fits first."""
    canvases: list[Canvas] = []
    for owner, look in sorted(wanted, key=lambda one: (-one[1].size[1], -one[1].size[0], one[0])):
        if not any(canvas.place(owner, look) for canvas in canvases):
            canvases.append(Canvas(size))
            canvases[-1].place(owner, look)
    return canvases


def taken_apart(
    canvases: Sequence[Canvas], found: Sequence[Detections], pictures: Sequence[Picture]
) -> list[Detections]:
    """The detections of canvases in pixels of their pictures, one object once; best first."""
    parts: list[list[_Part]] = [[] for _ in pictures]
    looks = Counter(one.owner for canvas in canvases for one in canvas.placed)
    for canvas, detections in zip(canvases, found, strict=True):
        part = _in_pictures(canvas.placed, detections, pictures)
        for owner in np.unique(part.owner).tolist():
            parts[owner].append(part.rows(part.owner == owner))
    return [_merged(one, several=looks[owner] > 1) for owner, one in enumerate(parts)]


class _Part(NamedTuple):
    """Detections in pixels of their pictures."""

    found: Detections
    owner: Ids  # the picture of each
    cut: Mask  # which the edge of the part they were found in may have cut off

    def rows(self, wanted: Mask) -> _Part:
        return _Part(self.found[wanted], self.owner[wanted], self.cut[wanted])


def _in_pictures(placed: Sequence[Placed], found: Detections, pictures: Sequence[Picture]) -> _Part:
    """What was found on a canvas, each in the part that its centre lies in; the rest is none."""
    place = np.array([(x, y, *look.size) for _, look, x, y in placed], np.float32)
    region = np.array([look.region for _, look, _, _ in placed], np.float32)
    owner = np.array([one.owner for one in placed])
    ends = np.array([(pictures[one].width, pictures[one].height) for one in owner.tolist()])
    row, here = _parts_of(found.xyxy, place)
    found, row = found[here], row[here]
    corner, size, region = place[row, :2], place[row, 2:], region[row]
    boxes = found.xyxy - np.tile(corner, 2)
    goes_on = np.hstack((region[:, :2] > 0, region[:, 2:] < ends[row]))
    reaches = np.hstack((boxes[:, :2] < BORDER, boxes[:, 2:] > size - BORDER))
    scale = np.tile((region[:, 2:] - region[:, :2]) / size, 2)
    inside = boxes.clip(0, np.tile(size, 2))
    there = np.asarray(inside * scale + np.tile(region[:, :2], 2), np.float32)
    part = _Part(
        Detections(there, found.score, found.class_id),
        owner[row],
        np.asarray((goes_on & reaches).any(axis=1), bool),
    )
    return part.rows(solid(there) & (area(inside) >= INSIDE * area(boxes)))


def _parts_of(boxes: Boxes, place: NDArray[np.float32]) -> tuple[Ids, Mask]:
    """For each box the part that its centre lies in, and whether it lies in any."""
    centre = ((boxes[:, :2] + boxes[:, 2:]) / 2)[:, None]
    within = (centre >= place[:, :2]) & (centre < place[:, :2] + place[:, 2:])
    inside = np.asarray(within.all(axis=2), bool)
    return np.asarray(inside.argmax(axis=1)), np.asarray(inside.any(axis=1), bool)


def _merged(parts: list[_Part], *, several: bool) -> Detections:
    """The detections of one picture, each object once: whole boxes before cut ones.

    Two parts of a picture may overlap, on one canvas too: with `several` parts what both show is
    found twice.
    """
    if not parts:
        return Detections.empty()
    found, cut = parts[0].found, parts[0].cut
    if len(parts) > 1:
        found = Detections(
            np.vstack([one.found.xyxy for one in parts]),
            np.concatenate([one.found.score for one in parts]),
            np.concatenate([one.found.class_id for one in parts]),
        )
        cut = np.concatenate([one.cut for one in parts])
    order = np.lexsort((-found.score, cut))
    found, cut = found[order], cut[order]
    if cut.any() or several:
        found = found[suppressed(found.xyxy, found.class_id, SAME) & ~_remainders(found, cut)]
    return found[np.argsort(-found.score, kind="stable")]


def _remainders(found: Detections, cut: Mask) -> Mask:
    """Which cut-off boxes lie within a whole box of their class."""
    shared = overlap(found.xyxy[cut], found.xyxy[~cut])
    same = found.class_id[cut, None] == found.class_id[None, ~cut]
    within = shared > WITHIN * area(found.xyxy[cut])[:, None]
    out = np.zeros(len(found), bool)
    out[cut] = (within & same).any(axis=1)
    return out


def _raised(
    steps: list[tuple[int, int, int]], x: int, width: int, top: int
) -> list[tuple[int, int, int]]:
    """The skyline with a part on it, whose left edge is that of a step."""
    end, row = x + width, 0
    while steps[row][0] < x:
        row += 1
    after = row
    while after < len(steps) and steps[after][0] < end:
        after += 1
    left, span, height = steps[after - 1]
    rest = [(end, left + span - end, height)] if left + span > end else []
    return [*steps[:row], (x, width, top), *rest, *steps[after:]]
