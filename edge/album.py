"""Pictures and a film of a replay: masked, pixelated, drawn over, bounded; never anything else."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from edge import privacy
from edge.errors import FencelineError
from edge.geometry import rescaled
from edge.sketch import Sheet, drawn
from edge.stream.clip import ClipEncoder
from edge.stream.timeline import Gate
from edge.types import Boxes, Image, Planes, Scene
from edge.written import reserved, worded

LOOK_BACK_S = 1.0  # who is found now was perhaps there, unfound, this long before
LONGEST, SHORTEST = 960, 640  # pixels of a picture's longer side
FILM_FPS = 10.0  # at most
FILM_BYTES = 64 * 2**20
FILMS = {".webm": "video/webm", ".mp4": "video/mp4"}
Page = tuple[Path, Sheet]


@dataclass(slots=True)
class _Held:
    """A picture in memory that waits until it is known who is in it."""

    pts: float
    image: Image
    people: Boxes
    pages: Sequence[Page]
    shot: Sheet | None


class Film:
    """A video in memory, of its first picture's size."""

    def __init__(self, media_type: str) -> None:
        self._media_type = media_type
        self._gate = Gate(FILM_FPS)
        self._clip: ClipEncoder | None = None

    @property
    def left_out(self) -> int:
        """Pictures for which there was no room."""
        return self._clip.left_out if self._clip else 0

    def lets(self, pts: float) -> bool:
        """Whether it is time for a picture; call once for each."""
        return self._gate.lets(pts)

    def add(self, planes: Planes, pts: float) -> None:
        """Append a picture."""
        if self._clip is None:
            size = planes.shape[1], planes.shape[0] * 2 // 3
            self._clip = ClipEncoder(
                size,
                fps=FILM_FPS,
                most_bytes=FILM_BYTES,
                media_type=self._media_type,
                steady=True,
            )
        self._clip.add(planes, pts)

    def finish(self) -> bytes:
        """All of it; nothing without a picture."""
        return self._clip.finish() if self._clip else b""


@contextmanager
def filming(path: Path) -> Iterator[Film]:
    """A film that is written to this path when the block is left without an error.

    Raises FencelineError, at once where it can't be written.
    """
    if path.suffix.lower() not in FILMS:
        raise FencelineError(f"{path}: unknown kind of video", f"name it {' or '.join(FILMS)}")
    film = Film(FILMS[path.suffix.lower()])
    with reserved(path) as part:
        yield film
        with worded(path):
            part.write_bytes(film.finish())


class Album:
    """Holds each picture back for a second: who is found by then is hidden in it, too."""

    def __init__(self, film: Film | None = None) -> None:
        self._film = film
        self._held: deque[_Held] = deque()
        self._size: tuple[int, int] | None = None

    def see(self, scene: Scene, pages: Sequence[Page], shot: Sheet | None) -> None:
        """Take every scene; of it pages are written, and a shot is put into the film."""
        frame = scene.frame
        self._size = size = self._size or fitted(frame.size)
        people = rescaled(scene.people, frame.size, size)
        self._find(people)
        if pages or shot:
            image = frame.picture.bgr(size=size)
            self._held.append(_Held(frame.pts, image, people, pages, shot))
        while self._held and self._held[0].pts <= frame.pts - LOOK_BACK_S:
            self._write(self._held.popleft())

    def close(self) -> None:
        """Write what is left; raises FencelineError."""
        while self._held:
            self._write(self._held.popleft())

    def _find(self, people: Boxes) -> None:
        """Somebody who is found now may have been there when nobody knew of them yet."""
        for held in self._held:
            new = privacy.unhidden(people, held.people)
            held.people = np.vstack((held.people, new))

    def _write(self, held: _Held) -> None:
        for path, sheet in held.pages:
            data = privacy.jpeg(held.image, held.people, draw=partial(drawn, sheet=sheet))
            with worded(path):
                path.write_bytes(data)
        if held.shot is not None and self._film is not None:
            draw = partial(drawn, sheet=held.shot)
            self._film.add(privacy.planes(held.image, held.people, draw=draw), held.pts)


def fitted(size: tuple[int, int]) -> tuple[int, int]:
    """Large enough for words, small enough for a film; with even sides."""
    longer = max(size)
    scale = min(LONGEST, max(SHORTEST, longer)) / longer
    width, height = (max(2, round(side * scale) & ~1) for side in size)
    return width, height
