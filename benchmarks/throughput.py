"""How many cameras does a core carry, and what happens when there are too many?"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks import overload, script
from benchmarks.bench import RATE, Bench
from benchmarks.clips import Kind, write_pictures, write_stream
from benchmarks.fleet import MODEL, default_detector, told
from benchmarks.pets import load
from benchmarks.result import Cell, Column, Goal, Result, SkipBenchmark
from benchmarks.scenes import sparse
from benchmarks.sources import Named
from edge.detect.models import get_model
from edge.stream import Source, source_for

ROUNDS, CAMERAS = 2, 8
SCRIPT_MS = 21.4  # of the first script with one thread, where the goals were set
BUSY_S, SPARSE_S = 6.0 / SCRIPT_MS, 3.0 / SCRIPT_MS  # goals, as parts of that
SCRIPT, SCRIPT_1 = "first script", "first script, 1 thread"
H264 = {"preset": "veryfast", "profile": "main", "sc_threshold": "0", "bf": "0"}
LARGE = {
    "1080p, 8 fps": (Kind("1080p8", "libx264", (1920, 1080), 2_000_000, H264 | {"g": "16"}), 1),
    "1080p, 25 fps": (Kind("1080p25", "libx264", (1920, 1080), 4_000_000, H264 | {"g": "50"}), 3),
}
COLUMNS = (
    Column("what", ["what"]),
    Column("cameras", ["cameras"]),
    Column("CPU ms/frame", ["cpu_ms"], digits=2),
    Column("of first script", ["ratio"], digits=3),
    Column("cameras/core at 8 fps", ["per_core"], digits=1),
    Column("load", ["load"], digits=2),
    Column("staleness s p50 / p95 / worst", ["stale_p50", "stale_p95", "stale_most"], digits=3),
    Column("analysed fps red / others", ["red_fps", "other_fps"], digits=2),
    Column("RSS MiB growth", ["growth_mib"], digits=1),
    Column("degraded", ["degraded"]),
)
NOTES = (
    (
        "CPU: all threads, per analysed frame, from decoding to the stored alert, clips of alerts "
        "left out; medians of {rounds} rounds, ratios within a round. Every camera plays its "
        "recording as fast as the analysis takes it."
    ),
    (
        "The goals were set on a machine where the first script took 21.4 ms per frame with one "
        "thread; they are held as parts of what it takes here, in the same run."
    ),
    (
        "1080p: PETS enlarged, with a sensor's noise; of 25 frames a second every third is "
        "analysed, all are decoded, and cameras per core count {rate} analysed frames a second."
    ),
    (
        "many cameras: pictures that are decoded already, as fast as they go. Live: the same "
        "pictures at {rate} a second, so many cameras that the load is the one wanted; staleness "
        "is the age of the newest analysed picture, seen every {look} s. One camera in four has "
        "rules of grade red, the others of grade blue."
    ),
)


def run(*, quick: bool = False) -> Result:
    """The clip, the sparse scene, large pictures, many cameras, and too many."""
    rounds, detector = 1 if quick else ROUNDS, default_detector()
    result = Result(
        "throughput",
        "How many cameras does a core carry, and what happens when there are too many?",
        COLUMNS,
        parameters=told(detector, rounds=rounds),
        notes=[note.format(rounds=rounds, rate=RATE, look=overload.LOOK_S) for note in NOTES],
    )
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(load(), detector, Path(name), result, rounds, quick)
        baseline = _recordings(bench)
        _large(bench, baseline)
        costs = _many(bench)
        overload.measure(bench, costs)
    return result


def _recordings(bench: Bench) -> float:
    """The clip and the sparse scene with eight cameras, against the scripts; the baseline's ms."""
    ways: dict[str, Callable[[], float]] = {
        "PETS": partial(_clip, bench),
        "sparse": partial(_sparse, bench),
        SCRIPT_1: partial(_script, bench, 1),
        SCRIPT: partial(_script, bench, None),
    }
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(bench.rounds):
        for name in [*ways][: len(ways) - bool(turn)]:  # the last one is slow, once is enough
            try:
                costs[name].append(ways[name]())
            except SkipBenchmark as reason:
                bench.result.skipped[name] = str(reason)
    for name, found in costs.items():
        if found:
            _row(bench.result, name, 1 if "script" in name else CAMERAS, found, costs)
    if not costs[SCRIPT_1]:
        return float("nan")
    for name, goal in (("PETS", BUSY_S), ("sparse", SPARSE_S)):
        ratio = _ratio(costs[name], costs[SCRIPT_1])
        bench.result.ratios[f"CPU to the {SCRIPT_1}, {name}"] = ratio
        goal_name = f"CPU per frame as part of the {SCRIPT_1}'s, {name}"
        bench.result.goals.append(Goal(goal_name, ratio, goal, at_least=False))
    scaled = 1000 / (_ratio(costs["PETS"], costs[SCRIPT_1]) * SCRIPT_MS) / RATE
    bench.result.goals.append(Goal(_per_core("768x576, PETS"), scaled, 20))
    return statistics.median(costs[SCRIPT_1])


