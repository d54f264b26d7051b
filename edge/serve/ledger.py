"""What a command centre has taken over: the newest sequence of each box, and perhaps the events."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

from edge.errors import FencelineError
from edge.rpc import event_pb2 as pb
from edge.serve.protojson import to_json

BEGIN = b'{"event_id": '  # of every line


class Ledger:
    """Boxes report in order, so one number per box tells what repeats.

    With a path, the events are lines of ProtoJSON in that file: on the disk before `add`
    returns, and read at the start. Raises FencelineError where the file is of no use.
    """

    def __init__(self, path: Path | None) -> None:
        self._newest: dict[str, int] = {}
        self._path = path
        self._file = self._opened(path) if path else None

    def newest(self, box_id: str) -> int:
        """The newest sequence this box has reported; 0 where it has not."""
        return self._newest.get(box_id, 0)

    @property
    def boxes(self) -> int:
        """How many boxes have reported."""
        return len(self._newest)

    def add(self, events: Sequence[pb.Event]) -> None:
        """Take over new events of one box, in order; all or none."""
        if self._file:
            self._write(self._file, b"".join(_line(event) for event in events))
        for event in events:
            self._newest[event.box_id] = event.sequence

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()

    def _write(self, file: FileIO, lines: bytes) -> None:
        before = file.tell()
        try:
            while lines:
                lines = lines[file.write(lines) :]
            os.fsync(file.fileno())
        except OSError as error:
            file.truncate(before)
            file.seek(before)
            raise _unusable(self._path, error) from error

    def _opened(self, path: Path) -> FileIO:
        try:
            path.touch()
            good = self._recovered(path)
            file = FileIO(path, "r+")
        except OSError as error:
            raise _unusable(path, error) from error
        file.truncate(good)
        file.seek(good)
        return file

    def _recovered(self, path: Path) -> int:
        """Remember what the file has; returns its size without a last line never finished."""
        good = 0
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.startswith(BEGIN[: len(line)]):
                    what = f"{path}:{number}: not an event that was received here"
                    raise FencelineError(what, "name another file to keep events in")
                if line.endswith(b"\n"):
                    event = json.loads(line)
                    self._newest[event["box_id"]] = int(event["sequence"])
                    good += len(line)
        return good


def _line(event: pb.Event) -> bytes:
    return json.dumps(to_json(event)).encode() + b"\n"


def _unusable(path: Path | None, error: OSError) -> FencelineError:
    why = (error.strerror or "").lower()
    return FencelineError(f"{path}: {why}", "check the path, its permissions and the free space")
