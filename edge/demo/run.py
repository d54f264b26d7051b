"""Run the service and a command centre as processes of their own, and tell what arrives."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from edge.demo.assets import find_example, get_asset
from edge.demo.rtsp import RtspServer
from edge.detect.models import get_model
from edge.errors import FencelineError
from edge.progress import progress_bar
from edge.rpc import box_pb2
from edge.serve.client import get_status

MODEL, CLIP, CLIP_FPS = "picodet-s-416", "vtest.avi", 10
START_S, SETTLE_S = 30.0, 10.0


@dataclass(slots=True)
class Arrivals:
    """What the command centre has printed so far."""

    alerts: Counter[tuple[str, str]] = field(default_factory=Counter)  # (camera, rule) -> raised
    identities: set[tuple[str, int]] = field(default_factory=set)
    latencies_ms: list[float] = field(default_factory=list)

    def add(self, event: dict[str, Any]) -> None:
        """Count one event of the receiver's JSON lines."""
        self.identities.add((event["box_id"], int(event["sequence"])))
        captured = datetime.fromisoformat(event["capture_time"]).timestamp()
        self.latencies_ms.append(1000 * (event["received"] - captured))
        if event["state"] == "raised":
            self.alerts[_place(event), event["rule"]] += 1


def run_demo(*, seconds: float, clip: Path | None) -> int:
    """Run for a while and sum up; returns the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    with progress_bar() as progress:
        get_model(MODEL, progress=progress)
        video = get_asset(CLIP, given=clip, progress=progress)
    arrivals = Arrivals()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fenceline-demo-")))
        camera = stack.enter_context(RtspServer({"road": video}, fps=CLIP_FPS))
        centre, centre_port = stack.enter_context(_command_centre(folder))
        reader = threading.Thread(target=_read, args=(centre, arrivals, console), daemon=True)
        reader.start()
        grpc_port, http_port = _free_port(), _free_port()
        variables = {
            "FENCELINE_DEMO_CLIP": str(video),
            "FENCELINE_DEMO_RTSP": camera.url("road"),
            "FENCELINE_DEMO_CENTRE": f"127.0.0.1:{centre_port}",
            "FENCELINE_DEMO_GRPC": f"127.0.0.1:{grpc_port}",
            "FENCELINE_DEMO_HTTP": f"127.0.0.1:{http_port}",
            "FENCELINE_DEMO_DIR": str(folder / "var"),
        }
        box = stack.enter_context(_box(folder, variables))
        target = variables["FENCELINE_DEMO_GRPC"]
        _wait_ready(box, target, folder)
        console.print(f"\nConsole: http://127.0.0.1:{http_port}/   gRPC: {target}\n", style="bold")
        console.print(f"Alerts as they arrive at the command centre, for {seconds:.0f} s:\n")
        _sleep(box, seconds, folder)
        status = _settled(target)
        _end(box)
        _end(centre)
        reader.join(5)
    return _sum_up(console, arrivals, status)


@contextmanager
def _command_centre(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-m", "edge", "receive", "--listen", "127.0.0.1:0", "--json"]
    errors = folder / "receive.log"
    with (
        errors.open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield process, _port_said(process, errors)
        finally:
            _end(process)


def _port_said(process: subprocess.Popen[str], log: Path) -> int:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        said = log.read_text()
        if said.endswith("\n"):
            return int(said.rpartition(":")[2])
        time.sleep(0.05)
    raise FencelineError(f"the command centre did not start: {log.read_text().strip()}")


@contextmanager
def _box(folder: Path, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "edge", "run", str(find_example("demo.yaml"))]
    with (
        (folder / "run.log").open("w") as log,
        subprocess.Popen(command, stderr=log, env=os.environ | variables) as process,
    ):
        try:
            yield process
        finally:
            _end(process)


def _read(centre: subprocess.Popen[str], arrivals: Arrivals, console: Console) -> None:
    """Show what the receiver prints, until it ends."""
    assert centre.stdout is not None  # noqa: S101 - it was made with a pipe
    for line in centre.stdout:
        event = json.loads(line)
        arrivals.add(event)
        if event["state"] == "raised":
            console.print(line_of(event))


def line_of(event: dict[str, Any]) -> str:
    """One event of the receiver's JSON lines, as markup for people."""
    dwelt = f"dwelt {event['dwell']} s" if "dwell" in event else event["reason"]
    what = event.get("direction") or dwelt
    seen = event.get("object", {})
    style = {"blue": "blue", "yellow": "yellow", "red": "bold red"}[event["grade"]]
    return (
        f"[dim]{event['capture_time'][11:23]}[/]  {_place(event):<10} {event['rule']:<10} "
        f"[{style}]{event['grade']:<7}[/]{seen.get('class_name', '-'):<8}{what:<12} "
        f"path {len(seen.get('path', ())):>2} points  "
        f"[dim]/api/evidence/{event.get('evidence', {}).get('evidence_id', '-')}[/]"
    )


def _place(event: dict[str, Any]) -> str:
    """Its camera; an event of the box itself has none."""
    return str(event.get("camera", "box"))


def _wait_ready(box: subprocess.Popen[bytes], target: str, folder: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and box.poll() is None:
        with suppress(FencelineError):
            if get_status(target).ready:
                return
        time.sleep(0.2)
    raise FencelineError(f"the service did not get ready:\n{(folder / 'run.log').read_text()}")


def _sleep(box: subprocess.Popen[bytes], seconds: float, folder: Path) -> None:
    with suppress(subprocess.TimeoutExpired):
        box.wait(seconds)
        raise FencelineError(f"the service ended early:\n{(folder / 'run.log').read_text()}")


def _settled(target: str) -> box_pb2.GetStatusResponse:
    """The status at a moment when everything committed is acknowledged, or after a while."""
    deadline = time.monotonic() + SETTLE_S
    status = get_status(target)
    while any(sink.backlog for sink in status.consumers) and time.monotonic() < deadline:
        time.sleep(0.02)
        status = get_status(target)
    return status


def _sum_up(console: Console, arrivals: Arrivals, status: box_pb2.GetStatusResponse) -> int:
    """Print the summary; a lost event is a failed demo."""
    table = Table("camera", "rule", "alerts", title="Alerts by rule")
    for (camera, rule), count in sorted(arrivals.alerts.items()):
        table.add_row(camera, rule, str(count))
    console.print()
    console.print(table)
    for one in status.cameras:
        console.print(f"camera {one.name}: {one.frames} frames, {one.dropped} dropped")
    acknowledged = min((sink.acked_sequence for sink in status.consumers), default=0)
    received = len({number for _, number in arrivals.identities if number <= acknowledged})
    good = 0 < received == acknowledged == status.last_sequence
    sign = "=" if good else "BUT"
    console.print(
        f"events: {status.last_sequence} committed {sign} {received} delivered "
        f"{sign} {acknowledged} acknowledged"
    )
    if arrivals.latencies_ms:
        median = statistics.median(arrivals.latencies_ms)
        console.print(f"median latency from frame to receipt: {median:.0f} ms")
    return 0 if good and arrivals.alerts else 1


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(SETTLE_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
