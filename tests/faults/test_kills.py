"""kill -9 of box and receiver at random moments, a hundred times: counted at both ends."""

import json
import os
import random
import socket
import sqlite3
import time

import pytest

from edge.rpc import event_pb2 as pb
from tests.events.make_events import eventually
from tests.faults.centre import Kept
from tests.faults.counted import check, committed
from tests.faults.nursery import Nursery

pytestmark = pytest.mark.timeout(600)
MORE = int(os.environ.get("FENCELINE_FAULTS", "1"))  # so many times as many kills
KILLS = {"box": 35, "receiver": 35, "both": 15, "pull": 15}
LONGEST_S = 0.12  # that the doomed are left alone once they are at work


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as made:
        yield made


@pytest.fixture
def moments():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def said(log):
    """(box, sequence, event_id) of whole lines."""
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    found = [line.split() for line in lines if line.endswith("\n") and line.startswith("box-")]
    return [(box, int(sequence), event_id) for box, sequence, event_id in found]


def stored(path):
    """What `fenceline receive` has kept, in its order: JSON lines, or SQLite."""
    if not path.exists():
        return []
    if path.read_bytes()[:6] == b"SQLite":
        with sqlite3.connect(path) as database:
            bodies = database.execute("SELECT body FROM event ORDER BY rowid").fetchall()
        database.close()
        events = [pb.Event.FromString(body) for (body,) in bodies]
        return [(one.box_id, one.sequence, one.event_id) for one in events]
    lines = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
    events = [json.loads(line) for line in lines]
    return [(one["box_id"], int(one["sequence"]), one["event_id"]) for one in events]


class Site:
    """A box and a `fenceline receive`, each of which can be killed and started again."""

    def __init__(self, nursery, folder):
        self._nursery, self.folder, self.port = nursery, folder, free_port()
        self.log, self.store, self.runs = folder / "said", folder / "received", 0
        self.box = self.receiver = None

    def start_box(self):
        self.runs += 1
        self.box = self._nursery.born(
            "box", self.log, folder=str(self.folder), name=f"run{self.runs}", push=self.port
        )

    def start_receiver(self):
        self.receiver = self._nursery.born(
            "receive",
            self.folder / "receiver.log",
            listen=f"127.0.0.1:{self.port}",
            store=str(self.store),
        )

    def arrived(self):
        return self.store.stat().st_size if self.store.exists() else 0

    def works(self):
        """Both are at it: something new has been committed, and has arrived."""
        before = len(said(self.log)), self.arrived()
        eventually(lambda: len(said(self.log)) > before[0] and self.arrived() != before[1], 30)

    def check(self, kills):
        """Let the last box deliver all, and count."""
        self.box.kill()
        told = said(self.log)
        sent = committed(self.folder)
        assert set(told) <= set(sent), "what was said to be committed is not"
        assert len(told) > kills
        self.start_quiet_box()
        last = sent[-1][1]
        eventually(lambda: (rows := stored(self.store)) and rows[-1][1] >= last, 30)
        self.box.kill()
        self.receiver.kill()
        rows = stored(self.store)
        # The last box went on until it was killed: what it committed then was not all sent.
        check(rows, [row for row in committed(self.folder) if row[1] <= rows[-1][1]])
        assert [sequence for _, sequence, _ in rows] == list(range(1, rows[-1][1] + 1))

    def start_quiet_box(self):
        self.runs += 1
        self.box = self._nursery.born(
            "box",
            self.log,
            folder=str(self.folder),
            name=f"run{self.runs}",
            push=self.port,
            pause_s=0.2,
        )


@pytest.mark.parametrize("whom", ["box", "receiver", "both"])
def test_kill_9_loses_doubles_and_reorders_nothing(whom, nursery, tmp_path, moments):
    site, kills = Site(nursery, tmp_path), KILLS[whom] * MORE
    site.start_receiver()
    site.start_box()
    for _ in range(kills):
        site.works()
        time.sleep(moments.uniform(0, LONGEST_S))
        doomed = {"box": (True, False), "receiver": (False, True)}.get(
            whom, moments.choice([(True, False), (False, True), (True, True)])
        )
        if doomed[0]:
            site.box.kill()
            site.start_box()
        if doomed[1]:
            site.receiver.kill()
            site.start_receiver()
    site.check(kills)


def test_kill_9_of_a_box_that_is_read_and_of_its_reader(nursery, tmp_path, moments):
    port, log, store = free_port(), tmp_path / "said", tmp_path / "centre.db"
    kept, kills = Kept(store), KILLS["pull"] * MORE
    lives = {}

    def start(role, run):
        arguments = {"store": str(store), "port": port}
        if role == "box":
            arguments = {"folder": str(tmp_path), "name": f"run{run}", "port": port}
        lives[role] = nursery.born(role, log if role == "box" else tmp_path / "log", **arguments)

    start("box", 0)
    start("follower", 0)
    for run in range(kills):
        before = kept.count()
        eventually(lambda before=before: kept.count() > before, 30)
        time.sleep(moments.uniform(0, LONGEST_S))
        role = moments.choice(["box", "follower"])
        lives[role].kill()
        start(role, run + 1)
    lives["box"].kill()
    sent = committed(tmp_path)
    assert set(said(log)) <= set(sent)
    start("box", kills + 1)
    eventually(lambda: kept.rows()[-1][1] >= sent[-1][1], 30)
    for life in lives.values():
        life.kill()
    rows = kept.rows()
    kept.close()
    check(rows, [row for row in committed(tmp_path) if row[1] <= rows[-1][1]])
    assert [sequence for _, sequence, _ in rows] == list(range(1, rows[-1][1] + 1))
