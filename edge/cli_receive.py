"""`fenceline receive`: its arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

# Commands import what they need when they run: see `edge.__main__`.
app = typer.Typer(help="A gateway: take what boxes report, store it, acknowledge it, print it.")

Store = Annotated[Path, typer.Argument(help="The gateway's store.", metavar="STORE")]
Since = Annotated[str, typer.Option(help="Arrived from then on: ISO 8601, or 12h ago.")]
Until = Annotated[str, typer.Option(help="Arrived before: ISO 8601, or 30m ago.")]


@app.callback(invoke_without_command=True)
def receive(  # noqa: PLR0913 - one parameter per option
    context: typer.Context,
    *,
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on.")] = "127.0.0.1:50052",
    store: Annotated[
        Path | None, typer.Option(help="Keep what arrived in this file; without, nothing is kept.")
    ] = None,
    keep_days: Annotated[float, typer.Option(help="Forget it after so long.", min=0.01)] = 3.0,
    keep_mb: Annotated[int, typer.Option(help="Keep at most so much.", min=1)] = 1024,
    nats: Annotated[
        bool, typer.Option("--nats", help="Store in NATS JetStream, at the URL in FENCELINE_NATS.")
    ] = False,
    nats_creds: Annotated[Path | None, typer.Option(help="NATS: file of credentials.")] = None,
    cert: Annotated[Path | None, typer.Option(help="TLS certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="TLS key (PEM).")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(help="Boxes need a certificate of their name, signed by it.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen beyond this machine, to whoever comes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no events.")] = False,
) -> None:
    """Take what boxes report: store it, acknowledge it, print it; until Ctrl-C or SIGTERM."""
    if context.invoked_subcommand is not None:
        return
    from edge.gateway import Wanted, receive_until_stopped

    wanted = Wanted(
        listen=listen,
        store=store,
        keep_days=keep_days,
        keep_mb=keep_mb,
        nats=nats,
        nats_creds=nats_creds,
        cert=cert,
        key=key,
        client_ca=client_ca,
        insecure=insecure,
        as_json=as_json,
        quiet=quiet,
    )
    receive_until_stopped(wanted)


@app.command("list")
def list_(
    store: Store,
    *,
    box: Annotated[str | None, typer.Option(help="Of one box: its box_id.")] = None,
    since: Since = "",
    until: Until = "",
) -> None:
    """Print what a store has, as JSON lines in order of arrival; also while the gateway runs."""
    from edge.events.archive_read import ENDS
    from edge.gateway import listed, moment

    between = (moment(since) if since else 0.0, moment(until) if until else ENDS)
    for line in listed(store, box_id=box, since=between[0], until=between[1]):
        print(line)


@app.command()
def boxes(store: Store) -> None:
    """List the boxes that have reported, how far each is, and when it was last heard."""
    from edge.gateway import boxes as table

    Console().print(table(store))
