"""`fenceline certs`: its arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Commands import what they need when they run: see `edge.__main__`.
app = typer.Typer(help="Certificates for trials, by a small private authority; tokens for HTTP.")

Folder = Annotated[Path, typer.Argument(help="Where the authority is kept.", metavar="FOLDER")]


@app.command()
def init(folder: Folder) -> None:
    """Make an authority: ca.pem, which everybody gets, and ca.key, which nobody gets."""
    from edge.authority import Authority

    made = Authority(folder).init()
    print(f"{made.cert}: give it to everybody; good until {made.until:%Y-%m-%d}")
    print(f"{made.key}: keep it here; whoever has it can be anybody")


@app.command()
def issue(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="A box's `box`, or any name of another party.")],
    *,
    host: Annotated[
        list[str] | None, typer.Option(help="Host name or address by which it is called.")
    ] = None,
    days: Annotated[int, typer.Option(help="Good for so long.", min=1, max=825)] = 397,
    renew: Annotated[
        bool, typer.Option("--renew", help="Replace its certificate; key and hosts stay.")
    ] = False,
) -> None:
    """Issue a certificate and its key to a box, a server or a client."""
    from edge.authority import Authority

    made = Authority(folder).issue(name, host or (), days=days, renew=renew)
    print(f"{made.cert}: good until {made.until:%Y-%m-%d}")
    print(f"{made.key}: only for {name}")


@app.command()
def token() -> None:
    """Make a token for HTTP: its holder gets the first line, serve.http.tokens the second."""
    from edge.tokens import new_token

    made = new_token()
    print(made.token)
    print(f'sha256: "{made.sha256}"')
