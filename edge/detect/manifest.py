"""Which models there are: the product's manifest, and the user's own beside the cache."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_dir

from edge.errors import ModelError

DEFAULT = "picodet-s-416"


@dataclass(frozen=True, slots=True)
class Model:
    """One row of a manifest."""

    name: str
    family: str
    sha256: str  # of the ONNX file
    licence: str
    about: str = ""
    recipe: str = ""  # how to make it; empty for a user's own
    size: tuple[int, int] = (0, 0)  # width and height of the input, for the recipe

    @property
    def path(self) -> Path:
        """Where it is in the cache, once it is there."""
        return cache() / f"{self.name}.onnx"


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
    """Every known model by name; a user's own can't take a shipped name."""
    own = cache() / "manifest.toml"
    rows = _rows(own) if own.is_file() else []
    return {row.name: row for row in [*rows, *_rows(shipped() / "manifest.toml")]}


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
    own = cache() / "manifest.toml"
    rows = {row.name: row for row in (_rows(own) if own.is_file() else [])} | {model.name: model}
    text = "".join(
        f'[[model]]\nname = "{row.name}"\nfamily = "{row.family}"\nsha256 = "{row.sha256}"\n'
        f'licence = "{row.licence}"\n\n'
        for row in rows.values()
    )
    part = own.with_suffix(".part")
    part.write_text(text)
    part.replace(own)


def _rows(path: Path) -> list[Model]:
    try:
        rows = tomllib.loads(path.read_text())["model"]
        return [Model(**{**row, "size": tuple(row.get("size", (0, 0)))}) for row in rows]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ModelError(
            f"the manifest {path} can't be read: {error}", "remove it, or repair it"
        ) from None
