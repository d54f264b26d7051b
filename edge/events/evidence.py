"""Pictures of alerts: masked, pixelated, written whole or not at all, deleted in time."""

from __future__ import annotations

import contextlib
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
JPEG, WEBM = "image/jpeg", "video/webm"
SUFFIXES = {JPEG: ".jpg", WEBM: ".webm"}
RESERVE_BYTES = 8 * 2**20  # of the disk: pictures leave this to the events


class EvidenceStore:
    """A folder of pictures and clips, bounded by bytes and age: the oldest go first.

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

    def write(self, scene: Scene, role: pb.EvidenceRole = pb.EVIDENCE_ROLE_RAISED) -> pb.Evidence:
        """Store the picture; raises OSError, and leaves nothing, where it can't."""
        return self.keep(privacy.jpeg(scene.frame.image, scene.people), JPEG, role)

    def keep(self, data: bytes, media_type: str, role: pb.EvidenceRole) -> pb.Evidence:
        """Store what is masked and pixelated already; raises as `write`."""
        self._make_room(len(data))
        suffix = SUFFIXES[media_type]
        picture = _Picture(self._clock(), uuid.uuid4().hex, len(data), suffix)  # not to be guessed
        self._store(picture, data)
        self._known().append(picture)
        self._size_bytes += picture.size_bytes
        return pb.Evidence(
            evidence_id=picture.evidence_id,
            sha256=hashlib.sha256(data).hexdigest(),
            media_type=media_type,
            size_bytes=picture.size_bytes,
            expire_time=timestamp(picture.time + self._max_age_s),
            role=role,
        )

    def path(self, evidence_id: str) -> Path | None:
        """Its file; None where it is unknown, expired, or no id at all."""
        if not ID.fullmatch(evidence_id):
            return None
        for suffix in SUFFIXES.values():
            path = self._folder / f"{evidence_id}{suffix}"
            with contextlib.suppress(FileNotFoundError):
                expired = self._clock() - path.stat().st_mtime > self._max_age_s
                return None if expired else path
        return None

    def sweep(self, spare_bytes: int = 0) -> None:
        """Delete what is too old, then the oldest until the rest leaves room to spare."""
        kept, now = self._known(), self._clock()
        while kept and (
            now - kept[0].time > self._max_age_s or self._size_bytes + spare_bytes > self._max_bytes
        ):
            self._path(kept[0]).unlink(missing_ok=True)
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
            part.replace(self._path(picture))
            _sync(self._folder)
        except OSError:
            part.unlink(missing_ok=True)
            self._path(picture).unlink(missing_ok=True)
            raise

    def _known(self) -> deque[_Picture]:
        if self._kept is None:
            suffixes = SUFFIXES.values()
            mine = [
                p for p in self._folder.glob("*") if ID.fullmatch(p.stem) and p.suffix in suffixes
            ]
            self._kept = deque(sorted(_picture(path) for path in mine))
            self._size_bytes = sum(picture.size_bytes for picture in self._kept)
        return self._kept

    def _path(self, picture: _Picture) -> Path:
        return self._folder / f"{picture.evidence_id}{picture.suffix}"


class _Picture(NamedTuple):
    """One stored picture or clip; sorts by age."""

    time: float
    evidence_id: str
    size_bytes: int
    suffix: str


def _picture(path: Path) -> _Picture:
    stat = path.stat()
    return _Picture(stat.st_mtime, path.stem, stat.st_size, path.suffix)


def _sync(folder: Path) -> None:
    """Make a rename survive a power cut."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
