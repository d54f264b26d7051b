"""Live cameras, as many as give the load wanted: how stale, who suffers, what is said."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping

import numpy as np

from benchmarks.bench import RATE, Bench
from benchmarks.fleet import Fleet
from benchmarks.machine import held
from benchmarks.result import Cell, Goal, Result

LOADS = (0.8, 2.0)
LIVE_S = 25.0
SETTLE_S = 6.0  # of it, before anything is looked at
LOOK_S = 0.05


def measure(bench: Bench, cost_ms: float) -> None:
    """Live cameras on the one core that analyses: the most within a load, the fewest beyond it."""
    for share in LOADS:
        carried = share * 1000 / cost_ms / RATE
        count = max(2, math.floor(carried) if share < 1 else math.ceil(carried))
        row = _running(bench, count)
        bench.result.rows.append({"what": f"live, {share:.0%}", "cameras": count, **row})
        _goals(bench.result, share, row)


def _running(bench: Bench, count: int) -> dict[str, Cell]:
    seconds = LIVE_S / 2 if bench.quick else LIVE_S
    sources = bench.simulated(count, live=True, pictures=int(seconds * RATE) + 1)
    red = {f"c{number}" for number in range(0, count, 4)}
    with bench.running(sources, lambda name: "red" if name in red else "blue") as cameras:
        return _watched(cameras, red, seconds)


def _goals(result: Result, load: float, row: Mapping[str, Cell]) -> None:
    values = {key: float(value) for key, value in row.items() if isinstance(value, int | float)}
    if load < 1:
        stale = values["stale_p95"]
        result.goals.append(Goal(f"staleness p95 at {load:.0%}", stale, 0.25, at_least=False))
        return
    name = f"at {load:.0%}"
    result.goals += [
        Goal(f"memory growth {name}, MiB", values["growth_mib"], 16.0, at_least=False),
        Goal(f"analysed fps of the worst camera {name}", values["least_fps"], 0.5),
        Goal(f"fps of red cameras to others {name}", values["red_fps"] / values["other_fps"], 1.0),
        Goal(f"says that it is degraded {name}", float(row["degraded"] == "overloaded"), 1.0),
    ]


def _watched(cameras: Fleet, red: set[str], seconds: float) -> dict[str, Cell]:
    """Look at running cameras for a while."""
    time.sleep(SETTLE_S)
    names = list(cameras.cameras)
    before = {name: cameras.analysed(name) for name in names}
    began, memory = time.monotonic(), held()[0]
    stale, loads, said = [], [], ""
    while time.monotonic() - began < seconds - SETTLE_S - 1:
        stale += [age for name in names if (age := cameras.analysis.staleness_s(name)) is not None]
        loads.append(cameras.analysis.load)
        said = said or " ".join(cameras.analysis.degraded)
        time.sleep(LOOK_S)
    passed = time.monotonic() - began
    fps = {name: (cameras.analysed(name) - before[name]) / passed for name in names}
    others = [rate for name, rate in fps.items() if name not in red]
    return {
        "load": statistics.mean(loads),
        "stale_p50": float(np.percentile(stale, 50)),
        "stale_p95": float(np.percentile(stale, 95)),
        "stale_most": max(stale),
        "red_fps": statistics.mean(fps[name] for name in red),
        "other_fps": statistics.mean(others),
        "least_fps": min(fps.values()),
        "growth_mib": held()[0] - memory,
        "degraded": said or "no",
    }
