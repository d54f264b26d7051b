"""The test's end of a camera process: starts it, spoils it, ends it."""

import contextlib
import json
import random
import selectors
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
USER, PASSWORD = "cam", "s3/cr@t"
LOGIN = f"{USER}:{quote(PASSWORD, '')}"
PORTS = (
    *("rtsp", "rtsp_basic", "rtsp_digest", "http", "http_basic", "http_digest"),
    *("silent", "ssh", "hole"),
)
RANGE = (20_000, 32_000)  # below the ports of clients: one that reconnects could meet itself there
GIVING, GIVEN = threading.Lock(), set()  # ports of cameras; those of one that is down look free
START_S, ANSWER_S, END_S = 30.0, 10.0, 5.0


class Camera:
    """A process that serves cameras at ports which stay its own through every restart.

    Its command is called with the ports as JSON, says when it is ready, and ends with its stdin.
    """

    def __init__(self, command, *, ports=PORTS):
        self._command = command
        self.ports = dict(zip(ports, free_ports(len(ports)), strict=True))
        self._process = None
        self._asking = threading.Lock()  # cases that share it must not hear each other's answers

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end()

    def url(self, mount, *, port="rtsp", login=LOGIN):
        """Where a client finds the mount; with the right password, where one is asked for."""
        scheme = "http" if port.startswith("http") else "rtsp"
        login = f"{login}@" if login and port.endswith(("_basic", "_digest")) else ""
        return f"{scheme}://{login}{HOST}:{self.ports[port]}/{mount}"

    def start(self):
        """Start, or start again at the same ports; returns when it serves."""
        self._process = subprocess.Popen(
            [*self._command, json.dumps(self.ports)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._hear(START_S)

    def kill(self):
        """As a power cut: no goodbye."""
        self._process.kill()
        self._close()

    def pause(self):
        """As a camera that hangs: its connections stay, and nothing comes."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def end(self):
        """Let it end, and see that it does."""
        if self._process is None:
            return
        self.resume()
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        self.kill()

    def set(self, mount, **faults):
        """Change what is wrong with a mount, see `Faults`."""
        self._tell(verb="set", mount=mount, faults=faults)

    def reset(self, mount):
        """Break the connections of all who watch a mount."""
        self._tell(verb="reset", mount=mount)

    def watching(self, mount):
        """How many clients a mount has."""
        return self._tell(verb="watching", mount=mount)

    def _tell(self, **command):
        with self._asking:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
            return self._hear(ANSWER_S)

    def _hear(self, timeout):
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            heard = selector.select(timeout)
        line = self._process.stdout.readline() if heard else b""
        if not line:
            how = "ended" if heard else f"did not answer for {timeout:g} s"
            self.kill()
            raise RuntimeError(f"the camera process {self._command[:3]} {how}")
        return json.loads(line)

    def _close(self):
        self._process.wait()
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process = None


def ours(media):
    """Our own camera, on a saved `Media`."""
    return Camera([sys.executable, "-m", "tests.cameras.server", str(media)])


def free_ports(count):
    """Ports that nobody listens at, and that no other call was given."""
    found = []
    while len(found) < count:
        port = random.randrange(*RANGE)
        with socket.socket() as candidate, contextlib.suppress(OSError):
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            candidate.bind((HOST, port))
            with GIVING:
                found += [] if port in GIVEN else [port]
                GIVEN.add(port)
    return found
