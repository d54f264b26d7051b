"""JSON lines: a file that other programs read, each event one line, each once."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock

import structlog

from edge.errors import SinkError
from edge.rpc import event_pb2 as pb
from edge.serve.mirrors.payload import event_json
from edge.types import Receipt

LONGEST_LINE = 4 * 2**20  # bytes; the contract's messages are shorter
FAREWELL_S = 0.5
REMEDY = "free some space or repair it; the events wait in the outbox"
Identity = tuple[str, int]  # box and sequence


@dataclass(slots=True)
class JsonLinesSink:
    """Acknowledges what is on the disk (fsync); what it has already it does not write again.

    A new file begins each day (UTC) and from `max_bytes` on; `PATH.1` is the newest of the old
    ones, of which `keep` are kept, none for longer than `max_age_s` after its last line.
    """

    name: str
    path: Path
    _: KW_ONLY
    max_bytes: int = 16 * 2**20
    keep: int = 30
    max_age_s: float = 30 * 86_400.0
    clock: Callable[[], float] = time.time
    _file: _File | None = field(default=None, init=False)
    _newest: Identity | None = field(default=None, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)
    _closed: bool = field(default=False, init=False)

    def send(self, events: Sequence[pb.Event]) -> Receipt:
        """Write what is not there yet; raises SinkError where the disk does not take it."""
        with self._lock:
            try:
                file = self._ready()
                fresh = [event for event in events if not self._has(event)]
                if fresh:
                    file.append(b"".join(event_json(event) + b"\n" for event in fresh))
                    self._newest = _identity(fresh[-1])
            except OSError as error:
                raise self._trouble(error.strerror or str(error), REMEDY) from error
        return Receipt(events[-1].sequence)

    def tend(self) -> bool:
        """Begin a new file where it is time to, and delete what is too old."""
        with self._lock:
            try:
                self._ready()
                self._expire()
            except OSError as error:
                raise self._trouble(error.strerror or str(error), REMEDY) from error
        return True

    def close(self) -> None:
        """Let go of the file; a disk that hangs keeps nobody waiting."""
        self._closed = True
        if self._lock.acquire(timeout=FAREWELL_S):
            self._drop()
            self._lock.release()

    def _ready(self) -> _File:
        """The file to write to: of today, not too long, and still the one at the path."""
        if self._closed:
            raise self._trouble("closed", "")
        if self._file and not self._file.is_at(self.path):  # moved or deleted by somebody else
            self._drop()
        if self._file is None:
            self._file = self._opened()
        if self._file.size and (self._file.size >= self.max_bytes or self._is_of_another_day()):
            self._drop()
            self._rotate()
            self._file = self._opened()
        return self._file

    def _opened(self) -> _File:
        try:
            file = _File(self.path)
        except ValueError as error:
            raise self._trouble(str(error), "give another path") from error
        self._newest = _told(file.last) or self._newest or _told(_last_line(self._old(1)))
        return file

    def _has(self, event: pb.Event) -> bool:
        """Sequences rise, so the newest line tells."""
        box, sequence = _identity(event)
        return self._newest is not None and self._newest[0] == box and sequence <= self._newest[1]

    def _is_of_another_day(self) -> bool:
        return _day(self.path.stat().st_mtime) != _day(self.clock())

    def _rotate(self) -> None:
        self._old(self.keep).unlink(missing_ok=True)
        for number in range(self.keep - 1, 0, -1):
            if self._old(number).exists():
                self._old(number).rename(self._old(number + 1))
        self.path.rename(self._old(1))
        _sync_folder(self.path.parent)

    def _expire(self) -> None:
        oldest = self.clock() - self.max_age_s
        for path in self.path.parent.iterdir():
            name, _, number = path.name.rpartition(".")
            if name != self.path.name or not number.isdecimal():
                continue
            if int(number) > self.keep or path.stat().st_mtime < oldest:
                path.unlink()

    def _old(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _drop(self) -> None:
        if self._file:
            self._file.close()
        self._file = None

    def _trouble(self, what: str, remedy: str) -> SinkError:
        return SinkError(f"file '{self.name}' at {self.path}: {what}", remedy)


class _File:
    """One open file, which always ends with a whole line."""

    def __init__(self, path: Path) -> None:
        """Cut what a crash has left of a line; ValueError where it is no file of JSON lines."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        self._fd = os.open(path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(self._fd).st_mode):
                raise ValueError("no regular file")  # noqa: TRY301 - whatever fails closes it
            self.last = self._mend(path)
            self.size = os.fstat(self._fd).st_size
            os.fsync(self._fd)  # what it says it has must be there after a power cut too
            _sync_folder(path.parent)
        except BaseException:
            os.close(self._fd)
            raise

    def append(self, lines: bytes) -> None:
        """All of it, on disk, or none."""
        self._restore()  # also what an earlier failure could not
        left = memoryview(lines)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
            os.fsync(self._fd)
        except OSError:
            self._restore()
            raise
        self.size += len(lines)

    def is_at(self, path: Path) -> bool:
        """Whether that is what is found under the path."""
        try:
            return os.path.samestat(os.fstat(self._fd), path.stat())
        except FileNotFoundError:
            return False

    def close(self) -> None:
        os.close(self._fd)

    def _restore(self) -> None:
        size = os.fstat(self._fd).st_size
        if size > self.size:
            os.ftruncate(self._fd, self.size)
        self.size = min(size, self.size)  # somebody else may have emptied it

    def _mend(self, path: Path) -> bytes:
        """Cut a last line without an end; returns the last whole one."""
        whole, _, torn = _tail(self._fd).rpartition(b"\n")
        if torn and torn[:1] not in {b"{", b"\0"}:
            raise ValueError("holds something else than JSON lines")
        if torn:
            os.ftruncate(self._fd, os.fstat(self._fd).st_size - len(torn))
            log = structlog.get_logger()
            log.warning("cut a torn last line", path=str(path), size_bytes=len(torn))
        return whole.rpartition(b"\n")[2]


def _tail(fd: int) -> bytes:
    size = os.fstat(fd).st_size
    return os.pread(fd, LONGEST_LINE, max(0, size - LONGEST_LINE))


def _last_line(path: Path) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    try:
        return _tail(fd).removesuffix(b"\n").rpartition(b"\n")[2]
    finally:
        os.close(fd)


def _identity(event: pb.Event) -> Identity:
    return event.box_id, event.sequence


def _told(line: bytes) -> Identity | None:
    """Whose event a line is; None where that can't be told."""
    try:
        told = json.loads(line)
        return str(told["box_id"]), int(told["sequence"])
    except (ValueError, KeyError, TypeError):
        return None


def _day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
