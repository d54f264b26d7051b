"""`fenceline receive` and `fenceline events tail`: events at the far end, as lines to read."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from edge.events.codec import to_json
from edge.rpc import event_pb2 as pb
from edge.serve.client import subscribe

COLOURS = {"blue": "blue", "yellow": "yellow", "red": "bold red"}


def printer(*, as_json: bool) -> Callable[[pb.Event], None]:
    """What prints an event, as JSON or for people."""
    console = Console(highlight=False, soft_wrap=True)

    def show(event: pb.Event) -> None:
        if as_json:
            line = {"received": round(time.time(), 3), **to_json(event)}
            print(json.dumps(line), flush=True)  # noqa: T201 - this is the command's output
        else:
            console.print(line_of(event))

    return show


def tail_until_stopped(
    target: str,
    *,
    consumer: str,
    after: int | None,
    tls: tuple[Path | None, Path | None, Path | None],
) -> None:
    """Print a box's events as JSON lines until Ctrl-C; raises SinkError where it can't connect."""
    ca, cert, key = tls
    with contextlib.suppress(KeyboardInterrupt):
        for answer in subscribe(target, consumer=consumer, after=after, ca=ca, cert=cert, key=key):
            kind = answer.WhichOneof("message")
            if kind == "event":
                print(json.dumps(to_json(answer.event)), flush=True)  # noqa: T201
            elif kind == "gap":
                gap = answer.gap
                missing = f"{gap.first_missing}..{gap.last_missing}"
                print(f"events {missing} are gone: past retention", file=sys.stderr)  # noqa: T201


def line_of(event: pb.Event) -> Text:
    """One event as one line: time, camera, rule, grade, what, how long a path, which picture."""
    fields = to_json(event)
    grade = str(fields["grade"])
    line = Text()
    line.append(f"{event.capture_time.ToDatetime():%H:%M:%S.%f}"[:12] + "  ", style="dim")
    line.append(f"{event.camera or 'box':<12} {event.rule:<12} ")
    line.append(f"{grade:<7}", style=COLOURS.get(grade, ""))
    line.append(f"{fields['state']:<8}{event.object.class_name or '-':<8}{_what(event):<22}")
    line.append(f"path {len(event.object.path):>2} pts  ")
    if event.HasField("evidence"):
        line.append(f"evidence {event.evidence.evidence_id}", style="dim")
    return line


def _what(event: pb.Event) -> str:
    if event.direction:
        way = pb.Direction.Name(event.direction).removeprefix("DIRECTION_").lower()
        return f"{event.reason} {way}"
    if event.HasField("dwell"):
        return f"{event.reason} {event.dwell.ToTimedelta().total_seconds():.1f} s"
    return event.reason
