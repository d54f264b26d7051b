"""The model cache: what is there, making what is missing, adding one's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.detect.families import FAMILIES, fitting
from edge.detect.manifest import Model, cache, find, models, remember
from edge.detect.recipe import make
from edge.detect.session import Session, sha256_of
from edge.errors import ModelError

Report = Callable[[str, int, int], None]  # stage, done, total (0 where it is not known)
GET = "make it with `fenceline models get {}`"


@dataclass(frozen=True, slots=True)
class Row:
    """A model as `fenceline models list` shows it."""

    name: str
    family: str
    state: str  # ready, missing or damaged
    licence: str
    path: Path
    sha256: str


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
    if not model.recipe:
        raise ModelError(
            f"model '{name}' was added by hand and its file is {_state(model)}",
            f"bring it again with `fenceline models add FILE --name {name}`",
        )
    cache().mkdir(parents=True, exist_ok=True)
    make(model, report=progress or _silent)
    return model.path


def add_model(path: Path, *, name: str | None = None) -> Path:
    """Copy a user's own ONNX file into the cache after checking that a family fits it.

    A file that is a shipped model, byte for byte, takes that model's place. Raises ModelError.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such file", "check the path")
    digest = sha256_of(path)
    known = {one.sha256: one for one in models().values()}
    model = known.get(digest) or _own(path, name or path.stem, digest)
    cache().mkdir(parents=True, exist_ok=True)
    part = model.path.with_suffix(".part")
    shutil.copyfile(path, part)
    part.replace(model.path)
    if digest not in known:
        remember(model)
    return model.path


def checked(name: str) -> Model:
    """A model that is in the cache with the right bytes; raises ModelError."""
    model = find(name)
    if not model.path.is_file():
        raise ModelError(f"model '{name}' is not in the cache {cache()}", GET.format(name))
    digest = sha256_of(model.path)
    if digest != model.sha256:
        raise ModelError(
            f"model '{name}' has the sha256 {digest}, not {model.sha256}: it is damaged",
            GET.format(name),
        )
    return model


def _own(path: Path, name: str, digest: str) -> Model:
    taken = models().get(name)
    if taken is not None and taken.recipe:
        raise ModelError(f"the name '{name}' is taken by a shipped model", "choose another --name")
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise ModelError(f"'{name}' is no name for a model", "use letters, digits, '-', '_', '.'")
    family = fitting(Session(path, providers=("cpu",), threads=1))
    if family is None:
        raise ModelError(
            f"{path.name} fits no family ({', '.join(FAMILIES)})",
            "export it with the inputs and outputs that docs/ARCHITECTURE.md names",
        )
    return Model(name, family, digest, "the user's own")


def _state(model: Model) -> str:
    if not model.path.is_file():
        return "missing"
    return "ready" if sha256_of(model.path) == model.sha256 else "damaged"


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report to nobody."""
