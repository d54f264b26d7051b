"""What one look at a picture measures, and how it compares with what the camera usually shows.

A look is small: brightness at 480 x 270, whatever the camera's size. The picture is judged in
cells of a grid of 16 x 9. A cell is *kept* if its edges run as they do in the reference, which
is asked with gradients of limited strength, so that neither light nor contrast matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Luma, Mask, Picture

Cells: TypeAlias = NDArray[np.float32]  # (GRID), one value per cell
Edges: TypeAlias = NDArray[np.float32]  # (COARSE, 2), gradient x y, each at most 1 long

DETAIL, COARSE, GRID = (480, 270), (160, 90), (16, 9)  # width, height
SOFT = 8.0  # gradients well below this are faint, those above count alike
SHAKE = 3  # coarse pixels that a camera may sway: 2 % of the width
RECENT_S = 1.5  # edges are averaged over this time: noise and people fade
REFERENCE_S = 300.0  # time in which the reference follows what is seen
GRAIN = 1.15  # noise differs from cell to cell by this factor
LOUDEST = 12.0  # second derivative of the worst noise: 3 levels at DETAIL
BLACK, WHITE = 10.0, 248.0  # a cell beyond these shows nothing that could be judged
CLIPPED = 250  # brightness at which a pixel is overexposed
FAINT = 0.05  # of the reference's energy: what is left of a scene that fades away
USUAL = 0.4  # a cell whose edges usually agree less with the reference is never judged
KEPT = 0.6  # of its usual agreement makes a cell kept
MOST = 0.55  # of the cells kept: the picture as a whole is where it was
FEW = 0.15  # a smaller share of the grid gives no verdict
TINY = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one picture measures."""

    detail: Luma  # the picture itself, DETAIL
    high: float  # brightness that only 2 % of the picture exceed
    clipped: float  # overexposed share
    valid: Mask  # cells that are not masked for privacy
    luma: Cells
    fine: Cells  # structure at DETAIL, noise and all
    coarse: Cells  # structure at COARSE
    edges: Edges


@dataclass(frozen=True, slots=True)
class Comparison:
    """A look against the reference."""

    kept: float  # share of the cells whose edges are where they were
    layout: float  # rank correlation of the cells' brightness: blur leaves it, a cover does not
    sharpness: float  # fine structure as a share of the reference's, light and noise made up for
    smooth: bool  # what took the place of the lost cells has no fine structure


class Eye:
    """Makes looks; learns which pixels are masked: those that were 0 in every look so far."""

    def __init__(self) -> None:
        self._seen: Mask = np.zeros(COARSE[::-1], np.bool_)

    def look(self, picture: Picture) -> Look:
        """Measure a picture."""
        detail = picture.luma(*DETAIL)
        small = np.asarray(cv2.resize(detail, COARSE, interpolation=cv2.INTER_AREA), np.uint8)
        self._seen |= small > 0
        seen = self._seen.astype(np.float32)
        inner = np.asarray(cv2.erode(seen, np.ones((5, 5)), borderValue=1), np.float32)
        part = _cells(inner)
        pixels = small[self._seen] if self._seen.any() else np.zeros(1, np.uint8)
        return Look(
            detail=detail,
            high=_percentile(pixels, 98),
            clipped=float(np.mean(pixels >= CLIPPED)),
            valid=part >= 0.5,  # noqa: PLR2004 - half
            luma=_mean(small * inner, part),
            fine=_structure(detail, inner, part),
            coarse=_structure(small, inner, part),
            edges=_edges(small) * inner[..., None],
        )


