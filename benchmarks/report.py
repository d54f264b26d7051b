"""Results for people and files, all from the document: terminal, JSON, Markdown page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.result import Cell, Document


def save(document: Document, path: Path) -> None:
    """Write the JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.tmp")
    part.write_text(json.dumps(document, indent=2) + "\n")
    part.replace(path)


def show(document: Document, console: Console) -> None:
    """Print table, notes, ratios, what was skipped, and goals."""
    table = Table(title=document["question"], title_justify="left")
    for column in document["columns"]:
        table.add_column(column["title"])
    for row in document["metrics"]:
        table.add_row(*_cells(document, row))
    console.print(table)
    lines = [*document["notes"], *_ratios(document), *_skipped(document)]
    console.print("\n".join(lines), highlight=False, markup=False)
    for goal in document["goals"]:
        style = "" if goal["held"] else "bold red"
        console.print(_goal(goal), style=style, highlight=False, markup=False)


def markdown(document: Document) -> str:
    """The same as Markdown, with machine, date and revision."""
    titles = [column["title"] for column in document["columns"]]
    lines = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    lines += [f"| {' | '.join(_cells(document, row))} |" for row in document["metrics"]]
    said = [*document["notes"], *_ratios(document), *_skipped(document)]
    said += [_goal(goal) for goal in document["goals"]]
    lines += ["", *(f"- {line}" for line in said), "", _circumstances(document)]
    return "\n".join(lines)


def quoted(page: str, documents: list[Document]) -> str:
    """The page with each result between its markers, `<!-- NAME -->` and `<!-- end NAME -->`.

    Raises ValueError for a result that has no markers on the page.
    """
    for document in documents:
        name = document["name"]
        start, end = f"<!-- {name} -->", f"<!-- end {name} -->"
        block = f"{start}\n{markdown(document)}\n{end}"
        pattern = f"{re.escape(start)}.*?{re.escape(end)}"
        page, count = re.subn(pattern, block.replace("\\", r"\\"), page, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"{name}: the page has {count} blocks '{start} ... {end}', not one")
    return page


def shown(cell: Cell, digits: int = 3) -> str:
    """A value as text; a dash where there is none."""
    if cell is None:
        return "-"
    return f"{cell:.{digits}f}" if isinstance(cell, float) else str(cell)


def _cells(document: Document, row: dict[str, Cell]) -> list[str]:
    return [
        " / ".join(shown(row.get(key), column["digits"]) for key in column["keys"])
        for column in document["columns"]
    ]


def _ratios(document: Document) -> list[str]:
    return [f"ratio, {name}: {shown(value)}" for name, value in document["ratios"].items()]


def _skipped(document: Document) -> list[str]:
    return [f"skipped, {what}: {why}" for what, why in document["skipped"].items()]


def _goal(goal: dict[str, Any]) -> str:
    sign = ">=" if goal["at_least"] else "<="
    word = "held" if goal["held"] else "MISSED"
    return f"goal, {goal['name']}: {shown(goal['value'])} {sign} {shown(goal['goal'])}: {word}"


def _circumstances(document: Document) -> str:
    machine = document["machine"]
    return (
        f"{document['date'][:10]}, revision {document['revision']}, {machine['processor']}, "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, load {machine['load']} before "
        f"the start, Python {document['versions']['python']}."
    )
