"""What `delivery` is to reach."""

from __future__ import annotations

from benchmarks.result import Goal, Result

LATENCY_MS, RATE, CATCH_UP_S, COST_US, GROWTH_MIB = 10.0, 5000.0, 20.0, 100.0, 8.0


def judge(result: Result, backlog: int) -> None:
    """Goals and ratios of what was measured; of fewer events than `backlog`, for so many."""

    def of(what: str, to: str) -> dict[str, float]:
        found = next(row for row in result.rows if (row["what"], row["to"]) == (what, to))
        return {key: value for key, value in found.items() if isinstance(value, int | float)}

    def below(name: str, value: float, goal: float) -> None:
        result.goals.append(Goal(name, value, goal, at_least=False))

    for way in ("pull", "push"):
        below(f"latency, {way}, p99 ms", of("latency", way)["ms_p99"], LATENCY_MS)
    for to in ("1 subscriber", "10 subscribers"):
        row = of("flood", to)
        result.goals.append(Goal(f"events/s to {to}", row["rate"], RATE))
        below(f"RSS grown by MiB, {to}", row["grown_mib"], GROWTH_MIB)
    scale = backlog / float(result.parameters["backlog"] or backlog)
    for to in ("a subscriber", "push", "push to fenceline receive"):
        below(
            f"catch-up of {backlog:,}, {to}, s", scale * of("catch-up", to)["seconds"], CATCH_UP_S
        )
    for what in ("cost", "cost in a burst"):
        cost_us = of(what, "journal")["cpu_us"] - of(what, "nothing")["cpu_us"]
        below(f"{what} on the analysis thread, CPU µs", cost_us, COST_US)
    result.ratios |= {
        "latency of pull to the naive publisher's, median": of("latency", "pull")["ms"]
        / of("latency", "naive publisher")["ms"],
        "elapsed on the analysis thread to committing there": of("cost", "journal")["us"]
        / of("cost", "committing there")["us"],
        "elapsed on the analysis thread to SQLite alone, in a burst": (
            of("cost in a burst", "journal")["us"] / of("cost in a burst", "SQLite alone")["us"]
        ),
    }
