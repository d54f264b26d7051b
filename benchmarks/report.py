"""What a benchmark says: a table, goals, and a JSON file that others can check."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parents[1]
PACKAGES = ("av", "numpy", "onnxruntime", "opencv-python-headless", "supervision", "trackeval")

Cell = str | float | int | None


class SkipBenchmark(Exception):  # noqa: N818 - it is not an error
    """The benchmark can't run here; says why."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that must hold: a value, what it is held against, and which way."""

    name: str
    value: float
    goal: float
    at_least: bool = True

    @property
    def held(self) -> bool:
        """Whether it is met."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal


@dataclass(slots=True)
class Result:
    """One benchmark's outcome."""

    name: str
    question: str
    columns: Sequence[str]
    rows: list[list[Cell]] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)  # to the baseline of the same run
    goals: list[Goal] = field(default_factory=list)
    parameters: dict[str, Cell] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)  # what was left out, and why
    notes: list[str] = field(default_factory=list)


def data_folder() -> Path:
    """Where the public datasets are; raises SkipBenchmark."""
    folder = Path(os.environ.get("FENCELINE_DATA", ROOT / ".." / "shared" / "data"))
    if not folder.is_dir():
        raise SkipBenchmark(f"no datasets at {folder.name}; set FENCELINE_DATA to their folder")
    return folder


def save(result: Result, path: Path) -> None:
    """Write the JSON: machine, versions, date, metrics, ratios, goals."""
    goals = [asdict(goal) | {"held": goal.held} for goal in result.goals]
    document = {
        **asdict(result),
        "goals": goals,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": _revision(),
        "machine": _machine(),
        "versions": {"python": platform.python_version()} | _versions(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def show(result: Result) -> None:
    """Print table, goals and what was skipped."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(*result.columns, title=result.question)
    for row in result.rows:
        table.add_row(*(shown(cell) for cell in row))
    console.print(table)
    for note in result.notes:
        console.print(note, highlight=False)
    for what, why in result.skipped.items():
        console.print(f"skipped {what}: {why}", highlight=False)
    for goal in result.goals:
        sign, word = (">=" if goal.at_least else "<="), ("held" if goal.held else "MISSED")
        text = f"goal {goal.name}: {shown(goal.value)} {sign} {shown(goal.goal)}: {word}"
        console.print(text, highlight=False, style="" if goal.held else "bold red")


def shown(cell: Cell) -> str:
    """A cell as text."""
    if cell is None:
        return "-"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def markdown(document: dict[str, Any]) -> str:
    """A saved result as a Markdown table with its circumstances."""
    columns, rows = document["columns"], document["rows"]
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(shown(cell) for cell in row)} |" for row in rows]
    lines.append("")
    for goal in document["goals"]:
        sign = ">=" if goal["at_least"] else "<="
        word = "held" if goal["held"] else "missed"
        values = f"{shown(goal['value'])} {sign} {shown(goal['goal'])}"
        lines.append(f"- goal {goal['name']}: {values}: {word}")
    machine = document["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores"
    lines += ["", f"{where}, {document['date']}, revision {document['revision']}."]
    return "\n".join(lines)


def _machine() -> dict[str, Cell]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _versions() -> dict[str, str]:
    found = {}
    for package in ("fenceline", *PACKAGES):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _revision() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
