"""Builders for the outbox's side: messages, events, stores, clocks, and a disk that fills."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from itertools import count

import numpy as np

from edge.events.codec import Origin
from edge.events.draft import Draft
from edge.events.exhibits import Exhibits
from edge.events.journal import Journal
from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.types import Event, Grade, Kind, Scene, Sighting, State
from tests.make import frame, tracks

RAISED, UPDATED, CLEARED = pb.STATE_RAISED, pb.STATE_UPDATED, pb.STATE_CLEARED
WAIT_S = 10.0
NOW = 1_700_000_000.0
ORIGIN = Origin("quarry", "r1", "picodet-s-416", "ab" * 32, "CPUExecutionProvider")
GRADES = {
    ("gate", "fence"): Grade.RED,
    ("yard", "loading"): Grade.YELLOW,
    ("", "box-degraded"): Grade.BLUE,
}
numbers = count(1)


class FakeClock:
    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now


def message(alert="a", state=RAISED, **fields):
    return pb.Event(
        event_id=f"event-{next(numbers)}",
        alert_id=alert,
        camera="gate",
        rule="fence",
        state=state,
        **fields,
    )


def messages(amount, **fields):
    return [message(f"alert-{next(numbers)}", **fields) for _ in range(amount)]


def drafts(given):
    """Of messages, as the journal puts them."""
    return [Draft.of(one) for one in given]


def event(state=State.RAISED, *, key="1", camera="gate", rule="fence", at=NOW, **fields):
    seen = Sighting(7, 0, 0.9, (0.1, 0.2, 0.3, 0.4), (0.2, 0.4))
    fields = {"sighting": seen} | fields
    return Event(Kind.TRIPWIRE, camera, rule, state, key, "crossed", 1.0, at, **fields)


def degraded(state=State.RAISED, reason="overloaded", *, at=NOW):
    """An event of the box itself."""
    return Event(Kind.DEGRADED, "", "box-degraded", state, "degraded", reason, 1.0, at)


def scene(*people, image=None):
    """A noisy picture, so that a blurred part can be told from a sharp one."""
    picture = frame()
    noise = np.random.default_rng(1).integers(0, 256, picture.image.shape, np.uint8)
    picture.image[:] = noise if image is None else image
    boxes = np.array(people, np.float32).reshape(-1, 4)
    return Scene(picture, tracks(), boxes)


def open_outbox(folder, *, rows=1000, size=2**20, age_s=3600.0, **options):
    options = {"metrics": Metrics()} | options
    if "clock" in options:  # a test's time passes; it is not set
        options = {"since": lambda: ("boot", options["clock"]())} | options
    return Outbox(
        folder / "outbox.db", box="box", max_rows=rows, max_bytes=size, max_age_s=age_s, **options
    )


def open_journal(log, pictures=None, **options):
    ids = count(1)
    options = {
        "origin": ORIGIN,
        "grades": GRADES,
        "clock": FakeClock(),
        "new_id": lambda _time: f"id-{next(ids)}",
        "metrics": Metrics(),
    } | options
    shown = pictures and Exhibits(pictures, clips=None, metrics=options["metrics"])
    return Journal(log, options.pop("exhibits", shown), **options)


def sequences(events):
    return [one.sequence for one in events]


def read_all(outbox):
    """Every kept event, page by page."""
    found, after = [], 0
    while page := outbox.read(after):
        found += page
        after = page[-1].sequence
    return found


def sample(metrics, name, **labels):
    return metrics.registry.get_sample_value(f"fenceline_{name}", labels) or 0.0


def eventually(probe, seconds=WAIT_S):
    """Poll until the probe gives something true."""
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)
    return found


@contextmanager
def filled(folder):
    """No free byte on a disk while the block runs."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(folder):
    """A file system that has been remounted, as the kernel does after errors."""
    remount(folder, "ro")
    try:
        yield
    finally:
        remount(folder, "rw")


def remount(folder, how):
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)
