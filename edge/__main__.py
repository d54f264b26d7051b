"""The command line: arguments, logging, exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import edge
from edge import cli_certs, cli_receive
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
app.add_typer(cli_receive.app, name="receive")
app.add_typer(cli_certs.app, name="certs", no_args_is_help=True)

ConfigFile = Annotated[Path, typer.Argument(help="The site's YAML file.", metavar="SITE.YAML")]
ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The site's YAML file.")]


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
    from edge.run_command import run_until_stopped

    run_until_stopped(config, verbose=verbose)


@app.command()
def check(
    config: ConfigFile,
    *,
    capacity: Annotated[
        bool, typer.Option("--capacity", help="Measure how many cameras this box carries.")
    ] = False,
) -> None:
    """Say everything that is wrong with a configuration file."""
    from edge.calibration import fit
    from edge.config import read

    loaded, problems = read(config)
    for problem in problems:
        print(problem, file=sys.stderr)
    if loaded is None:
        raise typer.Exit(2)
    settings = loaded.settings
    rules = sum(len(camera.rules) for camera in settings.cameras)
    print(f"{config}: good; {len(settings.cameras)} cameras, {rules} rules, {loaded.revision}")
    for told in filter(None, map(fit, settings.cameras)):
        print(told)
    if capacity:
        from edge.capacity import show

        show(settings)


@app.command()
def prepare() -> None:
    """Compile what is compiled on first use, so that the first start is a quick one."""
    from edge.rules.measures import measures
    from edge.track import Tracking

    print(f"tracker: {Tracking().prepare()}")
    print(f"rules: {measures().NAME}")


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
def replay(  # noqa: PLR0913 - one parameter per option
    video: Annotated[Path, typer.Argument(help="A recording.")],
    *,
    config: ConfigOption,
    camera: Annotated[
        str | None, typer.Option(help="Whose rules; the first one's if left out.")
    ] = None,
    start: Annotated[float, typer.Option(help="Unix time of the recording's first frame.")] = 0.0,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", help="An input that is active: NAME, or NAME@FROM-TO, seconds."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say in plain words why, and draw each alert.")
    ] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Explained: the pictures' folder. [default: explained]")
    ] = None,
    film: Annotated[
        Path | None, typer.Option("--video", help="Explained: a film of it all, .webm or .mp4.")
    ] = None,
) -> None:
    """Send a recording through one camera's rules as fast as it goes; events as JSON lines."""
    from edge.config import load
    from edge.replay import lines

    if not video.is_file():
        raise StreamError(f"{video}: no such file", "check the path")
    loaded = load(config)
    if explain or pictures or film:
        from edge.explain_command import Asked, explained

        asked = Asked(camera, start, pictures or Path("explained"), film, inputs or ())
        said = explained(loaded, video, asked)
    else:
        said = lines(loaded, video, camera=camera, start=start, inputs=inputs or ())
    for line in said:
        print(line, flush=True)


@app.command()
def tune(  # noqa: PLR0913 - one parameter per option
    rule: Annotated[str, typer.Argument(help="The rule's name.")],
    *,
    config: ConfigOption,
    clips: Annotated[Path, typer.Option(help="Labelled clips: a YAML file.")],
    tries: Annotated[
        list[str], typer.Option("--try", help="Values of a setting: settle_s=0.2,0.3,0.5")
    ],
    holdout: Annotated[
        list[str] | None, typer.Option(help="A clip of the file to judge the best on, not to tune.")
    ] = None,
    tolerance: Annotated[float, typer.Option(help="Seconds that an alert may be off.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Try values of a rule's settings on labelled clips; the best first."""
    from edge import tune_command

    asked = tune_command.Asked(rule, tuple(tries), tuple(holdout or ()), tolerance)
    tune_command.tune(config, clips, asked, as_json=as_json)


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
    from edge.models_command import listed

    Console().print(listed())


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
    from edge.models_command import added

    for line in added(path, name=name):
        print(line)


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
