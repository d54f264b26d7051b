"""The command line: arguments, logging, exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import edge
from edge.errors import FencelineError, StreamError

# Commands import what they need when they run: `fenceline check` must not load a model runtime.
app = typer.Typer(
    name="fenceline",
    help="Perimeter video analytics: says that someone crossed the fence, never who.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
models = typer.Typer(help="Detection models: where they come from and whether they are intact.")
events = typer.Typer(help="Events of a running box.")
app.add_typer(models, name="models", no_args_is_help=True)
app.add_typer(events, name="events", no_args_is_help=True)

ConfigFile = Annotated[Path, typer.Argument(help="The site's YAML file.", metavar="SITE.YAML")]


def main() -> None:
    """Run a command; an error is one sentence on standard error and an exit code."""
    try:
        app()
    except FencelineError as error:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"error: {error}", style="red", markup=False)
        sys.exit(error.exit_code)


@app.command()
def run(
    config: ConfigFile,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    """Run the service until it is stopped with SIGTERM or Ctrl-C."""
    import structlog

    from edge.app import service
    from edge.config import load
    from edge.logs import configure
    from edge.stopping import on_hangup, stop_signals

    configure(verbose=verbose)
    wait_for_stop = stop_signals()
    log = structlog.get_logger()
    with service(load(config)) as running:
        status = running.box.status()
        on_hangup(running.reload)
        log.info(
            "running",
            box=status.box_id,
            model=status.model,
            provider=status.provider,
            precision=status.precision,
            grpc_port=running.grpc_port,
            http_port=running.http_port,
            cameras=len(status.cameras),
        )
        wait_for_stop()
        log.info("stopping")
    log.info("stopped")


@app.command()
def check(
    config: ConfigFile,
    *,
    capacity: Annotated[
        bool, typer.Option("--capacity", help="Measure how many cameras this box carries.")
    ] = False,
) -> None:
    """Say everything that is wrong with a configuration file."""
    from edge.config import read

    loaded, problems = read(config)
    for problem in problems:
        print(problem, file=sys.stderr)
    if loaded is None:
        raise typer.Exit(2)
    settings = loaded.settings
    rules = sum(len(camera.rules) for camera in settings.cameras)
    print(f"{config}: good; {len(settings.cameras)} cameras, {rules} rules, {loaded.revision}")
    if capacity:
        from edge.capacity import show

        show(settings)


@app.command()
def prepare() -> None:
    """Compile what is compiled on first use, so that the first start is a quick one."""
    from edge.track import Tracking

    print(f"tracker: {Tracking().prepare()}")


@app.command()
def demo(
    *,
    seconds: Annotated[float, typer.Option(help="How long to run.", min=5)] = 60.0,
    clip: Annotated[Path | None, typer.Option(help="The clip, where it can't be fetched.")] = None,
) -> None:
    """Run the service on a real video for a minute and show its alerts arriving over gRPC."""
    from edge.demo.run import run_demo

    raise typer.Exit(run_demo(seconds=seconds, clip=clip))


@app.command()
def replay(
    video: Annotated[Path, typer.Argument(help="A recording.")],
    *,
    config: Annotated[Path, typer.Option("--config", "-c", help="The site's YAML file.")],
    camera: Annotated[
        str | None, typer.Option(help="Whose rules; the first one's if left out.")
    ] = None,
    start: Annotated[float, typer.Option(help="Unix time of the recording's first frame.")] = 0.0,
) -> None:
    """Send a recording through one camera's rules as fast as it goes; events as JSON lines."""
    from edge.config import load
    from edge.events.codec import to_json
    from edge.replay import replay as events_of

    if not video.is_file():
        raise StreamError(f"{video}: no such file", "check the path")
    for event in events_of(load(config), video, camera=camera, start=start):
        print(json.dumps(to_json(event)), flush=True)


