"""A command centre whose store is counted: SQLite, committed before it is acknowledged."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import grpc

from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestServicer, add_IngestServicer_to_server

TABLES = (
    # In order of arrival; what repeats is not stored again.
    """CREATE TABLE IF NOT EXISTS event (
      place INTEGER PRIMARY KEY AUTOINCREMENT,
      box TEXT,
      sequence INTEGER,
      event_id TEXT,
      UNIQUE (box, sequence)
    )""",
    "CREATE TABLE IF NOT EXISTS gap (box TEXT, first INTEGER, last INTEGER, open TEXT)",
)


class Kept:
    """What a far end has taken over; any thread."""

    def __init__(self, path: Path) -> None:
        self._lock, self.repeated = threading.Lock(), 0
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")  # survives a kill, which is enough
        for table in TABLES:
            self._database.execute(table)

    def take(self, events) -> None:
        rows = [(one.box_id, one.sequence, one.event_id) for one in events]
        with self._lock, self._database:
            done = self._database.executemany(
                "INSERT OR IGNORE INTO event (box, sequence, event_id) VALUES (?, ?, ?)", rows
            )
            self.repeated += len(rows) - max(0, done.rowcount)

    def miss(self, box, gap) -> None:
        still = " ".join(one.alert_id for one in gap.open_alerts)
        with self._lock, self._database:
            row = (box, gap.first_missing, gap.last_missing, still)
            self._database.execute("INSERT INTO gap VALUES (?, ?, ?, ?)", row)

    def count(self) -> int:
        with self._lock:
            return self._database.execute("SELECT count(*) FROM event").fetchone()[0]

    def rows(self):
        with self._lock:
            ask = "SELECT box, sequence, event_id FROM event ORDER BY place"
            return self._database.execute(ask).fetchall()

    def gaps(self):
        with self._lock:
            return self._database.execute("SELECT box, first, last, open FROM gap").fetchall()

    def close(self) -> None:
        with self._lock:
            self._database.close()


# How a centre may treat a batch.
TAKE = "take"
REJECT = "reject"  # one of them, for good
SLOW = "slow"
LATE = "late"  # stored, but the answer comes when nobody waits for it any more
SILENT = "silent"  # not stored, and no answer
OLD = "old"  # stored, but it acknowledges what it had before
AHEAD = "ahead"  # it acknowledges what it was never sent
PART = "part"  # the first half
REFUSE = "refuse"  # the call ends with an error
HANG_UP = "hang_up"  # the call ends well, without an answer
MOODS = (REJECT, SLOW, LATE, SILENT, OLD, AHEAD, PART, REFUSE, HANG_UP)


class Centre(IngestServicer):
    """Treats each batch as `moods` says next, and takes it when there is none left."""

    def __init__(self, kept: Kept, *, patience_s: float = 0.3) -> None:
        self.kept, self.moods = kept, deque()
        self.rejected: set[tuple[str, int]] = set()
        self.port = 0
        self._patience_s = patience_s  # of the boxes that report

    def __enter__(self):
        self._workers = ThreadPoolExecutor(32)
        self._server = grpc.server(self._workers)
        add_IngestServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        self._server.start()
        return self

    def __exit__(self, *_):
        self._server.stop(0).wait()
        self._workers.shutdown()

    def Report(self, request_iterator, context):  # noqa: N802 - the contract's name
        with suppress(grpc.RpcError):  # hung up
            for request in request_iterator:
                mood = self.moods.popleft() if self.moods else TAKE
                if mood == HANG_UP:
                    return
                if mood == REFUSE:
                    context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
                answer = self._answer(list(request.events), mood)
                if answer is not None:
                    yield answer

    def _answer(self, events, mood):
        first, last = events[0].sequence, events[-1].sequence
        if mood == SILENT:
            return None
        if mood == SLOW:
            time.sleep(self._patience_s / 3)
        if mood == PART:
            events = events[: (len(events) + 1) // 2]
            last = events[-1].sequence
        rejections = []
        if mood == REJECT:
            refused = events.pop(len(events) // 2)
            self.rejected.add((refused.box_id, refused.sequence))
            rejections = [pb.Rejection(sequence=refused.sequence, reason="not this one")]
        self.kept.take(events)
        if mood == LATE:
            time.sleep(self._patience_s * 2)
        acked = {OLD: max(0, first - 1), AHEAD: last + 1000}.get(mood, last)
        return pb.ReportResponse(acked_sequence=acked, rejections=rejections)
