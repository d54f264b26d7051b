"""`fenceline receive`: a gateway until it is stopped, and what its store has."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edge.errors import FencelineError, ListenError
from edge.events import archive_read
from edge.events.archive import Archive
from edge.events.codec import to_json
from edge.logs import configure
from edge.receive_command import printer
from edge.serve.intake import Store, Tally
from edge.serve.receive import OnThread, Receiver
from edge.settings_base import is_loopback
from edge.stopping import stop_signals

DAY_S = 86_400
NATS = "FENCELINE_NATS"  # the variable with the server's address, which may hold a password
INSTALL = "install it: pip install 'fenceline[nats]'"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a gateway is told to be."""

    listen: str
    store: Path | None = None
    keep_days: float = 3.0
    keep_mb: int = 1024
    nats: bool = False
    nats_creds: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    insecure: bool = False
    as_json: bool = False
    quiet: bool = False


def receive_until_stopped(wanted: Wanted) -> None:
    """Take what boxes report, and print each event once; raises FencelineError."""
    configure()
    _check(wanted)
    wait_for_stop = stop_signals()
    with ExitStack() as stack:
        receiver = Receiver(
            wanted.listen,
            on_event=None if wanted.quiet else printer(as_json=wanted.as_json),
            store=stack.enter_context(_store(wanted)),
            cert=wanted.cert,
            key=wanted.key,
            client_ca=wanted.client_ca,
        )
        stack.enter_context(receiver)
        host = wanted.listen.rpartition(":")[0]
        console = Console(stderr=True, soft_wrap=True, highlight=False)
        console.print(f"listening on {host}:{receiver.port}", markup=False)
        wait_for_stop()
    console.print(told(receiver.tally), markup=False)


def told(tally: Tally) -> str:
    """What has arrived, in a line."""
    return (
        f"{tally.events} events of {tally.boxes} boxes in {tally.commits} commits, "
        f"{tally.duplicates} repeated, {tally.gaps} gaps"
    )


def listed(store: Path, *, box_id: str | None, since: float, until: float) -> Iterator[str]:
    """What a store has, as JSON lines in order of arrival; raises OutboxError."""
    for one in archive_read.events(store, box_id=box_id, since=since, until=until):
        yield json.dumps(_line(one))


def boxes(store: Path) -> Table:
    """The boxes that have ever reported; raises OutboxError."""
    table = Table("box", "newest", "events", "passed over", "heard")
    for row in archive_read.boxes(store):
        heard = datetime.fromtimestamp(row.heard, UTC).isoformat(timespec="seconds")
        table.add_row(row.box_id, str(row.newest), str(row.events), str(row.missing), heard)
    return table


def moment(text: str) -> float:
    """A time as people write it, ISO 8601, or so long ago: 30m, 12h, 3d; raises FencelineError."""
    units = {"s": 1, "m": 60, "h": 3600, "d": DAY_S}
    if text[-1:] in units and text[:-1].isdecimal():
        return time.time() - int(text[:-1]) * units[text[-1]]
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError):
        what = f"'{text}' is not a time"
        remedy = "write 2026-03-01T18:00:00+01:00, or 12h for so long ago"
        raise FencelineError(what, remedy) from None


def _check(wanted: Wanted) -> None:
    if (wanted.cert is None) != (wanted.key is None):
        raise FencelineError("--cert and --key go together", "give both or neither")
    if wanted.client_ca and not wanted.cert:
        raise FencelineError("--client-ca needs --cert and --key too", "give them")
    if wanted.store and wanted.nats:
        raise FencelineError("--store and --nats are two stores", "choose one")
    if not (wanted.client_ca or wanted.insecure or is_loopback(wanted.listen)):
        what = f"{wanted.listen} is reachable from other machines, and anybody could report there"
        remedy = (
            "give --cert, --key and --client-ca (`fenceline certs` makes them), listen on "
            "127.0.0.1, or say --insecure"
        )
        raise ListenError(what, remedy)


@contextmanager
def _store(wanted: Wanted) -> Iterator[Store | None]:
    with ExitStack() as stack:
        if wanted.store:
            archive = Archive(
                wanted.store,
                max_bytes=wanted.keep_mb * 2**20,
                max_age_s=wanted.keep_days * DAY_S,
            )
            stack.enter_context(archive)
            yield OnThread(archive)
        elif wanted.nats:
            yield _stream(wanted)
        else:
            yield None


def _stream(wanted: Wanted) -> Store:
    url = os.environ.get(NATS)
    if not url:
        raise FencelineError(f"{NATS} is not set", f"export {NATS}=nats://127.0.0.1:4222")
    try:
        from edge.serve.jetstream import JetStream  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise FencelineError("NATS needs the package nats-py", INSTALL) from error
    return JetStream(url, creds=wanted.nats_creds)


def _line(one: archive_read.Received) -> dict[str, object]:
    return {"received": round(one.time, 3), **to_json(one.event)}
