"""PETS from pictures to alerts: the service against the script one writes first, with costs."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks import mot, ours, script, service
from benchmarks.alerts_judged import judged
from benchmarks.fleet import MODEL
from benchmarks.pets import FPS, FRAMES, SEQUENCE, Pets, Run
from benchmarks.result import Cell, Goal, Result, SkipBenchmark
from edge.detect.models import get_model
from edge.scoring import Happening

OWN = "our detector"  # whose boxes; the scripts' is the same model
OURS, SCRIPT, SCRIPT_1 = ours.NAME, "first script", "first script, 1 thread"
CAREFUL = "careful script, 1 thread"


@dataclass(slots=True)
class Contender:
    """One way from the clip to alerts, and its runs so far."""

    name: str
    run: Callable[..., Run]
    every: int = 1
    rounds: int = 1
    runs: list[Run] = field(default_factory=list)


def compete(contenders: Sequence[Contender], pets: Pets, result: Result) -> None:
    """Run all in turns and put rows, ratios, goals and what was skipped into the result."""
    for turn in range(max(one.rounds for one in contenders)):
        for one in contenders:
            if turn < one.rounds:
                _run(one, pets, result)
    for one in contenders:
        if one.runs:
            result.rows += _rows(one, pets, result)
    _compare(contenders, result)


def contenders(rounds: int) -> list[Contender]:
    """Those whose costs are compared, so many times each, and those that skip frames."""
    model = get_model(MODEL)
    one_thread = partial(script.run, model=model, threads=1)
    default = partial(script.run, model=model, threads=None)
    return [
        Contender(OURS, service.run, rounds=rounds),
        Contender(SCRIPT_1, one_thread, rounds=rounds),
        Contender(SCRIPT, default, rounds=rounds),
        Contender(OURS, service.run, every=2),
        Contender(OURS, service.run, every=3),
        Contender(SCRIPT_1, one_thread, every=3),
    ]


def _run(one: Contender, pets: Pets, result: Result) -> None:
    try:
        one.runs.append(one.run(pets, every=one.every))
    except SkipBenchmark as reason:
        result.skipped[one.name] = str(reason)


def _rows(one: Contender, pets: Pets, result: Result) -> list[dict[str, Cell]]:
    """The contender's row; behind the script that is compared, its careful sister's."""
    costs = [run.cpu_ms for run in one.runs]
    row: dict[str, Cell] = {
        "data": SEQUENCE,
        "boxes": OWN,
        "path": one.name,
        "every": one.every,
        "fps": FPS / one.every,
        "cpu_ms": statistics.median(costs),
        "cpu_ms_least": min(costs),
        "cpu_ms_most": max(costs),
    }
    try:
        row |= mot.score(one.runs[0].tracks, pets.ground_truth, every=one.every)
    except SkipBenchmark as reason:
        result.skipped["HOTA, IDF1, MOTA"] = str(reason)
    rows = [row | scores(one.runs[0].alerts, pets)]
    if one.name == SCRIPT_1 and one.every == 1:
        alerts = script.careful(pets, one.runs[0].tracks)
        rows.append(row | {"path": CAREFUL} | scores(alerts, pets))
    return rows


def scores(alerts: Sequence[Happening], pets: Pets) -> dict[str, Cell]:
    """Of lines and of zones, see `Judged`."""
    hours = FRAMES / FPS / 3600
    return judged(alerts, pets.events, lines=pets.lines, zones=pets.zones, hours=hours).cells


def _compare(contenders: Sequence[Contender], result: Result) -> None:
    """Ratios and goals, where the scripts ran."""
    costs = {one.name: [run.cpu_ms for run in one.runs] for one in contenders if one.every == 1}
    if not all(costs.values()):
        return
    for path in (SCRIPT_1, SCRIPT):
        # Within a round both had the same neighbours on the machine.
        pairs = zip(costs[OURS], costs[path], strict=True)
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        result.ratios[f"CPU to the {path}"] = ratio
    row = {row["path"]: row for row in result.rows if row["every"] == 1}
    for path in (SCRIPT_1, CAREFUL):
        for kind in ("line", "zone"):
            ours, theirs = (float(row[name][f"{kind}_f1"] or 0) for name in (OURS, path))
            name = f"{kind} F1, no less than the {path.partition(',')[0]}'s"
            result.goals.append(Goal(name, ours, theirs))
    ratio = result.ratios[f"CPU to the {SCRIPT_1}"]
    result.goals.append(Goal(f"CPU to the {SCRIPT_1}", ratio, 1.0, at_least=False))