@app.command()
def track(  # noqa: PLR0913 - one parameter per option
    source: Annotated[
        Path, typer.Argument(help="A video, or detections: MOTChallenge's det.txt or folder.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="The file to write, in MOTChallenge's format.")],
    classes: Annotated[str, typer.Option(help="Which, with commas: person,car")] = "person",
    model: Annotated[str, typer.Option(help="Looks at the video.")] = "picodet-s-416",
    fps: Annotated[
        float | None,
        typer.Option(help="Video: most frames a second looked at. Detections: their frame rate."),
    ] = None,
    every: Annotated[int, typer.Option(help="Take each n-th frame only.", min=1)] = 1,
    scale: Annotated[float, typer.Option(help="Divide the detections' scores by this.")] = 1.0,
    least: Annotated[float, typer.Option(help="Leave out detections of a lower score.")] = 0.1,
) -> None:
    """Write the trajectories of a recording, or of its detections, to a file."""
    from edge import track_command

    names = tuple(name.strip() for name in classes.split(","))
    wanted = track_command.Wanted(names, model, fps, every, scale, least)
    print(track_command.track(source, out, wanted), file=sys.stderr)


@app.command()
def receive(
    *,
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on.")] = "127.0.0.1:50052",
    store: Annotated[
        Path | None, typer.Option(help="Keep what arrived in this JSON-lines file.")
    ] = None,
    cert: Annotated[Path | None, typer.Option(help="TLS certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="TLS key (PEM).")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(help="Boxes need a certificate signed by it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on standard output.")] = False,
) -> None:
    """A small command centre: take the events that boxes report and print them."""
    from edge.receive_command import receive_until_stopped

    receive_until_stopped(
        listen, store=store, cert=cert, key=key, client_ca=client_ca, as_json=as_json
    )


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration file."""
    from edge.config import schema as config_schema

    print(json.dumps(config_schema(), indent=2))


@app.command()
def version() -> None:
    """Print the version."""
    print(edge.__version__)


@events.command()
def tail(
    target: Annotated[str, typer.Argument(help="HOST:PORT of the box's gRPC.")] = "127.0.0.1:50051",
    *,
    consumer: Annotated[str, typer.Option(help="Durable consumer; what is printed is acked.")] = "",
    after: Annotated[
        int | None, typer.Option(help="Begin behind this sequence; 0: the oldest.")
    ] = None,
    ca: Annotated[Path | None, typer.Option(help="TLS: who signed the box's certificate.")] = None,
    cert: Annotated[Path | None, typer.Option(help="TLS: own certificate.")] = None,
    key: Annotated[Path | None, typer.Option(help="TLS: own key.")] = None,
) -> None:
    """Follow the events of a running box; JSON lines."""
    from edge.receive_command import tail_until_stopped

    tail_until_stopped(target, consumer=consumer, after=after, tls=(ca, cert, key))


@models.command("list")
def list_() -> None:
    """List the models and whether they are here."""
    from edge.detect.models import list_models

    table = Table("name", "family", "state", "licence", "path")
    for row in list_models():
        table.add_row(row.name, row.family, row.state, row.licence, str(row.path))
    Console().print(table)


@models.command()
def get(
    name: Annotated[str, typer.Argument(help="As listed by `models list`.")] = "picodet-s-416",
) -> None:
    """Make a model from public package registries and put it into the cache."""
    from edge.detect.models import get_model
    from edge.progress import progress_bar

    with progress_bar() as progress:
        path = get_model(name, progress=progress)
    print(path)


@models.command()
def add(
    path: Annotated[Path, typer.Argument(help="An ONNX file.")],
    *,
    name: Annotated[str | None, typer.Option(help="Name it; the file's name if left out.")] = None,
) -> None:
    """Add your own ONNX model after checking that a family fits it."""
    from edge.detect.manifest import find
    from edge.detect.models import add_model
    from edge.detect.onnx_file import inspect

    added = add_model(path, name=name)
    model, file = find(added.stem), inspect(added)
    print(added)
    print(f"family {model.family}, opset {file.opset}, {file.operators} operators")
    for kind, shapes in (("input", file.inputs), ("output", file.outputs)):
        for one, sizes in shapes.items():
            print(f"{kind} {one} {'x'.join('?' if size is None else str(size) for size in sizes)}")


@models.command()
def verify() -> None:
    """Check the bytes of every model in the cache; exit code 3 if one is damaged."""
    from edge.detect.models import verify_models

    rows = verify_models()
    for row in rows:
        print(f"{row.name}: {row.state}")
    if any(row.state == "damaged" for row in rows):
        raise typer.Exit(3)


if __name__ == "__main__":
    main()
