"""A changed configuration file is checked, and taken over while the box runs; a bad one is not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from edge.config import Loaded, read
from edge.config_changes import needs_restart

LOOK_S = 1.0  # between looks at the file

Signature = tuple[int, int, int]  # inode, size, time of the last change in ns
NEVER: Signature = (-1, -1, -1)  # of no file


class Reload(threading.Thread):
    """Looks at the file once a second, and at once when it is asked to.

    `take_over` is given what was read where it is good and can be changed while the box runs.
    Whatever is wrong with it is in `failing` until the file is good again, or as it was.
    """

    def __init__(self, loaded: Loaded, take_over: Callable[[Loaded], None]) -> None:
        super().__init__(name="config", daemon=True)
        self._loaded, self._take_over = loaded, take_over
        self._seen: Signature | None = NEVER  # what was written since the start is read, too
        self._looked: Signature | None = NEVER
        self._wake, self._stopping = threading.Event(), False
        self.failing = ""  # why the file that is there is not in force, for people

    def run(self) -> None:
        """Look, until stopped."""
        while not self._stopping:
            asked = self._wake.wait(LOOK_S)
            self._wake.clear()
            if not self._stopping:
                self._look(asked=asked)

    def ask(self) -> None:
        """Have the file read now, changed or not."""
        self._wake.set()

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stopping = True
        self._wake.set()

    def look(self, *, asked: bool = False) -> None:
        """Read the file if it was changed, and is not being changed still."""
        now = _signature(self._loaded.path)
        settled, self._looked = now == self._looked, now
        if asked or (settled and now != self._seen):
            self._seen = now
            self._read()

    def _look(self, *, asked: bool) -> None:
        try:
            self.look(asked=asked)
        except Exception as error:  # noqa: BLE001 - the top of a loop; the value may be a secret
            self._fail(f"it can't be read or taken over: {type(error).__name__}")

    def _read(self) -> None:
        loaded, problems = read(self._loaded.path)
        if loaded is None:
            self._fail("\n".join(map(str, problems)))
        elif loaded.revision == self._loaded.revision:
            self._well()
        elif keys := needs_restart(self._loaded.settings, loaded.settings):
            self._fail(f"{', '.join(keys)} can't be changed while the box runs; restart it")
        else:
            self._take_over(loaded)
            self._loaded = loaded
            self._well()
            structlog.get_logger().info("configuration taken over", revision=loaded.revision)

    def _well(self) -> None:
        self.failing = ""

    def _fail(self, why: str) -> None:
        self.failing = why
        structlog.get_logger().error(
            "the changed configuration is not taken over",
            file=str(self._loaded.path),
            in_force=self._loaded.revision,
            reason=why,
        )


def _signature(path: Path) -> Signature | None:
    try:
        stat = os.stat(path)  # noqa: PTH116 - three of its fields
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
