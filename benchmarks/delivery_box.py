"""The reporting half of a box in a process of its own: what the delivery benchmark drives."""

from __future__ import annotations

import multiprocessing as mp
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self, cast

from benchmarks.machine import held
from edge.events.ids import Uuid7
from edge.events.journal import Journal, Origin
from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.metrics import Metrics
from edge.serve.needs import BoxView
from edge.serve.push import PushSink
from edge.serve.servers import Servers
from edge.types import Event, Fact, Grade, Kind, PathPoint, Sighting, State

CAMERA, RULE = "gate", "fence"
POINTS = 20  # of the path of every event
ORIGIN = Origin("site", "r1", "picodet-s-416", "ab" * 32, "OpenVINO", precision="bf16")
GRADES = {(CAMERA, RULE): Grade.RED}
STATES = (State.RAISED, State.UPDATED, State.CLEARED)
ROWS = 1_000_000
SPAWN = mp.get_context("spawn")


def decided(number: int) -> Event:
    """What a rule says now; the time of the decision, monotonic, is its note."""
    alert, state = divmod(number, len(STATES))
    seen = Sighting(alert, 0, 0.9, (0.1, 0.2, 0.3, 0.4), (0.2, 0.4))
    return Event(
        kind=Kind.TRIPWIRE,
        camera=CAMERA,
        rule=RULE,
        state=STATES[state],
        key=str(alert),
        reason="crossed",
        pts=0.1 * number,
        time=time.time(),
        sighting=seen,
        path=PATH,
        facts=FACTS,
        confidence=0.9,
        note=str(time.monotonic_ns()),
    )


PATH = tuple(PathPoint(0.1 * n, 0.1 + 0.02 * n, 0.5) for n in range(POINTS))
FACTS = (Fact("height", 0.2, "", 0.1), Fact("speed", 1.4, "m/s"))


@contextmanager
def opened(folder: Path, *, threaded: bool = True) -> Iterator[tuple[Journal, Outbox]]:
    """A journal over a new outbox; threaded as in the service, or committing by itself."""
    with ExitStack() as stack:
        outbox = stack.enter_context(outbox_in(folder))
        journal = Journal(
            outbox,
            None,
            origin=ORIGIN,
            grades=GRADES,
            clock=time.time,
            new_id=Uuid7(),
            metrics=Metrics(),
        )
        if threaded:
            journal.committer.start()
            stack.callback(journal.committer.join)
            stack.callback(journal.committer.stop)
        yield journal, outbox


def outbox_in(folder: Path) -> Outbox:
    """The outbox of a folder, with room for everything."""
    return Outbox(
        folder / "outbox.db",
        box="box",
        max_rows=ROWS,
        max_bytes=2**31,
        max_age_s=86_400,
        metrics=Metrics(),
    )


class Box:
    """A process with a journal, an outbox, a gRPC server, and perhaps a push sink."""

    def __init__(self, folder: Path, *, push: int | None = None) -> None:
        self._pipe, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=_box, args=(theirs, folder, push), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self.port = int(self._pipe.recv())
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send(("end", ()))
        self._process.join(20)

    def ask(self, what: str, *values: Any) -> Any:
        """Have it do something and wait for what it says."""
        self._pipe.send((what, values))
        return self._pipe.recv()


def _box(pipe: Connection, folder: Path, push: int | None) -> None:
    with ExitStack() as stack:
        journal, outbox = stack.enter_context(opened(folder))
        servers = Servers(
            box=cast("BoxView", None),
            log=outbox,
            evidence=cast("Any", None),
            http_app=cast("Any", None),
            grpc_listen="127.0.0.1:0",
            http_listen="127.0.0.1:0",
        )
        servers.start()
        stack.callback(servers.stop, 0.0)
        if push is not None:
            sink = PushSink("centre", f"127.0.0.1:{push}", insecure=True)
            relay = Relay(outbox, sink, metrics=Metrics())
            relay.start()
            stack.callback(relay.join, 5)
            stack.callback(relay.stop)
        work = _Work(journal, outbox)
        commands: dict[str, Callable[..., Any]] = {
            "pace": work.pace,
            "flood": work.flood,
            "backlog": work.backlog,
            "held": lambda: held()[0],
        }
        pipe.send(servers.grpc_port)
        while (asked := pipe.recv())[0] != "end":
            what, values = asked
            pipe.send(commands[what](*values))


class _Work:
    def __init__(self, journal: Journal, outbox: Outbox) -> None:
        self._journal, self._outbox, self._made = journal, outbox, 0

    def pace(self, count: int, every_s: float) -> int:
        """So many events, one at a time; returns the newest sequence."""
        due = time.monotonic()
        for _ in range(count):
            due += every_s
            time.sleep(max(0.0, due - time.monotonic()))
            self._one()
        return self._settled()

    def flood(self, seconds: float, readers: int, lead: int) -> tuple[int, float, float]:
        """As fast as it and all readers go: events, RSS in MiB after a third, and at the end."""
        began, first, early = time.monotonic(), self._made, 0.0
        while (now := time.monotonic() - began) < seconds:
            if not early and now > seconds / 3:
                early = held()[0]
            if self._behind(readers) > lead:
                time.sleep(0.002)
                continue
            for _ in range(20):
                self._one()
        self._settled()
        return self._made - first, early, held()[0]

    def backlog(self, consumer: str) -> int:
        """What a consumer has not acknowledged."""
        return self._outbox.backlog(consumer)[0]

    def _behind(self, readers: int) -> int:
        """How many of the events that were decided the slowest has not acknowledged."""
        return self._made - min(self._outbox.cursor(f"pull:far{n}") for n in range(readers))

    def _one(self) -> None:
        self._journal.record([decided(self._made)], None)
        self._made += 1

    def _settled(self) -> int:
        while self._journal.pending:
            time.sleep(0.002)
        self._journal.retry()
        return self._outbox.last_sequence
