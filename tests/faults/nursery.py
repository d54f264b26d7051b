"""Processes that are born in a tenth of a second, so that a hundred of them can be killed.

One process imports everything and forks each life, before any thread or channel is made.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ENDS_S = 10.0


class Life:
    """One process, to be killed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def kill(self):
        """-9; returns once it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        until = time.monotonic() + ENDS_S
        while Path(f"/proc/{self.pid}").exists():
            assert time.monotonic() < until, "a killed process is still there"
            time.sleep(0.002)

    @property
    def lives(self):
        return Path(f"/proc/{self.pid}").exists()


class Nursery:
    """Gives birth to roles; kills what is left at the end."""

    def __enter__(self):
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self._mother = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._born = []
        return self

    def __exit__(self, *_):
        for life in self._born:
            life.kill()
        self._mother.stdin.close()
        self._mother.wait(ENDS_S)
        self._mother.stdout.close()

    def born(self, role, log, **arguments):
        """Start a role of `tests.faults.roles`; what it prints is appended to `log`."""
        wanted = {"role": role, "log": str(log), "arguments": arguments}
        self._mother.stdin.write(json.dumps(wanted) + "\n")
        self._mother.stdin.flush()
        life = Life(int(self._mother.stdout.readline()))
        self._born.append(life)
        return life


def mother():
    from tests.faults import roles

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    out = sys.stdout.fileno()
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(roles, wanted)
        os.write(out, f"{pid}\n".encode())


def child(roles, wanted):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open(wanted["log"], "a") as log:  # noqa: PTH123 - a file number is what is wanted
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.close(0)
    try:
        getattr(roles, wanted["role"])(**wanted["arguments"])
    finally:
        os._exit(1)


if __name__ == "__main__":
    mother()
