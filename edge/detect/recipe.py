"""Makes a model from public package registries, in an environment that is removed after."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from edge.detect.manifest import Model, Recipe, cache
from edge.detect.session import sha256_of
from edge.errors import ModelError

Report = Callable[[str, int, int], None]  # stage, done, total (0 where it is not known)
PROGRESS = re.compile(r"Progress (\d+) of (\d+)")  # pip's raw progress bar
STEP_TIMEOUT_S = 900.0
MAKING = ".making-"  # begins the name of a folder in the cache; what a killed run left, too
SAID_MOST = 300  # characters of a tool's words in an error


def make(model: Model, *, report: Report) -> None:
    """Put the model into the cache; raises ModelError and leaves nothing half done.

    The caller holds the cache. What comes in is checked by hash before it is used, and so is
    what comes out before it takes its name.
    """
    assert model.recipe is not None  # noqa: S101 - the caller looked
    for left in cache().glob(f"{MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        dir=cache(), prefix=MAKING, ignore_cleanup_errors=True
    ) as name:
        making = Making(model, model.recipe, Path(name), report)
        python = making.environment()
        wheel = making.download(python)
        making.convert(python, wheel).replace(model.path)


class Making:
    """One run of a recipe, in a folder of its own."""

    def __init__(self, model: Model, recipe: Recipe, folder: Path, report: Report) -> None:
        self._model, self._recipe, self._folder, self._report = model, recipe, folder, report

    def environment(self) -> Path:
        """The Python of a new virtual environment with the converter in it."""
        self._report("making the converter's environment", 0, 0)
        target = self._folder / "venv"
        self._run(
            "making the converter's environment",
            [_python(self._recipe), "-m", "venv", str(target)],
            f"install Python's venv module (Debian: apt-get install python3-venv), {self._bring()}",
        )
        python = target / "bin" / "python"
        self._report("installing the converter", 0, 0)
        self._pip(python, "installing the converter", "install", "--quiet", "--require-hashes",
                  "-r", str(self._recipe.requirements))  # fmt: skip
        return python

    def download(self, python: Path) -> Path:
        """The wheel that carries the checkpoint."""
        stage = f"downloading {self._recipe.source}"
        folder = self._folder / "wheel"
        self._report(stage, 0, 0)
        bar = "raw" if self._recipe.has_progress else "off"
        self._pip(python, stage, "download", "--progress-bar", bar, "--dest", str(folder),
                  self._recipe.source)  # fmt: skip
        (wheel,) = folder.glob("*.whl")
        if (digest := sha256_of(wheel)) != self._recipe.source_sha256:
            raise ModelError(
                f"{wheel.name} has the sha256 {digest}, not {self._recipe.source_sha256}",
                f"the registry gave another file: ask another registry, {self._bring()}",
            )
        return wheel

    def convert(self, python: Path, wheel: Path) -> Path:
        """The ONNX file, checked."""
        self._report("converting to ONNX", 0, 0)
        out = self._folder / "model.onnx"
        size = [str(side) for side in self._model.size]
        remedy = f"report it with this message, {self._bring()}"
        command = [str(python), str(self._recipe.script), str(wheel), str(out), *size]
        self._run("converting to ONNX", command, remedy)
        if (digest := sha256_of(out)) != self._model.sha256:
            raise ModelError(
                f"model '{self._model.name}' came out with the sha256 {digest}, "
                f"not {self._model.sha256}",
                remedy,
            )
        return out

    def _pip(self, python: Path, stage: str, verb: str, *arguments: str) -> None:
        remedy = f"check the network and the proxy (pip's own settings hold), {self._bring()}"
        pip = [str(python), "-m", "pip", verb, "--disable-pip-version-check", "--no-input"]
        self._run(stage, [*pip, "--no-deps", "--only-binary=:all:", *arguments], remedy)

    def _run(self, stage: str, command: Sequence[str], remedy: str) -> None:
        """Run a step; its last words go into the error."""
        said: list[str] = []
        with _started(command) as process:
            for line in process.stdout or ():
                if found := PROGRESS.match(line):
                    self._report(stage, int(found[1]), int(found[2]))
                elif line.strip():
                    said = [*said[-50:], line.strip()]
        if process.returncode:
            raise ModelError(
                f"model '{self._model.name}': {stage} failed: {_reason(said, process.returncode)}",
                remedy,
            )

    def _bring(self) -> str:
        return f"or bring the file with `fenceline models add FILE --name {self._model.name}`"


@contextmanager
def _started(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A process with its children: killed when it takes too long, or when we are interrupted."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=_environment(),
        start_new_session=True,
    ) as process:
        timer = threading.Timer(STEP_TIMEOUT_S, _kill, [process])
        timer.daemon = True
        timer.start()
        try:
            yield process
            process.wait()
        finally:
            timer.cancel()
            if process.poll() is None:
                _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):  # it ended by itself just now
        os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Ours, with pip's settings for the network, without what would let other packages in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PIP_USER": "0"}  # a virtual environment has no user folder


def _python(recipe: Recipe) -> str:
    """An interpreter that the converter has wheels for: ours, or another on this machine."""
    if "{}.{}".format(*sys.version_info) in recipe.pythons:
        return sys.executable
    for version in recipe.pythons:
        if found := shutil.which(f"python{version}"):
            return found
    raise ModelError(
        f"the converter runs on Python {' or '.join(recipe.pythons)}, and none is here",
        "install one, or bring the file with `fenceline models add FILE`",
    )


def _reason(said: Sequence[str], code: int) -> str:
    """The most telling of a tool's last lines."""
    if code == -signal.SIGKILL:
        return f"it was killed, or took longer than {STEP_TIMEOUT_S:.0f} s"
    errors = [line for line in said if line.lower().startswith("error")]
    errors = errors or [line for line in said if "error" in line.lower()] or list(said)
    return errors[-1][:SAID_MOST] if errors else f"exit code {code}, no reason given"
