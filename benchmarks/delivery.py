"""How soon do events arrive, how many, what do they cost, and how many boxes can report?"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc

from benchmarks import delivery_gateway
from benchmarks.delivery_box import (
    CAMERA,
    GRADES,
    ORIGIN,
    POINTS,
    RULE,
    Box,
    decided,
    opened,
    outbox_in,
)
from benchmarks.delivery_far import (
    COUNTED,
    NAIVE,
    OUTSTANDING,
    TIMED,
    Far,
    centre,
    naive,
    subscribers,
)
from benchmarks.delivery_goals import judge
from benchmarks.result import Column, Result, Row
from edge.events.codec import to_message
from edge.events.ids import uuid7
from edge.events.journal import Journal
from edge.events.outbox import Outbox
from edge.rpc import event_pb2
from edge.types import Event

EVERY_S = 0.02  # from one event to the next on an idle box
SINGLES, QUICK_SINGLES = 1000, 100

FLOOD_S, QUICK_FLOOD_S = 20.0, 2.0
LEAD = 2000  # events that the slowest reader may be behind before the rule waits
BACKLOG, QUICK_BACKLOG = 100_000, 5000
COLUMNS = (
    Column("what", ["what"]),
    Column("to", ["to"]),
    Column("events", ["events"]),
    Column("ms, median / p99", ["ms", "ms_p99"], digits=2),
    Column("events/s", ["rate"], digits=0),
    Column("deliveries/s", ["deliveries"], digits=0),
    Column("s", ["seconds"], digits=1),
    Column("µs of the thread, CPU / elapsed / p99", ["cpu_us", "us", "us_p99"], digits=0),
    Column("RSS grown, MiB", ["grown_mib"], digits=1),
)
NOTES = (
    (
        "Each event is a tripwire's, with a path of {points} points. Box, far ends and gateway are "
        "processes of their own, on one machine, over loopback: they share its cores."
    ),
    (
        "latency: from the rule's decision to the event in the far end's hands, one event every "
        "{every:g} ms, through journal, commit (SQLite, synchronous=FULL) and gRPC. The naive "
        "publisher does one unary call per event and stores nothing."
    ),
    (
        "flood: the rule decides as fast as all keep up, none more than {lead} events behind; "
        "subscribers take batches (`max_batch` 100, {outstanding} outstanding) and count events "
        "without reading them. RSS grown: of the box, from a third of the time to the end."
    ),
    (
        "catch-up: {backlog} events are on the disk when the far end is back; `fenceline receive` "
        "has them on its own disk before it acknowledges."
    ),
    (
        "cost: what handing an event over takes of the thread that analyses, without pictures; one "
        "every {every:g} ms, when nothing of it is in the processor's caches, and back to back in "
        "a burst. committing there: the same journal without its committer. SQLite alone: message "
        "and one transaction per event (synchronous=FULL), as a plain script would. nothing: what "
        "reading the clocks takes, which the goals leave out."
    ),
)


def run(*, quick: bool = False) -> Result:
    """Latency, rate, catch-up and cost of one box; then many boxes and one gateway."""
    backlog = QUICK_BACKLOG if quick else BACKLOG
    said = {"points": POINTS, "every": EVERY_S * 1000, "lead": LEAD}
    more = {"outstanding": OUTSTANDING, "backlog": f"{backlog:,}"}
    result = Result(
        "delivery",
        "How soon do events arrive, how many, and what do they cost the analysis?",
        COLUMNS,
        parameters={"path_points": POINTS, "backlog": backlog, "quick": int(quick)},
        notes=[note.format(**said, **more) for note in NOTES],
    )
    singles, flood_s = (QUICK_SINGLES, QUICK_FLOOD_S) if quick else (SINGLES, FLOOD_S)
    result.rows += latency(singles)
    result.rows += cost(singles)
    result.rows += [flood(readers, flood_s) for readers in (1, 10)]
    result.rows += catch_up(backlog)
    judge(result, BACKLOG)
    delivery_gateway.measure(result, quick=quick)
    return result


def latency(count: int) -> list[Row]:
    """An idle box: pulled, pushed; and the naive publisher."""
    with (
        TemporaryDirectory() as folder,
        Box(Path(folder)) as box,
        Far(subscribers, box.port, 1, TIMED) as far,
    ):
        pulled = far.until(box.ask("pace", count, EVERY_S))
    with (
        TemporaryDirectory() as folder,
        Far(centre) as far,
        Box(Path(folder), push=far.port) as box,
    ):
        pushed = far.until(box.ask("pace", count, EVERY_S))
    with Far(naive) as far:
        plain = _publish(far, count)
    delays = {"pull": pulled, "push": pushed, "naive publisher": plain}
    return [
        {
            "what": "latency",
            "to": name,
            "events": len(seconds),
            "ms": 1000 * statistics.median(seconds),
            "ms_p99": 1000 * _p99(seconds),
        }
        for name, seconds in delays.items()
    ]


def cost(count: int) -> list[Row]:
    """Of the analysis thread: the journal as it is in the service, without its thread, and less."""
    rows = []
    for what, every_s in (("cost", EVERY_S), ("cost in a burst", 0.0)):
        rows.append(_timed(what, "nothing", lambda _event: None, count, every_s))
        for name, threaded in (("journal", True), ("committing there", False)):
            with (
                TemporaryDirectory() as folder,
                opened(Path(folder), threaded=threaded) as (journal, _),
            ):
                rows.append(_timed(what, name, _recording(journal), count, every_s))
        with TemporaryDirectory() as folder, outbox_in(Path(folder)) as outbox:
            rows.append(_timed(what, "SQLite alone", _storing(outbox), count, every_s))
    return rows


def flood(readers: int, seconds: float) -> Row:
    """As many events as the box and all its readers can do."""
    with (
        TemporaryDirectory() as folder,
        Box(Path(folder)) as box,
        Far(subscribers, box.port, readers, COUNTED) as far,
    ):
        began = time.monotonic()
        count, early, late = box.ask("flood", seconds, readers, LEAD)
        far.until(count)
        took = time.monotonic() - began
    return {
        "what": "flood",
        "to": f"{readers} subscriber{'s' if readers > 1 else ''}",
        "events": count,
        "rate": count / took,
        "deliveries": readers * count / took,
        "seconds": took,
        "grown_mib": late - early,
    }


def catch_up(count: int) -> list[Row]:
    """From the moment that the far end is there to the last acknowledgement."""
    rows = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder, count)
        with Box(folder) as box:
            began = time.monotonic()
            with Far(subscribers, box.port, 1, COUNTED) as far:
                far.until(count)
                rows.append(_caught_up("a subscriber", count, time.monotonic() - began))
        with Far(centre) as far:
            rows.append(_caught_up("push", count, _drained(folder, far.port)))
        with delivery_gateway.gateway(folder) as port:
            # Of a name of its own, else the cursor of the one before would be gone on with.
            (folder / "again").mkdir()
            _fill(folder / "again", count)
            took = _drained(folder / "again", port)
            rows.append(_caught_up("push to fenceline receive", count, took))
    return rows


def _publish(far: Far, count: int) -> list[float]:
    with grpc.insecure_channel(f"127.0.0.1:{far.port}") as channel:
        call: Any = channel.unary_unary(NAIVE, request_serializer=event_pb2.Event.SerializeToString)
        due = time.monotonic()
        for number in range(count):
            due += EVERY_S
            time.sleep(max(0.0, due - time.monotonic()))
            call(_message(number))
        delays: list[float] = far.until(count)
        return delays


def _recording(journal: Journal) -> Callable[[Event], None]:
    def record(event: Event) -> None:
        journal.record([event], None)

    return record


def _storing(outbox: Outbox) -> Callable[[Event], None]:
    def store(event: Event) -> None:
        outbox.append([_told(event)])

    return store


def _timed(what: str, to: str, once: Callable[[Event], None], count: int, every_s: float) -> Row:
    cpu, elapsed, due = list[float](), list[float](), time.monotonic()
    for number in range(count):
        event, due = decided(number), due + every_s
        time.sleep(max(0.0, due - time.monotonic()))
        began, cpu_began = time.perf_counter(), time.thread_time()
        once(event)
        cpu.append(time.thread_time() - cpu_began)
        elapsed.append(time.perf_counter() - began)
    return {
        "what": what,
        "to": to,
        "events": count,
        "cpu_us": 1e6 * statistics.mean(cpu),
        "us": 1e6 * statistics.median(elapsed),
        "us_p99": 1e6 * _p99(elapsed),
    }


def _message(number: int) -> event_pb2.Event:
    return _told(decided(number))


def _told(event: Event) -> event_pb2.Event:
    ids = uuid7(event.time), uuid7(event.time)
    return to_message(event, origin=ORIGIN, grade=GRADES[CAMERA, RULE], ids=ids)


def _fill(folder: Path, count: int) -> None:
    with outbox_in(folder) as outbox:
        for first in range(0, count, 1000):
            last = min(count, first + 1000)
            outbox.append([_message(number) for number in range(first, last)])


def _drained(folder: Path, port: int) -> float:
    began = time.monotonic()
    with Box(folder, push=port) as box:
        while box.ask("backlog", "sink:centre"):
            time.sleep(0.02)
        return time.monotonic() - began


def _caught_up(to: str, count: int, seconds: float) -> Row:
    return {
        "what": "catch-up",
        "to": to,
        "events": count,
        "seconds": seconds,
        "rate": count / seconds,
    }


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))]
