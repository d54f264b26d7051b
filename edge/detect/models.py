"""The model cache: what is there, making what is missing, adding one's own."""

from __future__ import annotations

import fcntl
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.detect.fitting import family_of
from edge.detect.manifest import Model, cache, find, models, remember
from edge.detect.onnx_file import inspect
from edge.detect.recipe import Report, make
from edge.detect.session import sha256_of
from edge.errors import ModelError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Row:
    """A model as `fenceline models list` shows it."""

    name: str
    family: str
    state: str  # ready, missing or damaged
    licence: str
    path: Path
    sha256: str  # as it should be


def list_models() -> list[Row]:
    """Every known model; a file's bytes are checked."""
    return [
        Row(one.name, one.family, _state(one), one.licence, one.path, one.sha256)
        for one in models().values()
    ]


def verify_models() -> list[Row]:
    """The models that should be intact: those that are in the cache."""
    return [row for row in list_models() if row.state != "missing"]


def get_model(name: str, *, progress: Report | None = None) -> Path:
    """The path of a model whose bytes are right, made first where it is missing or damaged.

    Raises ModelError, with what to do, where that is not possible.
    """
    model = find(name)
    if _state(model) == "ready":
        return model.path
    if model.recipe is None:
        raise ModelError(f"model '{name}' can't be made: it was added by hand", model.remedy)
    report = progress or _silent
    with _cache_held(report):
        if _state(model) != "ready":  # another process may have made it meanwhile
            make(model, report=report)
    return model.path


def add_model(path: Path, *, name: str | None = None) -> Path:
    """Copy a user's own ONNX file into the cache after checking that a family fits it.

    A file that is a shipped model, byte for byte, takes that model's place whatever its name;
    a file under the name of an own one replaces it. Nothing of it is run before it was inspected.
    Raises ModelError.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such file", "check the path")
    with (
        _cache_held(_silent),
        tempfile.TemporaryDirectory(dir=cache(), prefix=".adding-") as folder,
    ):
        copy = Path(folder) / path.name  # alone there: it can name no other file
        shutil.copyfile(path, copy)
        inspect(copy)
        return _take(copy, name or path.stem)


def checked(name: str) -> Model:
    """A model that is in the cache with the right bytes; raises ModelError."""
    model = find(name)
    if not model.path.is_file():
        raise ModelError(f"model '{name}' is not in the cache {cache()}", model.remedy)
    if (digest := sha256_of(model.path)) != model.sha256:
        raise ModelError(
            f"model '{name}' is damaged: {model.path} has the sha256 {digest}, not {model.sha256}",
            model.remedy,
        )
    inspect(model.path)
    return model


def _take(part: Path, name: str) -> Path:
    """Give a file in the cache its place; what is checked is the copy, which no one changes."""
    digest = sha256_of(part)
    shipped = {one.sha256: one for one in models().values() if one.recipe}
    model = shipped.get(digest) or _own(part, name, digest)
    part.replace(model.path)
    if model.recipe is None:
        remember(model)
    return model.path


def _own(part: Path, name: str, digest: str) -> Model:
    taken = models().get(name)
    if taken is not None and taken.recipe:
        raise ModelError(
            f"the file is not the shipped model '{name}': it has the sha256 {digest}, "
            f"not {taken.sha256}",
            "bring the right file, or give it another name with --name",
        )
    if not NAME.fullmatch(name):
        raise ModelError(
            f"'{name}' is no name for a model",
            "use --name with letters, digits, '-', '_' and '.', beginning with a letter or digit",
        )
    return Model(name, family_of(part), digest, "the user's own")


def _state(model: Model) -> str:
    if not model.path.is_file():
        return "missing"
    return "ready" if sha256_of(model.path) == model.sha256 else "damaged"


@contextmanager
def _cache_held(report: Report) -> Iterator[None]:
    """Nobody else writes the cache meanwhile; raises ModelError where it can't be written."""
    try:
        cache().mkdir(parents=True, exist_ok=True)
        with (cache() / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                report("waiting for another command that writes the model cache", 0, 0)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise ModelError(
            f"the model cache {cache()} can't be written: {error.strerror or error}",
            "make room or give rights there, or name another folder with FENCELINE_CACHE",
        ) from None


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report to nobody."""
