"""Are the alerts right, and what do they cost? The service, a first script, another tracker."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence

from benchmarks import alerts_confidence, alerts_intel, courses, ours, ownpets, peers, script
from benchmarks.alerts_boxes import (
    OTHERS,
    SPOILT_FPS,
    Row,
    public_rows,
    spoilt_rows,
    true_rows,
)
from benchmarks.alerts_contenders import OWN, compete, contenders
from benchmarks.alerts_goals import PEER, goals
from benchmarks.alerts_replay import Follow, Guarded, peers_of
from benchmarks.alerts_replay import ours as our_tracks
from benchmarks.alerts_static import NAMES, about, of, static
from benchmarks.fleet import MODEL, default_detector
from benchmarks.pets import DWELL_S, FPS, FRAMES, SEQUENCE, load
from benchmarks.result import Cell, Column, Result, SkipBenchmark
from edge.scoring import TOLERANCE_S

ROUNDS = 3
PARAMETERS: dict[str, Cell] = {
    "model": MODEL,
    "frames": FRAMES,
    "fps": FPS,
    "tolerance_s": TOLERANCE_S,
    "zone_dwell_s": DWELL_S,
    "script_score": script.SCORE,
}
COLUMNS = (
    Column("data", ["data"]),
    Column("boxes", ["boxes"]),
    Column("path", ["path"]),
    Column("fps", ["fps"], digits=1),
    Column("line P / R / F1", ["line_precision", "line_recall", "line_f1"]),
    Column("zone P / R / F1", ["zone_precision", "zone_recall", "zone_f1"]),
    Column("line delay s", ["line_delay_s", "line_delay_p95_s"], digits=2),
    Column("zone delay s", ["zone_delay_s", "zone_delay_p95_s"], digits=2),
    Column("false/h", ["line_false_per_h", "zone_false_per_h"], digits=0),
    Column("F1 tuning", ["line_f1_tuning", "zone_f1_tuning"]),
    Column("F1 held out", ["line_f1_held_out", "zone_f1_held_out"]),
    Column("CPU ms", ["cpu_ms"], digits=1),
    Column("confidence AUC", ["line_auc", "zone_auc"], digits=2),
    Column(
        "false in its thirds",
        ["line_false_lowest", "line_false_highest", "zone_false_lowest", "zone_false_highest"],
        digits=2,
    ),
    Column("HOTA / IDF1 / MOTA", ["hota", "idf1", "mota"], digits=1),
)
NOTES = (
    (
        "CPU: all threads (process_time), per frame of the clip, from decoding to the stored "
        "alert; median over {rounds} turn(s) of each, ratios too. PETS has 7 frames a second: "
        "3.5 and 2.3 are one frame in two and in three."
    ),
    (
        "An alert matches an event of its line and direction, or the start of a stay in its zone, "
        "by capture time within 1 s, one with one; stays under 5 frames (0.71 s where there are "
        "more than 7 frames a second) count neither way, nor does what begins in a sequence's last "
        "second."
    ),
    "Delays: median / 95th percentile from event to alert, on the video's clock.",
    (
        "false/h: false alarms per camera hour, of all lines / all zones together. Most sequences "
        "are a few seconds of a crowd: read them against one another. F1 tuning, held out: lines "
        "/ zones."
    ),
    "HOTA, IDF1, MOTA: tracks of people, on the frames that were analysed.",
    (
        "The careful script is the first one, but its lines look at the foot point and its zone "
        "waits {dwell_s} s as ours does by its setting; cost and tracks are the first one's."
    ),
    (
        "Sequences: PETS with two lines and a zone of its own; the others with those of a grid, "
        "which nobody chose for what happens there: the six inner lines of 4 x 4 parts of the "
        "picture, the nine cells of 3 x 3. Events come from the annotated tracks by the "
        "definition of PETS's: foot point, first frame on the other side, first frame inside."
    ),
    (
        "Boxes: true, those that the events come from; public, SORT's Faster R-CNN (MOT15) and "
        "ByteTrack's YOLOX-x (MOT17, second halves). {others}: {names}, of which those that were "
        "recorded so fast, with about so many frames a second."
    ),
    (
        "tuning: {tuning}, on which settings may be chosen; held out: the others, which are "
        "reported only."
    ),
    (
        "{peer}: its tracks of the same boxes, defaults and the real frame rate, watched by our "
        "own rules."
    ),
    (
        "Spoilt boxes: part of the detections missed; each edge shaken by that part of the box's "
        "height (standard deviation); each track split, on average, after so long. {others} at "
        "about {spoilt_fps:g} frames a second."
    ),
    (
        "confidence AUC: how often a right alert is surer than a false one, lines / zones; 0.5 is "
        "chance. Beside it which part of the least sure third of the alerts is false, and of the "
        "surest: lines, then zones. Alerts of all clips in one pot; all levels: those of the "
        "spoilt boxes."
    ),
    (
        "Intel: persons and cars by hand labels; a visit wants one alert of the zone, which is all "
        "of the picture, and one of the line that it must cross, while it lasts."
    ),
)


def run(*, quick: bool = False) -> Result:
    """Everything from pictures to alerts and from boxes to alerts."""
    rounds = 1 if quick else ROUNDS
    result = Result(
        "alerts",
        "Are the alerts right, and what do they cost?",
        COLUMNS,
        parameters=PARAMETERS | {"rounds": rounds},
        notes=[note.format(**_said(rounds)) for note in NOTES],
    )
    compete(contenders(rounds), load(), result)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peers of their own deprecations
        _from_boxes(result, quick=quick)
    _add(result, "Intel", lambda: alerts_intel.rows(default_detector(), steps=_steps(quick=quick)))
    result.goals += goals(result.rows, whole=not quick)
    return result


def _from_boxes(result: Result, *, quick: bool) -> None:
    some = static(result, quick=quick)
    here, absent = peers.present({PEER: peers.PEERS[PEER]})
    result.skipped |= absent
    follow: dict[str, Follow] = {ours.NAME: our_tracks}
    follow |= {name: peers_of(make) for name, make in here.items()}
    result.rows += [*true_rows(some), *public_rows(some, follow)]
    result.rows += spoilt_rows([*_slow(some)], "public")
    own: list[Guarded] = []
    try:
        own = _own(some)
    except SkipBenchmark as reason:
        result.skipped[f"{SEQUENCE}, {OWN}"] = str(reason)
    else:
        result.rows += spoilt_rows(own, OWN)
    result.rows += alerts_confidence.rows(some, [*_slow(some)], own)


def _own(some: Sequence[Guarded]) -> list[Guarded]:
    """PETS as the service's own detector sees it."""
    (sequence,) = ownpets.course(1).sequences
    return [of(one, sequence) for one in some if one.sequence.name == SEQUENCE]


def _slow(some: Sequence[Guarded]) -> Iterable[Guarded]:
    return about([one for one in some if one.sequence.name != SEQUENCE], SPOILT_FPS)


def _steps(*, quick: bool) -> Sequence[int]:
    return alerts_intel.STEPS[-1:] if quick else alerts_intel.STEPS


def _add(result: Result, what: str, rows: Callable[[], Iterable[Row]]) -> None:
    try:
        result.rows += rows()
    except SkipBenchmark as reason:
        result.skipped[what] = str(reason)


def _said(rounds: int) -> dict[str, object]:
    return {
        "rounds": rounds,
        "dwell_s": DWELL_S,
        "others": OTHERS,
        "names": ", ".join(name for name in NAMES if name != SEQUENCE),
        "tuning": ", ".join(sorted(courses.TUNING & {*NAMES})),
        "peer": PEER,
        "spoilt_fps": SPOILT_FPS,
    }
