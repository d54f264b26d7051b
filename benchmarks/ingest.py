"""How soon is a camera's fault noticed, how soon is it back, and do other cameras notice?

The cases and cameras are those of `tests/contracts`; here they are timed, a few at once.
"""

from __future__ import annotations

import importlib
import math
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.result import Cell, Column, Goal, Result

# By name: tests carry no types.
cameras: Any = importlib.import_module("tests.cameras.camera")
gst: Any = importlib.import_module("tests.cameras.gst")
cases: Any = importlib.import_module("tests.contracts.cases")
trial: Any = importlib.import_module("tests.contracts.trial")
reconnects: Any = importlib.import_module("tests.contracts.reconnects")

RECONNECTS, QUICK_RECONNECTS = 300, 20
AT_ONCE, QUICK_AT_ONCE = 6, 12  # cases that run side by side: they mostly wait
ROUNDS = 3
PAUSE_S = 1.0  # the longest that a healthy camera may make
FIRST_FRAME_S = 0.5
GROWTH_MIB = 8.0  # of the process over all sessions; a leak of one decoder each is far more
COLUMNS = (
    Column("case", ["case"]),
    Column("transport", ["transport"]),
    Column("state", ["state"]),
    Column("as expected", ["expected"]),
    Column("noticed, s: median / most", ["notice_s", "notice_s_most"], digits=2),
    Column("back, s: median / most", ["recover_s", "recover_s_most"], digits=2),
    Column("allowed, s", ["allowed_s"], digits=2),
    Column("first frame, s", ["first_frame_s"], digits=2),
    Column("other camera's longest gap, s", ["other_gap_s"], digits=2),
)
NOTE = (
    "stall_s {stall:g}, frozen_s {frozen:g}; {rounds} round(s), {at_once} cases at once, beside "
    "one healthy camera. Noticed: from the fault to the state. Back: from the end of the fault "
    "to the first frame; allowed is the pause that had begun, and 1 s."
)
SESSIONS_NOTE = (
    "{times} sessions over {transport}, every second one broken by the camera: RSS {first:.1f} MiB "
    "after {early}, {last:.1f} MiB at the end, most {most:.1f}; open files {least} to {fds}."
)


def run(*, quick: bool = False) -> Result:
    """Run all cases against our camera, and GStreamer's where it is; then only reconnect."""
    rounds, at_once = (1, QUICK_AT_ONCE) if quick else (ROUNDS, AT_ONCE)
    times = QUICK_RECONNECTS if quick else RECONNECTS
    note = {"stall": cases.STALL_S, "frozen": cases.FROZEN_S, "rounds": rounds, "at_once": at_once}
    result = Result(
        "ingest",
        "How soon is a camera's fault noticed, and how soon is it back?",
        COLUMNS,
        parameters={"rounds": rounds, "at_once": at_once, "reconnects": times},
        notes=[NOTE.format(**note)],
    )
    if reason := gst.missing():
        result.skipped["GStreamer's server"] = reason
    with tempfile.TemporaryDirectory() as folder:
        for case, outcomes in played(Path(folder), rounds=rounds, at_once=at_once):
            result.rows.append(row(case, outcomes))
        judge(result)
        for transport in ("tcp", "udp"):
            hold(result, sessions(Path(folder), times, transport), transport)
    return result


def played(folder: Path, *, rounds: int, at_once: int) -> list[tuple[Any, list[Any]]]:
    """Each case that can run here, with its outcome in each round."""
    with trial.Cameras(folder) as servers:
        chosen = [case for case in cases.CASES if case.server in servers.servers]
        runs = [trial.run_all(chosen, servers, at_once=at_once) for _ in range(rounds)]
    return list(zip(chosen, map(list, zip(*runs, strict=True)), strict=True))


def row(case: Any, outcomes: Sequence[Any]) -> dict[str, Cell]:
    """One case over all rounds: medians, and the worst."""
    cells: dict[str, Cell] = {
        "case": case.name,
        "transport": case.transport,
        "server": case.server,
        "state": " / ".join(sorted({str(one.state) or "-" for one in outcomes})),
        "expected": "yes" if all(one.as_expected for one in outcomes) else "NO",
        "reason": outcomes[-1].reason or outcomes[-1].error,
        "other_gap_s": max(one.other_gap_s for one in outcomes),
    }
    for name in ("notice_s", "recover_s", "first_frame_s", "own_gap_s", "own_fps", "drift_s"):
        values = _values(outcomes, name)
        cells[name] = statistics.median(values) if values else None
        cells[f"{name}_most"] = max(values, default=None)
    cells["allowed_s"] = min(_values(outcomes, "allowed_s"), default=None)
    cells["late"] = sum(not one.in_time for one in outcomes)
    return cells


def judge(result: Result) -> None:
    """The goals of the cases."""
    rows = result.rows
    first = [
        float(row["first_frame_s"] or math.inf)
        for row in rows
        if str(row["case"]).startswith("plain")
    ]
    result.goals += [
        Goal(
            "cases that did not go as expected", _count(rows, "expected", "NO"), 0, at_least=False
        ),
        Goal("times that it was noticed or back late", _sum(rows, "late"), 0, at_least=False),
        Goal("other camera's longest gap, s", _most(rows, "other_gap_s"), PAUSE_S, at_least=False),
        Goal("first frame, s, median", statistics.median(first), FIRST_FRAME_S, at_least=False),
    ]


def sessions(folder: Path, times: int, transport: str) -> list[Any]:
    """What the process holds over so many sessions."""
    with cameras.ours(folder / "media.pickle") as camera:
        return list(reconnects.reconnect(camera, times, transport=transport))


def hold(result: Result, samples: Sequence[Any], transport: str) -> None:
    """Judge what stays behind of many sessions; the first few fill caches."""
    early, last = samples[1], samples[-1]
    fds = [sample.fds for sample in samples]
    result.notes = [
        *result.notes,
        SESSIONS_NOTE.format(
            times=last.sessions,
            transport=transport,
            early=early.sessions,
            first=early.rss_mib,
            last=last.rss_mib,
            most=max(sample.rss_mib for sample in samples),
            least=min(fds),
            fds=max(fds),
        ),
    ]
    grown = last.rss_mib - early.rss_mib
    what = f"{last.sessions} sessions over {transport}"
    result.goals += [
        Goal(f"{what}, RSS grown by MiB", grown, GROWTH_MIB, at_least=False),
        Goal(f"{what}, files left open", last.fds - early.fds, 0, at_least=False),
    ]


def _values(outcomes: Sequence[Any], name: str) -> list[float]:
    return [value for one in outcomes if (value := getattr(one, name)) is not None]


def _count(rows: Sequence[Any], key: str, value: str) -> float:
    return sum(row[key] == value for row in rows)


def _sum(rows: Sequence[Any], key: str) -> float:
    return sum(row[key] for row in rows)


def _most(rows: Sequence[Any], key: str) -> float:
    return max(float(row[key]) for row in rows)
