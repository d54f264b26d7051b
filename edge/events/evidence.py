"""Pictures of alerts: masked, pixelated, written whole or not at all, deleted in time."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from edge import privacy
from edge.events.codec import timestamp
from edge.rpc import event_pb2 as pb
from edge.types import Scene

ID = re.compile(r"[0-9a-f]{32}")
TEMPORARY = ".part"
RESERVE_BYTES = 8 * 2**20  # of the disk: pictures leave this to the events


class EvidenceStore:
    """A folder of JPEGs, bounded by bytes and age: the oldest go first.

    One thread writes and sweeps; any may ask for a path, also through another store over the
    same folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int,
        max_age_s: float,
        clock: Callable[[], float] = time.time,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self._folder, self._clock = folder, clock
        self._max_bytes, self._max_age_s = max_bytes, max_age_s
        self._reserve_bytes = reserve_bytes
        self._kept: deque[_Picture] | None = None  # oldest first; None before the folder was read
        self._size_bytes = 0

    def recover(self) -> None:
        """Remove what a crash left half written, and what is too old or too much."""
        for path in self._folder.glob(f"*{TEMPORARY}"):
            path.unlink(missing_ok=True)
        self.sweep()

    def write(self, scene: Scene) -> pb.Evidence:
        """Store the picture; raises OSError, and leaves nothing, where it can't."""
        data = privacy.jpeg(scene.frame.image, scene.people)
        self._make_room(len(data))
        picture = _Picture(self._clock(), uuid.uuid4().hex, len(data))  # an id not to be guessed
        self._store(picture, data)
        self._known().append(picture)
        self._size_bytes += picture.size_bytes
        return pb.Evidence(
            evidence_id=picture.evidence_id,
            sha256=hashlib.sha256(data).hexdigest(),
            media_type="image/jpeg",
            size_bytes=picture.size_bytes,
            expire_time=timestamp(picture.time + self._max_age_s),
        )

    def path(self, evidence_id: str) -> Path | None:
        """The picture's file; None where it is unknown, expired, or no id at all."""
        if not ID.fullmatch(evidence_id):
            return None
        path = self._path(evidence_id)
        try:
            expired = self._clock() - path.stat().st_mtime > self._max_age_s
        except FileNotFoundError:
            return None
        return None if expired else path

    def sweep(self, spare_bytes: int = 0) -> None:
        """Delete what is too old, then the oldest until the rest leaves room to spare."""
        kept, now = self._known(), self._clock()
        while kept and (
            now - kept[0].time > self._max_age_s or self._size_bytes + spare_bytes > self._max_bytes
        ):
            self._path(kept[0].evidence_id).unlink(missing_ok=True)
            self._size_bytes -= kept.popleft().size_bytes

    def _make_room(self, size: int) -> None:
        if size > self._max_bytes:
            raise OSError(errno.EFBIG, "one picture is more than all may be")
        self.sweep(size)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk = os.statvfs(self._folder)
        if disk.f_bavail * disk.f_frsize < size + self._reserve_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _store(self, picture: _Picture, data: bytes) -> None:
        part = self._folder / f"{picture.evidence_id}{TEMPORARY}"
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.utime(file.fileno(), (picture.time, picture.time))
                os.fsync(file.fileno())
            part.replace(self._path(picture.evidence_id))
            _sync(self._folder)
        except OSError:
            part.unlink(missing_ok=True)
            self._path(picture.evidence_id).unlink(missing_ok=True)
            raise

    def _known(self) -> deque[_Picture]:
        if self._kept is None:
            found = ((path.stat(), path.stem) for path in self._folder.glob("*.jpg"))
            mine = [(stat, name) for stat, name in found if ID.fullmatch(name)]
            self._kept = deque(sorted(_Picture(s.st_mtime, name, s.st_size) for s, name in mine))
            self._size_bytes = sum(picture.size_bytes for picture in self._kept)
        return self._kept

    def _path(self, evidence_id: str) -> Path:
        return self._folder / f"{evidence_id}.jpg"


class _Picture(NamedTuple):
    """One stored picture; sorts by age."""

    time: float
    evidence_id: str
    size_bytes: int


def _sync(folder: Path) -> None:
    """Make a rename survive a power cut."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
