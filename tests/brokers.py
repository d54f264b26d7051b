"""Real mosquitto and nats-server, on loopback and free ports; killed, paused and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

START_S = 20.0
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])

MOSQUITTO = """\
listener {port} 127.0.0.1
user root
persistence true
persistence_location {folder}/
autosave_interval 1
autosave_on_changes true
max_queued_messages 0
max_packet_size 20000
{more}
"""
NATS = """\
listen: 127.0.0.1:{port}
jetstream {{store_dir: "{folder}"}}
{more}
"""


class Server:
    """One server process in a folder of its own; what it stores is there when it is back."""

    def __init__(self, folder: Path, command, config: str):
        program = shutil.which(command[0], path=PATH)
        if program is None:
            pytest.skip(f"needs {command[0]}, from the Debian package of that name")
        folder.mkdir()
        self.folder, self.port = folder, free_port()
        (folder / "conf").write_text(config.replace("{{port}}", str(self.port)))
        self._command = [program, *command[1:], str(folder / "conf")]
        self._process = None
        self.start()

    def start(self):
        if self._process is not None:
            return
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while not _accepts(self.port):
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "it does not listen"
            time.sleep(0.01)

    def kill(self):
        """SIGKILL: nothing is said, nothing is saved."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self):
        """It hears, as its kernel does, and says nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    @property
    def heard(self):
        """Whether something has come that it has not read."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        mine = f":{self.port:04X}"
        return any(row[1].endswith(mine) and not row[4].endswith(":00000000") for row in rows)


def mosquitto(folder, more="allow_anonymous true"):
    folder = Path(folder)
    config = MOSQUITTO.format(port="{{port}}", folder=folder, more=more)
    return Server(folder, ["mosquitto", "-c"], config)


def nats_server(folder, more=""):
    folder = Path(folder)
    config = NATS.format(port="{{port}}", folder=folder, more=more)
    return Server(folder, ["nats-server", "-c"], config)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