def _per_core(what: str) -> str:
    return f"cameras per core, {what}, at the first script's {SCRIPT_MS} ms"


def _row(
    result: Result,
    what: str,
    cameras: int,
    found: Sequence[float],
    costs: Mapping[str, list[float]],
) -> None:
    cost = statistics.median(found)
    row: dict[str, Cell] = {
        "what": what,
        "cameras": cameras,
        "cpu_ms": cost,
        "per_core": 1000 / cost / RATE,
    }
    if costs.get(SCRIPT_1):
        row["ratio"] = _ratio(found, costs[SCRIPT_1])
    result.rows.append(row)


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=False))


def _script(bench: Bench, threads: int | None) -> float:
    return script.run(bench.pets, get_model(MODEL), threads=threads).cpu_ms


def _clip(bench: Bench) -> float:
    return _cost(bench, {f"c{number}": bench.clip() for number in range(CAMERAS)})


def _sparse(bench: Bench) -> float:
    paths = [bench.folder / f"sparse{number}.mp4" for number in range(CAMERAS)]
    if not paths[0].exists():
        for path, shot in zip(paths, sparse(quick=bench.quick).shots, strict=True):
            write_pictures((frame.image for frame in shot.frames), path, fps=10)
    sources = {
        path.stem: source_for(path.stem, str(path), realtime=False, start=0.0) for path in paths
    }
    return _cost(bench, sources)


def _cost(bench: Bench, sources: Mapping[str, Source]) -> float:
    """CPU milliseconds per analysed frame of recordings."""
    with bench.running(sources) as cameras:
        began = time.process_time()
        cameras.finish()
        spent = time.process_time() - began
        return 1000 * spent / sum(cameras.analysed(camera) for camera in sources)


def _large(bench: Bench, baseline: float) -> None:
    """Large pictures, few and many a second."""
    goals = {"1080p, 8 fps": 12, "1080p, 25 fps": 6}
    for name, (kind, every) in LARGE.items():
        path = bench.folder / f"{kind.name}.mp4"
        write_stream(kind, bench.pets.clip, path, pictures=60 if bench.quick else 300)
        found = []
        for _ in range(bench.rounds):
            sources: dict[str, Source] = {
                f"c{number}": Named(
                    f"c{number}",
                    source_for(f"c{number}", str(path), realtime=False, frame_rate=RATE * every),
                    every=every,
                )
                for number in range(CAMERAS)
            }
            found.append(_cost(bench, sources))
        cost = statistics.median(found)
        per_core = 1000 / cost / RATE
        bench.result.rows.append(
            {
                "what": name,
                "cameras": CAMERAS,
                "cpu_ms": cost,
                "ratio": cost / baseline,
                "per_core": per_core,
            }
        )
        scaled = per_core * baseline / SCRIPT_MS
        bench.result.goals.append(Goal(_per_core(name), scaled, goals[name]))


def _many(bench: Bench) -> float:
    """Cost per camera of 4 to 64; returns milliseconds per frame."""
    costs: dict[int, float] = {}
    for count in (4, 16) if bench.quick else (4, 16, 64):
        costs[count] = _cost(bench, bench.simulated(count, live=False, pictures=60))
        bench.result.rows.append(
            {
                "what": "many cameras",
                "cameras": count,
                "cpu_ms": costs[count],
                "per_core": 1000 / costs[count] / RATE,
            }
        )
    growth = costs[max(costs)] / costs[min(costs)]
    name = f"cost per frame with {max(costs)} cameras to that with {min(costs)}"
    bench.result.ratios[name] = growth
    bench.result.goals.append(Goal(name, growth, 1.1, at_least=False))
    return costs[max(costs)]