class Reference:
    """What a camera usually shows: the mean of healthy looks, the older the less."""

    def __init__(self) -> None:
        self.age_s = 0.0  # of looks learned from
        self._looks = 0
        self._luma = self._fine = self._coarse = self._agreement = np.zeros(GRID[::-1], np.float32)
        self._edges = self._recent = np.zeros((*COARSE[::-1], 2), np.float32)
        self._now = self._agreement, self._edges  # agreement and aligned edges of the newest look

    def learn(self, look: Look, dt: float) -> None:
        """Take in a healthy look, `dt` seconds after the last; `compare` it first."""
        self._looks += 1
        self.age_s += dt
        part = max(1 / self._looks, min(1.0, dt / REFERENCE_S))
        if self._looks == 1:
            self._recent, self._now = look.edges, (self._agreement, look.edges)
        agreement, edges = self._now
        self._agreement = _toward(self._agreement, agreement, part)
        self._luma = _toward(self._luma, look.luma, part)
        self._fine = _toward(self._fine, look.fine, part)
        self._coarse = _toward(self._coarse, look.coarse, part)
        self._edges = _toward(self._edges, edges, part)

    def compare(self, look: Look, dt: float) -> Comparison | None:
        """How the last seconds agree with the reference; call it for every look."""
        part = min(1.0, max(dt / RECENT_S, 1 / 3))
        edges = self._aligned(look.edges)
        self._recent = _toward(self._recent, edges, part)
        agreement = _agreement(self._recent, self._edges)
        self._now = agreement, edges
        lit = (look.luma > BLACK) & (look.luma < WHITE)
        judged = look.valid & lit & (self._agreement >= USUAL)
        if np.mean(judged) < FEW:
            return None
        kept = agreement >= KEPT * self._agreement
        lost = judged & ~kept
        share = float(np.mean(kept[judged]))
        asked = lost if share < MOST else judged
        return Comparison(
            kept=share,
            layout=_correlation(look.luma[asked], self._luma[asked]),
            sharpness=self._sharpness(look, judged),
            smooth=bool(lost.any()) and _smooth(look.fine[lost], look.coarse[lost]),
        )

    def _sharpness(self, look: Look, judged: Mask) -> float:
        """The larger of two: contrast and noise each fool one of them."""
        contrast = _spread(look.luma[judged]) / max(_spread(self._luma[judged]), TINY)
        fine, usually = _net(look.fine[judged]), _net(self._fine[judged])
        expected = usually * min(1.0, contrast)
        found = np.minimum(fine, expected).sum() / max(expected.sum(), TINY)
        usual = _focus(usually, self._coarse[judged])
        return float(max(found, _focus(fine, look.coarse[judged]) / max(usual, TINY)))

    def _aligned(self, edges: Edges) -> Edges:
        """The edges, moved back by what the camera swayed."""
        if not self._looks:
            return edges
        inner = edges[SHAKE:-SHAKE, SHAKE:-SHAKE]
        scores = np.abs(cv2.matchTemplate(self._edges, inner, cv2.TM_CCORR))
        _, best, _, (x, y) = cv2.minMaxLoc(scores)
        if best <= 1.1 * scores[SHAKE, SHAKE]:
            return edges
        shift = np.array([[1, 0, x - SHAKE], [0, 1, y - SHAKE]], np.float32)
        return np.asarray(cv2.warpAffine(edges, shift, COARSE), np.float32)


def sharp(fine: Cells, coarse: Cells) -> float:
    """Fine structure in relation to coarse: about 0.5 in focus, near 0 out of it."""
    return _focus(_net(fine), coarse) if len(coarse) else 1.0


def _focus(net_fine: Cells, coarse: Cells) -> float:
    total = float(_net(coarse).sum())
    return float(net_fine.sum()) / total if total > 1 else 1.0


def _smooth(fine: Cells, coarse: Cells) -> bool:
    return bool(np.median(_net(fine)) < 0.2 * np.median(_net(coarse)) + 0.1)


def _cells(values: NDArray[np.float32]) -> Cells:
    return np.asarray(cv2.resize(values, GRID, interpolation=cv2.INTER_AREA), np.float32)


def _mean(values: NDArray[Any], part: Cells) -> Cells:
    """Of each cell's valid part."""
    cells = _cells(np.asarray(values, np.float32))
    return np.asarray(cells / np.maximum(part, TINY), np.float32)


def _structure(luma: Luma, inner: NDArray[np.float32], part: Cells) -> Cells:
    """Mean second derivative of each cell's valid part."""
    curved = np.abs(cv2.Laplacian(luma, cv2.CV_32F))
    if part.min() < 1:
        curved *= cv2.resize(inner, luma.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return _mean(curved, part)


def _net(structure: Cells) -> Cells:
    """Less what the quietest of these cells have too, as far as it may be noise."""
    floor = min(GRAIN * _percentile(structure, 10), LOUDEST)
    return np.asarray(np.sqrt(np.maximum(structure**2 - floor**2, 0)), np.float32)


def _edges(luma: Luma) -> Edges:
    x, y = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    return np.asarray(np.dstack([x, y]) / (cv2.magnitude(x, y) + SOFT)[..., None], np.float32)


def _agreement(edges: Edges, reference: Edges) -> Cells:
    """Per cell 0..1; edges whose light and dark sides changed places agree too: night, infrared."""
    both, one, other = (
        _cells(a * b).sum(axis=2)
        for a, b in ((edges, reference), (edges, edges), (reference, reference))
    )
    one = np.maximum(one, FAINT * other)
    return np.asarray(np.abs(both) / np.sqrt(one * other + TINY), np.float32)


def _toward(old: NDArray[np.float32], new: NDArray[np.float32], part: float) -> Cells:
    return np.asarray(old + np.float32(part) * (new - old), np.float32)


def _percentile(values: NDArray[Any], percent: int) -> float:
    """As numpy's, between two values in proportion, for arrays so small that its care costs."""
    place = (values.size - 1) * percent / 100
    low, high = math.floor(place), math.ceil(place)
    parted = np.partition(values, (low, high), axis=None)
    least, more = float(parted[low]), float(parted[high])
    return least + (place - low) * (more - least)


def _spread(values: Cells) -> float:
    """Of most values, whatever a few do."""
    return float(np.median(np.abs(values - np.median(values))))


def _correlation(values: Cells, reference: Cells) -> float:
    """Of ranks, so that a car counts no more than the ground it hides."""
    if len(values) < 3:  # noqa: PLR2004 - two always agree or disagree
        return 1.0
    a, b = (np.argsort(np.argsort(v)) - (len(v) - 1) / 2 for v in (values, reference))
    return float((a * b).sum() / (a * a).sum())
