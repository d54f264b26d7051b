"""What a benchmark found out: rows, ratios to a baseline, goals; and all of it as one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from benchmarks.machine import Machine, revision, versions

Cell = str | float | int | None
Row = Mapping[str, Cell]
Document = dict[str, Any]  # what the JSON file holds


class SkipBenchmark(Exception):  # noqa: N818 - it is not an error
    """A benchmark, or a part of one, can't run here; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: the values of these keys of a row, side by side."""

    title: str
    keys: Sequence[str]
    digits: int = 3


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that must hold: a value, what it is held against, and which way."""

    name: str
    value: float
    goal: float
    at_least: bool = True

    @property
    def held(self) -> bool:
        """Whether it is met; a value that is not a number never is."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal


@dataclass(slots=True)
class Result:
    """One benchmark's outcome. Rows hold every metric, also those that no column shows."""

    name: str
    question: str
    columns: Sequence[Column]
    parameters: Mapping[str, Cell] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)  # to the baseline of the same run
    goals: list[Goal] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)  # what was left out, and why
    notes: Sequence[str] = ()

    def document(self, machine: Machine) -> Document:
        """Everything, with where, when and on which revision it was measured."""
        return {
            "name": self.name,
            "question": self.question,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "revision": revision(),
            "machine": asdict(machine),
            "versions": versions(),
            "parameters": dict(self.parameters),
            "columns": [asdict(column) for column in self.columns],
            "metrics": [dict(row) for row in self.rows],
            "ratios": self.ratios,
            "goals": [asdict(goal) | {"held": goal.held} for goal in self.goals],
            "skipped": self.skipped,
            "notes": list(self.notes),
        }
