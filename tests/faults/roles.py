"""What the processes of the kill tests do until they are killed."""

from __future__ import annotations

import random
import time
from pathlib import Path

import edge.__main__ as command_line
import edge.receive_command  # noqa: F401 - imported before the fork, not after it
from tests.faults.box import ReportingBox, hurry
from tests.faults.centre import Centre, Kept
from tests.faults.follower import Follower


def box(*, folder, name, push=None, port=None, pause_s=0.004):
    """Append at random and report; says each identity once it is committed."""
    hurry()
    with ReportingBox(Path(folder), push=push, port=port) as one:
        print(f"port {one.port}", flush=True)
        while True:
            stored = one.append(random.randint(1, 4), name)
            lines = (f"{e.box_id} {e.sequence} {e.event_id}\n" for e in stored)
            print("".join(lines), end="", flush=True)
            time.sleep(random.uniform(0, 2 * pause_s))


def receive(*, listen, store):
    """`fenceline receive`, as it stands."""
    command_line.app(["receive", "--listen", listen, "--store", store, "--json"])


def centre(*, store, port):
    """A command centre that takes everything."""
    made = Centre(Kept(Path(store)))
    made.port = port
    with made:
        print(f"port {made.port}", flush=True)
        time.sleep(3600)


def follower(*, store, port):
    """A pull consumer that stores before it acks."""
    with Follower(port, Kept(Path(store)), patience_s=1.0):
        time.sleep(3600)
