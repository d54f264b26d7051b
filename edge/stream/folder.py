"""A folder of images, as a recording: in the order of their names, one per 1/frame_rate."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.errors import StreamError
from edge.picture import Still
from edge.stream.facts import Facts
from edge.stream.file import path_of
from edge.stream.options import Options
from edge.stream.playing import played
from edge.types import Frame, Image, Picture

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
GUESSED_RATE = 1.0  # pictures a second, where `frame_rate` does not say
LARGEST_BYTES = 64 * 2**20  # of one file


class FolderSource:
    """Every image is given on; one that can't be read is counted as damaged and left out."""

    live = False

    def __init__(self, name: str, url: str, options: Options) -> None:
        self._name, self._options = name, options
        self._folder = Path(path_of(url))
        self.damaged = 0
        self.facts = Facts("images", "cpu", "all")

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """Yield every image; with `realtime`, each when its pts has come."""
        return played(self._name, self._timed(), self._options, session=session, stop=stop)

    def _timed(self) -> Iterator[tuple[float, Picture]]:
        """Images with their pts."""
        rate, index = self._options.frame_rate or GUESSED_RATE, -1
        for index, image in enumerate(self._images()):
            yield index / rate, Still(image)
        if index < 0:
            raise self._error("it holds no image that can be read")

    def _images(self) -> Iterator[Image]:
        """The images, through all repetitions, for as long as there are any."""
        while True:
            count = 0
            for path in self._paths():
                image = _read(path)
                self.damaged += image is None
                if image is not None:
                    count += 1
                    yield image
            if not (self._options.loop and count):
                return

    def _paths(self) -> list[Path]:
        try:
            found = [path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES]
        except OSError as error:
            raise self._error(f"can't be read ({error.strerror})") from None
        return sorted(found, key=_natural)

    def _error(self, what: str) -> StreamError:
        where = f"camera '{self._name}', folder '{self._folder.name}'"
        formats = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))
        return StreamError(f"{where}: {what}", f"put images in it ({formats})", refused=True)


def _read(path: Path) -> Image | None:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return None
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        return None
    return None if image is None else np.asarray(image, np.uint8)


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sorts 2.jpg before 10.jpg."""
    parts = re.findall(r"\d+|\D+", path.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
