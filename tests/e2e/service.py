"""The real service as a process of its own, for end-to-end tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from edge.errors import FencelineError
from edge.serve.client import get_status

SITE = """\
site: test
cameras:
{cameras}
report: {report}
serve: {{grpc: {{listen: "127.0.0.1:{grpc}"}}, http: {{listen: "127.0.0.1:{http}"}}}}
storage: {{dir: "{storage}"}}
"""
CAMERA = """\
  - name: {name}
    url: "{url}"
    {options}
    rules:
      - {{type: tripwire, name: road, line: [[0.729, 0.174], [0.729, 0.694]]}}
      - {{type: zone, name: all, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], update_s: {update_s}}}
"""


def camera(name, url, *, options="fps: 30", update_s=10):
    return CAMERA.format(name=name, url=url, options=options, update_s=update_s)


def write_site(folder: Path, *cameras, report="[]", grpc=0, http=0, storage="var"):
    path = folder / "site.yaml"
    text = "".join(cameras)
    path.write_text(SITE.format(cameras=text, report=report, grpc=grpc, http=http, storage=storage))
    return path


class Process:
    """One `fenceline run`."""

    def __init__(self, config: Path, log: Path) -> None:
        self.log = log
        with log.open("a") as out:
            self._from = out.tell()
            command = [sys.executable, "-m", "edge", "run", str(config)]
            self.process = subprocess.Popen(command, stderr=out, env=os.environ.copy())

    def said(self):
        """What it has logged, as dicts."""
        text = self.log.read_text()[self._from :]
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def ports(self):
        found = self.wait(lambda: [line for line in self.said() if line["event"] == "running"])
        return found[0]["grpc_port"], found[0]["http_port"]

    @property
    def target(self):
        return f"127.0.0.1:{self.ports()[0]}"

    def status(self):
        return get_status(self.target)

    def wait(self, probe, seconds=60.0):
        """Poll until the probe gives something true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if found := probe():
                    return found
            except FencelineError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s in vain:\n{self.log.read_text()[-4000:]}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        """SIGTERM; returns exit code and seconds it took."""
        began = time.monotonic()
        self.process.terminate()
        return self.process.wait(20), time.monotonic() - began

    def stop_after(self, probe):
        """Stop once the probe has given something true."""
        self.wait(probe)
        return self.stop()


@contextmanager
def running(config: Path, log: Path):
    process = Process(config, log)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()
