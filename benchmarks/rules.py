"""What do the rules of a camera cost, and how does that grow with the tracks?"""

from __future__ import annotations

import gc
import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import Cell, Column, Goal, Result
from benchmarks.ruled import Point, Settings, rules_of
from benchmarks.rules_crowd import FPS, HEIGHT, WIDTH, crowd
from benchmarks.rules_plain import ArrayLine, ArrayZone, Plain, PythonLine, PythonZone
from edge.rules import RULES
from edge.rules.view import View
from edge.track.paths import Paths

ROUNDS, FRAMES, WARM = 10, 300, 50
SEEDS = range(2)  # of the people and cars; the same in every round
COUNT = 10  # rules, and tracks where they are not said
CROWDS = (5, 10, 20, 40, 80)
MOST_US = 100.0
DWELL_S = 0.5
BY_TRACKS = [kind for kind in RULES if kind != "left_object"]  # which looks at the picture
LINES_AND_ZONES, MIXED = "5 tripwire, 5 zone", "of every kind in turn"
ARRAYS, NUMBERS = "plain, NumPy, each rule by itself", "plain, Python, each rule by itself"
ALL = ["person", "car"]
GROUND: Sequence[Settings] = (  # a flat yard of 40 x 30 m
    {"at": [0.0, 1.0], "metres": [0, 0]},
    {"at": [1.0, 1.0], "metres": [10, 0]},
    {"at": [0.8, 0.0], "metres": [25, 30]},
    {"at": [0.2, 0.0], "metres": [-15, 30]},
)
COLUMNS = (
    Column("rules", ["rules"]),
    Column("tracks", ["tracks"]),
    Column("us/frame", ["us"], digits=1),
    Column("median round", ["us_median"], digits=1),
    Column("least / most", ["us_least", "us_most"], digits=1),
    Column("us per rule", ["us_per_rule"], digits=2),
)
NOTES = (
    (
        "CPU microseconds of one thread (process_time) per camera frame, all that ten rules do "
        "with it, events included. The same {frames} frames are measured in each of {rounds} "
        "round(s); of a frame the least counts: others on the machine make the same work cost "
        "more, and never less. The rounds as they were, each the mean of its frames, are beside "
        "it; ratios are medians of those within a round. Tracking, paths and pictures are not in "
        "it, nor left_object, which looks at the picture once a second."
    ),
    (
        "Rules as the service makes them of a configuration, with merging; people and cars (a "
        "third) that walk about in a calibrated picture at 10 frames a second, all in every rule's "
        "classes."
    ),
    (
        "plain: the same five lines and five polygons, each rule over the foot points by itself, "
        "without a confirmed side, filters, facts or events; in arrays, and in plain numbers."
    ),
    "Growth: exponent of a line through the logarithms; 1 is linear.",
)
Update = Callable[[View], Iterable[object]]
Costs: TypeAlias = NDArray[np.float64]  # microseconds, shape (rounds, frames)


def line(number: int) -> tuple[Point, Point]:
    """One of ten lines across the picture."""
    x = (number % COUNT + 1) / (COUNT + 1)
    return (x, 0.0), (x, 1.0)


def polygon(number: int) -> Sequence[Point]:
    """One of ten polygons that overlap, each of a quarter of the picture."""
    x = 0.75 * (number % COUNT) / (COUNT - 1)
    return (x, 0.0), (x + 0.25, 0.0), (x + 0.25, 1.0), (x, 1.0)


# What each kind of rule is told, by the number of the rule; there is one for all in the table.
OPTIONS: Mapping[str, Callable[[int], Settings]] = {
    "tripwire": lambda n: {"line": line(n), "classes": ALL},
    "zone": lambda n: {"polygon": polygon(n), "dwell_s": DWELL_S, "classes": ALL},
    "loitering": lambda n: {"polygon": polygon(n), "dwell_s": 5.0, "classes": ALL},
    "sequence": lambda n: {
        "steps": [{"polygon": polygon(n)}, {"line": line(n)}, {"polygon": polygon(n + 5)}],
        "classes": ALL,
    },
    "wrong_way": lambda n: {
        "polygon": polygon(n),
        "course": [(0.2, 0.5), (0.8, 0.5)],
        "classes": ALL,
    },
    "stopped": lambda n: {"polygon": polygon(n), "after_s": 5.0, "classes": ALL},
    "left_object": lambda n: {"polygon": polygon(n)},
    "occupancy": lambda n: {"polygon": polygon(n), "most": 2, "classes": ALL},
    "exclusion": lambda n: {"polygon": polygon(n), "distance_m": 3.0},
    "tailgating": lambda n: {"line": line(n), "classes": ALL},
    "manual": lambda _: {},
    "input": lambda _: {"input": "gate"},
}


