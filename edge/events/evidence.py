"""Pictures of alerts: masked, pixelated, written whole or not at all, deleted in time."""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from edge import privacy
from edge.events.codec import timestamp
from edge.rpc import event_pb2 as pb
from edge.types import Scene

ID = re.compile(r"[0-9a-f]{32}")
TEMPORARY = ".part"
SWEEP_S = 60.0  # between looks at ages


class EvidenceStore:
    """A folder of JPEGs, bounded by bytes and age: the oldest go first."""

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int,
        max_age_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._clock = folder, clock
        self._max_bytes, self._max_age_s = max_bytes, max_age_s
        self._swept = 0.0

    def recover(self) -> None:
        """Remove what a crash left half written, and what is too old or too much."""
        for path in self._folder.glob(f"*{TEMPORARY}"):
            path.unlink(missing_ok=True)
        self.sweep()

    def write(self, scene: Scene) -> pb.Evidence:
        """Store the picture; raises OSError, and leaves nothing, where it can't."""
        data = privacy.jpeg(scene.frame.image, scene.people)
        evidence_id = uuid.uuid4().hex  # not to be guessed
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{evidence_id}{TEMPORARY}"
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._folder / f"{evidence_id}.jpg")
        except OSError:
            part.unlink(missing_ok=True)
            raise
        now = self._clock()
        if not 0 <= now - self._swept < SWEEP_S:
            self.sweep()
        return pb.Evidence(
            evidence_id=evidence_id,
            sha256=hashlib.sha256(data).hexdigest(),
            media_type="image/jpeg",
            size_bytes=len(data),
            expire_time=timestamp(now + self._max_age_s),
        )

    def path(self, evidence_id: str) -> Path | None:
        """The picture's file; None where it is unknown, expired, or no id at all."""
        if not ID.fullmatch(evidence_id):
            return None
        path = self._folder / f"{evidence_id}.jpg"
        try:
            expired = self._clock() - path.stat().st_mtime > self._max_age_s
        except FileNotFoundError:
            return None
        return None if expired else path

    def sweep(self) -> None:
        """Delete what is too old, then the oldest until the rest is small enough."""
        self._swept = now = self._clock()
        stats = [(path.stat(), path) for path in self._folder.glob("*.jpg")]
        total = sum(stat.st_size for stat, _ in stats)
        for stat, path in sorted(stats, key=lambda one: one[0].st_mtime):
            if total <= self._max_bytes and now - stat.st_mtime <= self._max_age_s:
                break
            path.unlink(missing_ok=True)
            total -= stat.st_size
