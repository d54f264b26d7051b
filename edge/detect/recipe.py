"""Makes a model from public package registries, in an environment that is removed after."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from edge.detect.manifest import Model, cache, shipped
from edge.detect.session import sha256_of
from edge.errors import ModelError

Report = Callable[[str, int, int], None]
PACKAGE = "paddlelabel_ml==1.0.0"  # a wheel of 67 MB, Apache-2.0, that carries the checkpoint
WHEEL_SHA256 = "d3590ed527f3130536ec8cf2d1223f8cca18a320c9f98a109f2f93d9afd131bd"
PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
TIMEOUT_S = 900


def make(model: Model, *, report: Report) -> None:
    """Put the model into the cache; raises ModelError and leaves nothing half done."""
    with tempfile.TemporaryDirectory(dir=cache(), prefix=".making-") as name:
        folder = Path(name)
        python = _environment(model, folder, report)
        wheel = _download(model, folder, python, report)
        out = folder / "model.onnx"
        report("converting to ONNX", 0, 0)
        script = shipped() / "recipes" / f"{model.recipe}.py"
        size = [str(one) for one in model.size]
        _run(model, [str(python), str(script), str(wheel), str(out), *size], "converting")
        if (digest := sha256_of(out)) != model.sha256:
            raise ModelError(
                f"model '{model.name}' came out with the sha256 {digest}, not {model.sha256}",
                "remove the caches of pip and try again; report it if it stays so",
            )
        out.replace(model.path)


def _environment(model: Model, folder: Path, report: Report) -> Path:
    """A virtual environment with the converter, every package checked by its hash."""
    report("making the converter's environment", 0, 0)
    _run(model, [sys.executable, "-m", "venv", str(folder / "venv")], "making an environment")
    python = folder / "venv" / "bin" / "python"
    wanted = shipped() / "recipes" / f"{model.recipe}-requirements.txt"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run(model, [*pip, "--no-deps", "--require-hashes", "-r", str(wanted)], "installing it")
    return python


def _download(model: Model, folder: Path, python: Path, report: Report) -> Path:
    """The wheel that carries the checkpoint."""
    stage = f"downloading {PACKAGE}"
    command = [str(python), "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--progress-bar", "raw", "--dest", str(folder / "wheel"), PACKAGE]

    def heard(line: str) -> None:
        if found := PROGRESS.match(line):
            report(stage, int(found[1]), int(found[2]))

    report(stage, 0, 0)
    _run(model, command, stage, heard)
    wheel = next((folder / "wheel").glob("*.whl"))
    if (digest := sha256_of(wheel)) != WHEEL_SHA256:
        raise ModelError(
            f"{wheel.name} has the sha256 {digest}, not {WHEEL_SHA256}",
            "the registry gave another file; ask another one",
        )
    return wheel


def _run(
    model: Model, command: list[str], what: str, heard: Callable[[str], None] | None = None
) -> None:
    """Run a step; its last words go into the error."""
    said: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it was made with a pipe
        for line in process.stdout:
            said.append(line.strip())
            if heard:
                heard(line)
        code = process.wait(TIMEOUT_S)
    if code:
        errors = [line for line in said if "error" in line.lower()] or said or ["no reason given"]
        raise ModelError(
            f"model '{model.name}': {what} failed: {errors[-1][:300]}",
            "check the network and the proxy (pip's own settings are used), or bring the file "
            "from another machine with `fenceline models add FILE`",
        )
