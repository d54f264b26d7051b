"""Which models there are: the product's manifest, and the user's own beside the cache."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_cache_dir

from edge.errors import ModelError


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a shipped model is made from a package of a public registry."""

    name: str
    source: str  # the package, pinned: a wheel that carries the checkpoint
    source_sha256: str  # of the wheel
    pythons: tuple[str, ...]  # versions the converter has wheels for, best first

    @property
    def script(self) -> Path:
        """Called with the wheel, the file to write, width and height."""
        return shipped() / "recipes" / f"{self.name}.py"

    @property
    def requirements(self) -> Path:
        """What the script needs, every package with its hashes."""
        return shipped() / "recipes" / f"{self.name}-requirements.txt"

    @property
    def has_progress(self) -> bool:
        """Whether the requirements bring a pip of their own: Python's may be too old to tell."""
        return "\npip==" in self.requirements.read_text()


@dataclass(frozen=True, slots=True)
class Model:
    """One row of a manifest."""

    name: str
    family: str
    sha256: str  # of the ONNX file
    licence: str
    classes: str = "coco-80"
    about: str = ""
    recipe: Recipe | None = None  # None: a user's own, which can't be made
    size: tuple[int, int] = (0, 0)  # width and height of the input, for the recipe

    @property
    def path(self) -> Path:
        """Where it is in the cache, once it is there."""
        return cache() / f"{self.name}.onnx"

    @property
    def remedy(self) -> str:
        """What brings the right file."""
        if self.recipe:
            return f"make it with `fenceline models get {self.name}`"
        return f"bring it again with `fenceline models add FILE --name {self.name}`"


def cache() -> Path:
    """The user's folder for models; FENCELINE_CACHE moves it."""
    root = os.environ.get("FENCELINE_CACHE") or user_cache_dir("fenceline")
    return Path(root) / "models"


def shipped() -> Path:
    """The folder with the manifest and the recipes, in a source checkout or an installed wheel."""
    package = Path(__file__).parents[1]
    installed = package / "assets" / "models"
    return installed if installed.is_dir() else package.parent / "models"


def models() -> dict[str, Model]:
    """Every known model by name, shipped ones first; a user's own can't take a shipped name."""
    known = _read(shipped() / "manifest.toml")
    return known | {name: one for name, one in _own().items() if name not in known}


def find(name: str) -> Model:
    """One model; raises ModelError."""
    known = models()
    if name not in known:
        raise ModelError(
            f"no model is named '{name}'",
            f"choose from {', '.join(known)}, or bring one with `fenceline models add FILE`",
        )
    return known[name]


def remember(model: Model) -> None:
    """Write a user's own model into the user's manifest."""
    rows = _own() | {model.name: model}
    text = "".join(
        f'[[model]]\nname = "{row.name}"\nfamily = "{row.family}"\nclasses = "{row.classes}"\n'
        f'licence = "{row.licence}"\nsha256 = "{row.sha256}"\n\n'
        for row in rows.values()
    )
    part = _own_path().with_name(".manifest.part")
    part.write_text(text)
    part.replace(_own_path())


def _own_path() -> Path:
    return cache() / "manifest.toml"


def _own() -> dict[str, Model]:
    return _read(_own_path()) if _own_path().is_file() else {}


def _read(path: Path) -> dict[str, Model]:
    try:
        content = tomllib.loads(path.read_text())
        recipes = {
            name: Recipe(name, **{**row, "pythons": tuple(row["pythons"])})
            for name, row in content.get("recipes", {}).items()
        }
        rows = [_model(row, recipes) for row in content["model"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the manifest {path} can't be read: {error!r}", "remove it, or repair it"
        ) from None
    return {row.name: row for row in rows}


def _model(row: Mapping[str, Any], recipes: Mapping[str, Recipe]) -> Model:
    made: dict[str, Any] = {}
    if "recipe" in row:
        made = {"recipe": recipes[row["recipe"]], "size": tuple(row["size"])}
    return Model(**{**row, **made})