def run(*, quick: bool = False) -> Result:
    """Ten rules of each kind, of all kinds, and plain ones."""
    rounds, frames = (1, FRAMES // 5) if quick else (ROUNDS, FRAMES)
    said = {"rounds": rounds, "frames": frames * len(SEEDS)}
    result = Result(
        "rules",
        "What do ten rules of a camera cost, and how does that grow with the tracks?",
        COLUMNS,
        parameters={"picture": f"{WIDTH}x{HEIGHT}", "fps": FPS, **said},
        notes=[note.format(**said) for note in NOTES],
    )
    costs = measured(cases(), rounds=rounds, frames=frames)
    result.rows += rows(costs)
    _compare(costs, result)
    return result


def cases() -> dict[tuple[str, int], Callable[[], list[Update]]]:
    """What is measured, with how many tracks: each makes its rules anew."""
    kinds = {f"{COUNT} {kind}": [kind] for kind in BY_TRACKS}
    sets = {**kinds, LINES_AND_ZONES: ["tripwire", "zone"], MIXED: BY_TRACKS}
    found: dict[tuple[str, int], Callable[[], list[Update]]] = {
        (name, COUNT): partial(made, some) for name, some in sets.items()
    }
    found |= {(MIXED, count): partial(made, BY_TRACKS) for count in CROWDS}
    found[ARRAYS, COUNT] = partial(_plain, ArrayLine, ArrayZone)
    found[NUMBERS, COUNT] = partial(_plain, PythonLine, PythonZone)
    return found


def made(kinds: Sequence[str]) -> list[Update]:
    """Ten rules of these kinds, in turn."""
    turns = zip(range(COUNT), itertools.cycle(kinds), strict=False)
    settings = [{"type": kind, "name": f"rule{n}", **OPTIONS[kind](n)} for n, kind in turns]
    rules, _ = rules_of(settings, GROUND)
    return [rule.update for rule in rules]


def measured(
    wanted: Mapping[tuple[str, int], Callable[[], Sequence[Update]]], *, rounds: int, frames: int
) -> dict[tuple[str, int], Costs]:
    """Microseconds by case, shape (rounds, frames); all take turns within a round."""
    costs: dict[tuple[str, int], list[list[float]]] = {case: [] for case in wanted}
    for _ in range(rounds):
        for case, make in wanted.items():
            some = (costs_us(make(), case[1], frames=frames, seed=seed) for seed in SEEDS)
            costs[case].append([*itertools.chain.from_iterable(some)])
    return {case: np.array(some) for case, some in costs.items()}


def costs_us(updates: Sequence[Update], tracks: int, *, frames: int, seed: int) -> Iterator[float]:
    """Of each of one camera's frames, once warm."""
    _, ground = rules_of([], GROUND)
    paths = Paths(ground)
    gc.collect()
    for index, (seen, frame) in enumerate(crowd(tracks, WARM + frames, seed=seed)):
        paths.update(seen, frame)
        began = time.process_time()
        view = View(seen, frame, motion=paths.motion, ground=ground)
        for update in updates:
            list(update(view))
        spent = time.process_time() - began
        if index >= WARM:
            yield 1e6 * spent
        paths.forget(seen.ended)


def quiet(costs: Costs) -> float:
    """What a frame costs where nobody else takes the machine's time: the least of all rounds."""
    return float(costs.min(axis=0).mean())


def rows(costs: Mapping[tuple[str, int], Costs]) -> list[dict[str, Cell]]:
    """One of each case."""
    return [
        {
            "rules": name,
            "tracks": tracks,
            "us": quiet(some),
            "us_median": float(np.median(some.mean(axis=1))),
            "us_least": float(some.mean(axis=1).min()),
            "us_most": float(some.mean(axis=1).max()),
            "us_per_rule": quiet(some) / COUNT,
        }
        for (name, tracks), some in costs.items()
    ]


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """With which power of the size the costs grow."""
    x, y = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    return statistics.linear_regression(x, y).slope


def _compare(costs: Mapping[tuple[str, int], Costs], result: Result) -> None:
    ours = costs[LINES_AND_ZONES, COUNT].mean(axis=1)
    for name in (ARRAYS, NUMBERS):
        ratio = float(np.median(ours / costs[name, COUNT].mean(axis=1)))
        result.ratios[f"{LINES_AND_ZONES}, to {name}"] = ratio
    mixed = [quiet(costs[MIXED, count]) for count in CROWDS]
    growth = exponent(CROWDS, mixed)
    result.ratios["80 tracks to 10"] = mixed[-1] / mixed[CROWDS.index(COUNT)]
    for (name, tracks), some in costs.items():
        if tracks == COUNT and not name.startswith("plain"):
            goal = f"us a frame, {COUNT} tracks, {name}"
            result.goals.append(Goal(goal, quiet(some), MOST_US, at_least=False))
    result.goals.append(Goal("growth with the tracks, exponent", growth, 1.0, at_least=False))


def _plain(lines: Callable[..., Plain], zones: Callable[..., Plain]) -> list[Update]:
    """The five lines and five zones of LINES_AND_ZONES."""
    numbers = range(0, COUNT, 2)
    some = [lines(line(n)) for n in numbers]
    others = [zones(polygon(n + 1), dwell_s=DWELL_S) for n in numbers]
    return [one.update for one in (*some, *others)]
