"""Files that are whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edge.errors import FencelineError


@contextmanager
def reserved(path: Path, refused: type[FencelineError] = FencelineError) -> Iterator[Path]:
    """Yield the path of a file that becomes `path` when the block is left without an error.

    Raises `refused` at once where it can't be written; what is unfinished is deleted.
    """
    with worded(path, refused):
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        part = path.with_name(f"{path.name}.tmp")
        part.touch()
    try:
        yield part
        with worded(path, refused):
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def worded(path: Path, refused: type[FencelineError] = FencelineError) -> Iterator[None]:
    """What the system says against writing, as a sentence."""
    try:
        yield
    except OSError as error:
        what = f"{path}: can't be written: {error.strerror}"
        raise refused(what, "check the folder, its rights and space") from None
