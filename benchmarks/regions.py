"""What does looking only where something is cost and lose? Eight cameras, every mode in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import pets, service
from benchmarks.alerts_contenders import scores
from benchmarks.ap50 import ap50, people
from benchmarks.fleet import default_detector, told
from benchmarks.presences import presences, shown
from benchmarks.result import Cell, Column, Goal, Result
from benchmarks.scenes import CAMERAS, SCENES, SceneSet, Shot, everywhere
from edge.cameras import lane_for
from edge.config import Loaded
from edge.detect import Detector
from edge.detect.gaze import Gaze
from edge.detect.sight import Sight
from edge.geometry import iou
from edge.pipeline import Pipeline, Seen
from edge.scoring import WAYS, Happening
from edge.track import Session
from edge.types import CLASSES, Detections, Event, Frame, Mask, State

ROUNDS = 2
PLAIN = "whole pictures"
MODES = (PLAIN, "canvas", "motion", "tiles")
SURE, SAME = 0.5, 0.5  # score of a detection that must be found again, and how near
GOALS = {"busy": 1.7, "one by one": 1.8, "cars": 2.6, "sparse": 5.0}
COLUMNS = (
    Column("scene", ["scene"]),
    Column("mode", ["mode"]),
    Column("inputs/frame", ["inputs"], digits=3),
    Column("CPU ms/frame", ["cpu_ms"], digits=2),
    Column("times cheaper", ["cheaper"], digits=2),
    Column("AP50", ["ap50"], digits=1),
    Column("found again", ["recall"], digits=3),
    Column("line / zone F1", ["line_f1", "zone_f1"], digits=3),
    Column("of 8 times all", ["all_line_f1", "all_zone_f1"], digits=3),
    Column("presences", ["presences"]),
    Column("false", ["false"]),
)
NOTES = (
    "Eight cameras in one process, one picture of each at a time; decoding is not counted.",
    (
        "inputs/frame: network inputs computed, in inputs of 416 x 416, per camera picture. CPU: "
        "all threads; the ratio is the median of {rounds} rounds, each against its own round."
    ),
    (
        "whole pictures: each on an input of its own, nothing else looked at; motion: that, where "
        "something moves; tiles: parts one by one at the picture's own scale; canvas: the default."
    ),
    (
        "found again: detections of moving things of {sure} and more in whole pictures that the "
        "mode has, too (IoU {same}). Things that never move are learned to be background."
    ),
    (
        "line / zone F1: alerts of the eight pieces, 64 crossings, 9 stays. What shares a canvas "
        "changes what is seen by a hair, and two crossings more or less are chance; so the goal is "
        "held by the alerts of eight cameras that each see all of PETS, every one beginning an "
        "eighth later: 512 crossings and 72 stays (of 8 times all; whole pictures and canvas)."
    ),
    (
        "presences: labelled ones that a confirmed track of their class shows, of all; false: "
        "tracks of frames that nothing is labelled in."
    ),
    (
        "What surrounds a part and how large it is shown was chosen on the first half of PETS and "
        "of the cars' clip and the first third of one by one; that broad things are not shrunk and "
        "large ones first looked at with all of the picture, and how soon motion is in vain, after "
        "runs of all of it had missed the cars. All of them are part of this run."
    ),
)


@dataclass(slots=True)
class Pass:
    """What one mode made of one scene."""

    inputs: float = 0.0
    frames: int = 0
    cpu_s: float = 0.0
    found: dict[tuple[int, int], Detections] = field(default_factory=dict)  # camera, frame
    tracked: dict[tuple[int, int], set[int]] = field(default_factory=dict)  # classes
    alerts: list[tuple[int, Event]] = field(default_factory=list)  # with their cameras

    @property
    def cpu_ms(self) -> float:
        """Per camera frame."""
        return 1000 * self.cpu_s / self.frames


def run(*, quick: bool = False) -> Result:
    """Every scene in every mode."""
    rounds, detector = 1 if quick else ROUNDS, default_detector()
    result = Result(
        "regions",
        "What does looking only where something is cost and lose?",
        COLUMNS,
        parameters=told(detector, rounds=rounds),
        notes=[note.format(rounds=rounds, sure=SURE, same=SAME) for note in NOTES],
    )
    with TemporaryDirectory() as folder:
        for name, scene_of in SCENES.items():
            _scene(
                name, scene_of(quick=quick), detector, Path(folder), result=result, rounds=rounds
            )
    return result


def _scene(
    name: str,
    scene: SceneSet,
    detector: Detector,
    folder: Path,
    *,
    result: Result,
    rounds: int,
) -> None:
    passes: dict[str, list[Pass]] = {mode: [] for mode in MODES}
    for turn in range(rounds):
        for mode in MODES:
            if turn == 0 or mode in (PLAIN, "canvas"):
                passes[mode].append(_pass(scene, mode, detector, folder))
    plain = passes[PLAIN]
    for mode, done in passes.items():
        ratio = statistics.median(
            before.cpu_ms / now.cpu_ms for before, now in zip(plain, done, strict=False)
        )
        row: dict[str, Cell] = {
            "scene": scene.name,
            "mode": mode,
            "inputs": done[0].inputs / done[0].frames,
            "cpu_ms": statistics.median(one.cpu_ms for one in done),
            "cheaper": ratio,
            "recall": _found_again(done[0], plain[0]),
        }
        row |= _busy_scores(done[0]) if name == "busy" else presences(done[0].tracked, scene)
        if name == "busy" and mode in (PLAIN, "canvas") and rounds == ROUNDS:
            row |= _everywhere(mode, detector, folder)
        row["missed"] = len(shown(plain[0].tracked, scene) - shown(done[0].tracked, scene))
        result.rows.append(row)
        if mode == "canvas":
            result.ratios[f"CPU of canvas to whole pictures, {name}"] = 1 / ratio
    _goals(name, result)


def _goals(name: str, result: Result) -> None:
    rows = {str(row["mode"]): row for row in result.rows[-len(MODES) :]}
    canvas, plain = rows["canvas"], rows[PLAIN]
    cheaper = float(canvas["cheaper"] or 0)
    result.goals.append(Goal(f"canvas, times cheaper, {name}", cheaper, GOALS[name]))
    if name == "busy":
        if "all_line_f1" in canvas:
            lost = float(plain["all_line_f1"] or 0) - float(canvas["all_line_f1"] or 0)
            result.goals.append(Goal("line F1 lost by canvas", lost, 0.01, at_least=False))
    else:
        what = f"presences missed that whole pictures show, {name}"
        result.goals.append(Goal(what, float(canvas["missed"] or 0), 0, at_least=False))


def _pass(scene: SceneSet, mode: str, detector: Detector, folder: Path) -> Pass:
    """All cameras, one picture of each at a time."""
    loaded = service.site(pets.load(), folder)
    cameras = [_Camera(number, mode, detector, loaded) for number in range(len(scene.shots))]
    sight, done = Sight(detector, alone=mode in ("tiles", PLAIN)), Pass()
    began = time.process_time()
    for frames in _turns(scene.shots):
        pairs = [(cameras[number], frame) for number, frame in frames]
        if mode == PLAIN:
            found = detector.detect([frame.picture for _, frame in pairs])
            for (camera, frame), one in zip(pairs, found, strict=True):
                camera.step(done, frame, one, Seen(one))
            done.inputs += len(pairs)
            continue
        glances = [
            camera.gaze.look(frame, camera.pipeline.expected(frame)) for camera, frame in pairs
        ]
        for (camera, frame), glance, one in zip(pairs, glances, sight.see(glances), strict=True):
            objects = camera.gaze.objects(glance, one)
            camera.step(done, frame, objects, Seen(one, glance.looked))
    done.cpu_s = time.process_time() - began
    done.inputs += sight.tally.computed
    return done


class _Camera:
    """One camera's attention, tracker and rules."""

    def __init__(self, number: int, mode: str, detector: Detector, loaded: Loaded) -> None:
        self._number = number
        self.gaze = Gaze(detector.fit, mode="canvas" if mode == PLAIN else mode)
        self.pipeline: Pipeline[Session] = lane_for(
            loaded.settings.cameras[0], loaded.settings
        ).pipeline

    def step(self, done: Pass, frame: Frame, objects: Detections, seen: Seen) -> None:
        """Track and judge, and note what came of it."""
        step = self.pipeline.step(frame, objects, seen)
        key = self._number, frame.index
        done.frames += 1
        done.found[key] = seen.found
        done.tracked[key] = set(step.scene.tracks.class_id.tolist())
        done.alerts += [
            (self._number, event) for event in step.events if event.state is State.RAISED
        ]


