"""One frame of one camera as its rules see it: made once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.rules.measures import measures
from edge.types import Boxes, Frame, Homography, Motion, Past, Tracks

NOBODY: AbstractSet[str] = frozenset()
NO_ORDERS: Mapping[str, bool] = {}


def _unknown(_track: int) -> None:
    return None


@lru_cache(maxsize=1024)
def _of_classes(
    kinds: bytes, dtype: np.dtype[np.int64], classes: frozenset[int]
) -> tuple[tuple[int, ...], NDArray[np.int64]]:
    """Remembered for all frames: as long as the same tracks are seen it is the same."""
    rows = np.flatnonzero(np.isin(np.frombuffer(kinds, dtype), [*classes]))
    return tuple(rows.tolist()), rows


T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - it is used as a decorator
    """As functools.cached_property, for one thread: that one locks, which takes a microsecond."""

    def __init__(self, made: Callable[[Any], T]) -> None:
        self._made, self._name = made, made.__name__

    def __get__(self, view: Any, _owner: type) -> T:
        made = self._made(view)
        setattr(view, self._name, made)  # to ask for its __dict__ would make all attributes slower
        return made


class View:
    """Who is where, row by row of `tracks`; what costs more is measured when it is asked for.

    `motion` tells how a track moves (see `edge.track.pace`), `ground` is the camera's homography,
    `inputs` are the names of the external inputs that are active, and `orders` the camera's rules
    that somebody has armed or disarmed.
    """

    def __init__(
        self,
        tracks: Tracks,
        frame: Frame,
        *,
        motion: Callable[[int], Motion | None] = _unknown,
        ground: Homography | None = None,
        inputs: AbstractSet[str] = NOBODY,
        orders: Mapping[str, bool] = NO_ORDERS,
    ) -> None:
        self.tracks, self.frame, self.pts = tracks, frame, frame.pts
        self.motion, self.ground = motion, ground
        self.inputs, self.orders = inputs, orders
        self.size = width, height = frame.size
        self.aspect = width / height
        self.ids: list[int] = tracks.id.tolist()
        self.ended: list[int] = tracks.ended.tolist()
        # Where each stands, 0..1, shape (n, 2), and as numbers; how tall each box is, as a part of
        # the picture's height, never 0. Every rule asks for them.
        self.feet, tall, self._places = measures().stand(tracks.xyxy, self.size, ground)
        self.points: list[list[float]] = self.feet.tolist()
        self.heights: list[float] = tall.tolist()
        # What rules have measured together, by id of who did; kept with him, so that no id returns.
        self.memo: dict[int, tuple[object, Any]] = {}

    def of_classes(self, classes: frozenset[int]) -> tuple[tuple[int, ...], NDArray[np.int64]]:
        """The rows of these classes, as numbers and as an array."""
        kinds = self.tracks.class_id
        return _of_classes(kinds.tobytes(), kinds.dtype, classes)

    def earlier(self, past: Past) -> View:
        """Where one object was measured before, a row for each time, in a picture of this size."""
        return self.of(past.xyxy)

    def of(self, xyxy: Boxes) -> View:
        """Boxes in a picture of this size, as if each were a track; pixels."""
        rows = len(xyxy)
        none = np.zeros(rows, np.float32)
        nobody = np.zeros(0, np.int64)
        ids, velocity = np.zeros(rows, np.int64), np.zeros((rows, 2), np.float32)
        return View(Tracks(ids, xyxy, none, ids, velocity, nobody), self.frame, ground=self.ground)

    @once
    def boxes(self) -> list[list[float]]:
        """x1 y1 x2 y2 of each, pixels, as numbers."""
        return self.tracks.xyxy.tolist()

    @once
    def places(self) -> list[list[float]] | None:
        """Where each stands on the ground, metres, NaN where it does not; None: not calibrated."""
        return None if self._places is None else self._places.tolist()

    @once
    def widths_m(self) -> list[float] | None:
        """How wide each box is where it stands, metres; None: not calibrated."""
        if self.ground is None:
            return None
        ends = measures().span(self.tracks.xyxy, self.size, self.ground)
        return np.hypot(*(ends[:, 2:] - ends[:, :2]).T).tolist()

    @once
    def rows(self) -> dict[int, int]:
        """Where each track is in these lists."""
        return {track: row for row, track in enumerate(self.ids)}
