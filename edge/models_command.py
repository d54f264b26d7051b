"""`fenceline models`: tables and lines about detection models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from edge.detect.manifest import find
from edge.detect.models import add_model, list_models
from edge.detect.onnx_file import inspect


def listed() -> Table:
    """The models, and whether they are here."""
    table = Table("name", "family", "state", "licence", "path")
    for row in list_models():
        table.add_row(row.name, row.family, row.state, row.licence, str(row.path))
    return table


def added(path: Path, *, name: str | None) -> Iterator[str]:
    """Add a model; yield where it is and what it is made of. Raises ModelError."""
    made = add_model(path, name=name)
    model, file = find(made.stem), inspect(made)
    yield str(made)
    yield f"family {model.family}, opset {file.opset}, {file.operators} operators"
    for kind, shapes in (("input", file.inputs), ("output", file.outputs)):
        for one, sizes in shapes.items():
            yield f"{kind} {one} {'x'.join('?' if size is None else str(size) for size in sizes)}"