def _turns(shots: Sequence[Shot]) -> Iterator[list[tuple[int, Frame]]]:
    for place in range(max(len(shot.frames) for shot in shots)):
        yield [
            (number, shot.frames[place])
            for number, shot in enumerate(shots)
            if place < len(shot.frames)
        ]


def _found_again(done: Pass, plain: Pass) -> float:
    """Share of the plain pass's sure detections that the other one has, still things left out."""
    hits = total = 0
    for key, wanted in plain.found.items():
        sure = wanted[(wanted.score >= SURE) & _moving(plain, key, wanted)]
        total += len(sure)
        found = done.found[key]
        if len(sure) and len(found):
            same = sure.class_id[:, None] == found.class_id[None, :]
            hits += int(((iou(sure.xyxy, found.xyxy) * same).max(axis=1) > SAME).sum())
    return hits / total if total else 1.0


def _moving(plain: Pass, key: tuple[int, int], found: Detections) -> Mask:
    """Which detections are not in the very same place half a second before and after."""
    camera, index = key
    still = np.ones(len(found), bool)
    for other in (index - 5, index + 5):
        there = plain.found.get((camera, other))
        if there is not None and len(there) and len(found):
            still &= iou(found.xyxy, there.xyxy).max(axis=1) > 0.85
        else:
            still &= False
    return ~still


def _busy_scores(done: Pass) -> dict[str, Cell]:
    scene = pets.load()
    alerts = [Happening(one.rule, WAYS[one.direction], one.time) for _, one in done.alerts]
    found = {
        index: one[one.class_id == CLASSES["person"]] for (_, index), one in done.found.items()
    }
    return scores(alerts, scene) | {"ap50": ap50(found, people(scene.ground_truth))}


def _everywhere(mode: str, detector: Detector, folder: Path) -> dict[str, Cell]:
    """F1 of lines and zones over all cameras of `scenes.everywhere`."""
    scene = pets.load()
    done = _pass(everywhere(), mode, detector, folder)
    found: dict[str, Cell] = {}
    for kind in ("line", "zone"):
        right = told = 0
        for camera in range(CAMERAS):
            alerts = [one for number, one in done.alerts if number == camera]
            one = scores([Happening(a.rule, WAYS[a.direction], a.time) for a in alerts], scene)
            hits, false, missed = (
                int(one[f"{kind}_{what}"] or 0) for what in ("hits", "false", "missed")
            )
            right, told = right + 2 * hits, told + 2 * hits + false + missed
        found[f"all_{kind}_f1"] = right / told if told else 1.0
    return found
