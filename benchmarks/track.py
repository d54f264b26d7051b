"""Does the tracker keep people apart, at every frame rate, and what does it cost? MOTChallenge."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks import ablation, courses, ours, ownpets, peers, pets, walkers
from benchmarks.courses import Course
from benchmarks.mot import Judgement, Trails, combined, judge
from benchmarks.result import Cell, Column, Result, SkipBenchmark
from benchmarks.sequences import LEAST, MotSequence, thinned
from benchmarks.trackgoals import AT_ONCE, UPDATE, goals

ROUNDS = 5
AS_IT_IS = 0.0  # no rate: the frames that there are
RATES = {"full": 1000.0, "8": 8.0, "5": 5.0}  # frames a second, about; full: all there are
COLUMNS = (
    Column("data", ["data"]),
    Column("fps", ["fps"]),
    Column("tracker", ["tracker"]),
    Column("HOTA / AssA / DetA", ["hota", "assa", "deta"], digits=1),
    Column("IDF1 / MOTA", ["idf1", "mota"], digits=1),
    Column("IDSW / Frag", ["switches", "fragments"]),
    Column("tuning", ["hota_tuning", "idf1_tuning"], digits=1),
    Column("held out", ["hota_held_out", "idf1_held_out"], digits=1),
    Column("us at 5 / 20 / 60", ["us_5", "us_20", "us_60"], digits=0),
    Column("64 x 10", ["us_64x10"], digits=0),
)
NOTES = (
    (
        "MOT17: second halves with ByteTrack's YOLOX-x detections; MOT15 static: the sequences of "
        "cameras that stand still, with SORT's Faster R-CNN detections; scored by TrackEval, all "
        "sequences combined. fps 8 and 5: every n-th frame, about so many a second, scored on "
        "these. Every tracker starts cold and gets the detections of score {least} and more."
    ),
    (
        "true boxes: the annotated boxes of pedestrians as detections; what is wrong then is the "
        "tracker's own fault."
    ),
    (
        "{ours}: trajectories as delivered, with what is told of the time before an id was given; "
        "told at once: without that. tuning, held out: HOTA / IDF1 of {tuning}, on which settings "
        "may be chosen, and of the others, which nothing was chosen on."
    ),
    (
        "Peers: no appearance, no camera motion; their own defaults and the real frame rate. "
        "MOT17 settings: the thresholds of ByteTrack's authors. timestamps: with the time of each "
        "frame. norfair and motpy, which have no defaults for boxes: what did well of a few "
        "settings tried on this data (another motion model of motpy's: about 4 points better on "
        "MOT17, 3 to 9 worse on MOT15 static). Peers tell at once, without hindsight."
    ),
    (
        "us: CPU microseconds of all threads per camera frame, update only, with 5, 20 and 60 "
        "made-up people of one camera, and with 10 of each of 64 cameras in one call (ours) or "
        "one after the other; medians of {rounds} rounds, ratios within a round."
    ),
)
Follow = Callable[[MotSequence], Trails]


def run(*, quick: bool = False, data: Path | None = None) -> Result:
    """Every tracker over every course at every rate, and the clock; `data`: one's own sequences.

    Raises MotFileError for sequences that can't be read.
    """
    rounds = 1 if quick else ROUNDS
    said = {"least": LEAST, "ours": ours.NAME, "tuning": ", ".join(sorted(courses.TUNING))}
    result = Result(
        "track",
        "Does the tracker keep people apart, at every frame rate, and what does it cost?",
        COLUMNS,
        parameters={"rounds": rounds, "least_score": LEAST, "quick": int(quick)},
        notes=[note.format(rounds=rounds, **said) for note in NOTES],
    )
    known = [*courses.known(result, quick=quick)] if data is None else [courses.own(data)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peers of their own deprecations
        here, absent = peers.present(peers.PEERS | peers.VARIANTS)
        result.skipped |= absent
        _score(known, here, result)
        if data is None:
            _ablate(known, quick=quick, result=result)
            _own_pets(here, result)
            _time({name: make for name, make in here.items() if name in peers.PEERS}, result)
            result.goals += goals(result.rows, absolute=not quick)
    return result


def rows(
    course: Course, contenders: Mapping[str, Follow], rates: Mapping[str, float] = RATES
) -> Iterator[dict[str, Cell]]:
    """What each contender scores at each rate; raises SkipBenchmark without TrackEval."""
    for rate, fps in rates.items():
        sequences = [thinned(one, fps) if fps else one for one in course.sequences]
        truths = [sequence.truth for sequence in sequences]
        for name, follow in contenders.items():
            trails = {sequence.name: follow(sequence) for sequence in sequences}
            scores = _scores(judge(truths, trails))
            yield {"data": course.name, "fps": rate, "tracker": name, **scores}


def _score(known: Iterable[Course], here: Mapping[str, peers.Make], result: Result) -> None:
    try:
        for course in known:
            result.rows += rows(course, _contenders(here))
    except SkipBenchmark as reason:
        result.skipped["scores"] = str(reason)


def _contenders(here: Mapping[str, peers.Make]) -> dict[str, Follow]:
    return {
        ours.NAME: ours.trails,
        AT_ONCE: partial(ours.trails, late=False),
        **{name: partial(peers.trails, make=make) for name, make in here.items()},
    }


def _ablate(known: Iterable[Course], *, quick: bool, result: Result) -> None:
    """What each part is worth, on the detectors' boxes."""
    if "scores" in result.skipped or quick:
        return
    for course in known:
        if course.name != courses.TRUE:
            result.rows += rows(course, ablation.contenders())


def _own_pets(here: Mapping[str, peers.Make], result: Result) -> None:
    """PETS through the service's own detector."""
    for every in ownpets.NAMES:
        try:
            course = ownpets.course(every)
            result.rows += rows(course, _contenders(here), {f"{pets.FPS / every:.2g}": AS_IT_IS})
        except SkipBenchmark as reason:
            result.skipped[ownpets.NAMES[every]] = str(reason)


def _scores(judgements: Mapping[str, Judgement]) -> dict[str, Cell]:
    """Of all sequences; HOTA and IDF1 also of those for tuning, and of the others alone."""
    scores: dict[str, Cell] = {**combined(judgements)}
    tuning = {name: one for name, one in judgements.items() if name in courses.TUNING}
    held_out = {name: one for name, one in judgements.items() if name not in tuning}
    for part, some in (("tuning", tuning), ("held_out", held_out)):
        found = combined(some) if some else {}
        scores |= {f"{key}_{part}": found.get(key) for key in ("hota", "idf1")}
    return scores


def _time(here: Mapping[str, peers.Make], result: Result) -> None:
    """The costs of an update and their ratios to the fastest peer's."""
    contenders: dict[str, Callable[[int], walkers.Cameras]] = {
        ours.NAME: ours.Cameras,
        **{name: partial(peers.Cameras, make=make) for name, make in here.items()},
    }
    costs = walkers.timed(contenders, rounds=int(result.parameters["rounds"] or 1))
    for name, one in costs.items():
        result.rows.append({"data": UPDATE, "tracker": name, **walkers.medians(one)})
    for crowd, ratio in walkers.ratios(costs, ours.NAME).items():
        result.ratios[f"update to the fastest peer's, {walkers.LABELS[crowd]}"] = ratio
