"""Are the alerts right, and what do they cost? The service against the script one writes first."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks import mot, script, service
from benchmarks.fleet import MODEL
from benchmarks.pets import DWELL_S, FPS, FRAMES, Pets, Run, load
from benchmarks.result import Cell, Column, Goal, Result, SkipBenchmark
from edge.detect.models import get_model
from edge.scoring import TOLERANCE_S, Happening, score

ROUNDS = 3
LEAST_F1 = {1: 0.97, 3: 0.95}  # of the lines, where one frame in so many is analysed
OURS, SCRIPT, SCRIPT_1 = "fenceline", "first script", "first script, 1 thread"
CAREFUL = "careful script, 1 thread"
PARAMETERS: dict[str, Cell] = {
    "model": MODEL,
    "frames": FRAMES,
    "fps": FPS,
    "tolerance_s": TOLERANCE_S,
    "zone_dwell_s": DWELL_S,
    "script_score": script.SCORE,
}
COLUMNS = (
    Column("path", ["path"]),
    Column("every", ["every"]),
    Column("CPU ms/frame", ["cpu_ms"], digits=1),
    Column("line P / R / F1", ["line_precision", "line_recall", "line_f1"]),
    Column("zone P / R / F1", ["zone_precision", "zone_recall", "zone_f1"]),
    Column("line delay s", ["line_delay_s", "line_delay_p95_s"], digits=2),
    Column("zone delay s", ["zone_delay_s", "zone_delay_p95_s"], digits=2),
    Column("HOTA / IDF1 / MOTA", ["hota", "idf1", "mota"], digits=1),
)
NOTES = (
    (
        "CPU: all threads (process_time), per frame of the clip, from decoding to the stored "
        "alert; median over {rounds} turn(s) of each, ratios too. `every` 3: one frame in three."
    ),
    (
        "An alert matches an event of its line and direction, or the start of a stay in its zone, "
        "by capture time within 1 s, one with one; stays under 5 frames count neither way."
    ),
    "Delays: median / 95th percentile from event to alert, on the video's clock.",
    "HOTA, IDF1, MOTA: tracks of people, on the frames that were analysed.",
    (
        "The careful script is the first one, but its lines look at the foot point and its zone "
        "waits {dwell_s} s as ours does by its setting; cost and tracks are the first one's."
    ),
)


@dataclass(slots=True)
class Contender:
    """One way from the clip to alerts, and its runs so far."""

    name: str
    run: Callable[..., Run]
    every: int = 1
    rounds: int = 1
    runs: list[Run] = field(default_factory=list)


def run(*, quick: bool = False) -> Result:
    """Every contender over the whole clip; those whose costs are compared, in several rounds."""
    rounds = 1 if quick else ROUNDS
    pets = load()
    result = Result(
        "alerts",
        "Are the alerts right, and what do they cost? PETS 2009 S2.L1",
        COLUMNS,
        parameters=PARAMETERS | {"rounds": rounds},
        notes=[note.format(rounds=rounds, dwell_s=DWELL_S) for note in NOTES],
    )
    compete(_contenders(rounds), pets, result)
    for row in result.rows:
        if row["path"] == OURS:
            every = int(row["every"] or 1)
            name = f"line F1, one frame in {every}"
            result.goals.append(Goal(name, float(row["line_f1"] or 0), LEAST_F1[every]))
    return result


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


def _contenders(rounds: int) -> list[Contender]:
    model = get_model(MODEL)
    one_thread = partial(script.run, model=model, threads=1)
    default = partial(script.run, model=model, threads=None)
    return [
        Contender(OURS, service.run, rounds=rounds),
        Contender(SCRIPT_1, one_thread, rounds=rounds),
        Contender(SCRIPT, default, rounds=rounds),
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
        "path": one.name,
        "every": one.every,
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
    """Precision, recall, F1, counts and delays of lines and of zones."""
    found: dict[str, Cell] = {}
    for kind, rules in (("line", pets.lines), ("zone", pets.zones)):
        one = score(
            [alert for alert in alerts if alert.rule in rules],
            [event for event in pets.events if event.rule in rules],
        )
        values = {
            "precision": one.precision,
            "recall": one.recall,
            "f1": one.f1,
            "hits": one.hits,
            "false": one.false,
            "missed": one.missed,
            "delay_s": one.delay(0.5),
            "delay_p95_s": one.delay(0.95),
        }
        found |= {f"{kind}_{name}": value for name, value in values.items()}
    return found


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
