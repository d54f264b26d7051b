"""Is a spoilt picture told, and a good one left alone? Dark, blurred, frozen, covered, moved."""

from __future__ import annotations

import copy
import itertools
import statistics
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from benchmarks.datasets import dataset
from benchmarks.distortions import DISTORTIONS, Distortion, Shot, noisy
from benchmarks.result import Cell, Column, Goal, Result
from edge.picture import scaled
from edge.rules.image_health import ImageHealth
from edge.rules.view import View
from edge.types import Event, Frame, Image, Luma, Picture, Region, State, Tracks

WIDTH = 480
LOOK_S = 0.5
LEARN, SPOILT, AFTER = 120, 62, 26  # looks: before, with and after a distortion
WITHIN_S = 30.0
CLIPS = {  # the pictures a second at which they were taken
    "car": ("videos/intel/car-detection.mp4", 12.5),
    "person": ("videos/intel/one-by-one-person-detection.mp4", 10.0),
    "PETS": ("pets09_s2l1/vtest.avi", 7.0),
}
HELD_OUT_CLIP = "PETS"
STILLS = 6
RECALL = 0.95
COLUMNS = (
    Column("distortion", ["distortion"]),
    Column("split", ["split"]),
    Column("runs", ["runs"]),
    Column("recall", ["recall"]),
    Column("delay s, median", ["delay_s"], digits=1),
    Column("other kinds raised", ["others"]),
    Column("cleared", ["cleared"]),
    Column("hours", ["hours"], digits=2),
    Column("false alarms/h", ["per_hour"], digits=2),
)
NOTES = (
    (
        "Stream time at 2 looks a second; 60 s (a second run: 78 s) untouched, 31 s "
        "distorted, 13 s untouched. A hit is an alert of the right kind within 30 s; cleared: "
        "of the hits, before the end of the run."
    ),
    (
        "dev: the two Intel clips with the first strengths, on which thresholds were tuned. "
        "held-out: PETS, and the other strengths. stills: photographs of COCO as fixed "
        "cameras, with noise and changing light. None is wholly unseen: measures were chosen "
        "looking at all three clips, and after a first full run overexposure and moving were "
        "redefined, so that they do what they say (so much white; no noise added)."
    ),
    (
        "The clips are five minutes in all, played to and fro: more hours of them are "
        "repetition. Brightness only, 480 pixels wide, to which the rule averages any "
        "picture. Blur is given in parts of the width; what a blur or a cover takes away of a "
        "sensor's noise is put on again."
    ),
)
COST = (
    "A look at a 1080p picture costs {look:.1f} ms of CPU (median), of which {luma:.1f} "
    "ms are the averaging to 480 x 270: {core:.1f} % of a core for a camera that is "
    "looked at twice a second."
)
Clip = Sequence[Image]


@dataclass(slots=True)
class Score:
    """What came of the runs of one row."""

    delays: list[float | None] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    cleared: int = 0

    @property
    def hits(self) -> list[float]:
        """Delays of those that were told in time."""
        return [delay for delay in self.delays if delay is not None]


def run(*, quick: bool = False) -> Result:
    """Distort every clip in every way, and play the clips as they are."""
    result = Result(
        "imagehealth",
        "Is a spoilt picture told, and a good one left alone?",
        COLUMNS,
        parameters={"looks_per_second": 1 / LOOK_S, "quick": int(quick)},
        notes=NOTES,
    )
    clips = {name: read(*CLIPS[name]) for name in ([HELD_OUT_CLIP] if quick else CLIPS)}
    cost(result, clips[HELD_OUT_CLIP])
    photographs = stills(1 if quick else STILLS)
    minutes = 1 if quick else 10
    scores = distorted(clips, photographs, starts=1 if quick else 2, dev_only=quick)
    told(result, scores)
    untouched(result, clips, looks=round(60 * minutes / LOOK_S))
    return result


def read(path: str, fps: float) -> list[Image]:
    """The pictures of a clip that are looked at, small."""
    capture = cv2.VideoCapture(str(dataset(path)))
    images: list[Image] = []
    for index in range(int(capture.get(cv2.CAP_PROP_FRAME_COUNT))):
        if capture.grab() and index >= len(images) * fps * LOOK_S:
            images.append(small(np.asarray(capture.retrieve()[1], np.uint8)))
    capture.release()
    return images


def small(image: Image) -> Image:
    """At the width at which the rule looks."""
    return scaled(image, (WIDTH, round(WIDTH * image.shape[0] / image.shape[1])))


def gray(image: Image) -> Luma:
    """The brightness."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def stills(count: int) -> list[list[Image]]:
    """Photographs as fixed cameras would see them: with noise, in changing light."""
    paths = sorted(dataset("coco_subset", "images", "val2017").glob("*.jpg"))
    rng = np.random.default_rng(7)
    cameras = []
    for path in paths[:: max(1, len(paths) // count)][:count]:
        image = small(np.asarray(cv2.imread(str(path)), np.uint8))
        light = 0.85 + 0.1 * np.sin(np.arange(60) / 10)
        cameras.append([noisy(image * level, rng, sigma=1.5) for level in light])
    return cameras


def distorted(
    clips: dict[str, list[Image]], photographs: Sequence[Clip], *, starts: int, dev_only: bool
) -> dict[tuple[str, str], Score]:
    """The score of each distortion on each split."""
    scores: dict[tuple[str, str], Score] = {}
    cameras = [
        *clips.items(),
        *((f"still {index}", clip) for index, clip in enumerate(photographs)),
    ]
    for index, (name, clip) in enumerate(cameras):
        elsewhere = cameras[(index + 1) % len(cameras)][1]
        for begun in learned(clip, starts=1 if name.startswith("still") else starts):
            for distortion in DISTORTIONS:
                if not dev_only or distortion.dev:
                    split = split_of(name, dev=distortion.dev)
                    score = scores.setdefault((distortion.name, split), Score())
                    play(score, distortion, copy.deepcopy(begun), elsewhere)
    return scores


def split_of(camera: str, *, dev: bool) -> str:
    """Which split a run belongs to."""
    if camera.startswith("still"):
        return "stills"
    return "dev" if dev and camera != HELD_OUT_CLIP else "held-out"


class Plane:
    """A decoded picture as the service has it: its brightness lies there already."""

    def __init__(self, luma: Luma) -> None:
        self._luma = luma
        self.height, self.width = luma.shape

    def luma(self, width: int, height: int) -> Luma:
        """See `edge.types.Picture`."""
        resized = cv2.resize(self._luma, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(resized, np.uint8)

    def bgr(self, *, region: Region | None = None, size: tuple[int, int] | None = None) -> Image:
        """Never asked for."""
        raise NotImplementedError


@dataclass(slots=True)
class Camera:
    """A rule that has seen a clip up to some look."""

    rule: ImageHealth
    clip: Clip
    looks: int = 0

    def see(self, change: Callable[[Image], Luma] = gray) -> list[Event]:
        """The next look, changed."""
        turn = self.looks % (2 * len(self.clip) - 2)
        image = self.clip[min(turn, 2 * len(self.clip) - 2 - turn)]
        seen = frame(Plane(change(image)), self.looks)
        self.looks += 1
        return self.rule.update(View(Tracks.empty(), seen))

    def __deepcopy__(self, memo: object) -> Camera:
        return Camera(copy.deepcopy(self.rule), self.clip, self.looks)


def frame(picture: Picture, look: int) -> Frame:
    """A picture as the rule gets it."""
    return Frame("clip", look, look * LOOK_S, look * LOOK_S, picture)


def learned(clip: Clip, *, starts: int) -> Iterator[Camera]:
    """A camera that has learned, at several places of the clip."""
    camera = Camera(ImageHealth("clip"), clip)
    for start in range(starts):
        for _ in range(LEARN if start == 0 else 37):
            camera.see()
        yield camera


def play(score: Score, distortion: Distortion, camera: Camera, elsewhere: Clip) -> None:
    """One run: distorted for a while, then as it was."""
    rng = np.random.default_rng(zlib.crc32(f"{distortion} {camera.looks}".encode()))
    first: list[Luma] = []

    def change(image: Image) -> Luma:
        first.append(gray(image))
        step = len(first) - 1
        there = gray(elsewhere[step % len(elsewhere)])
        return distortion.make(Shot(first[-1], image, first[0], there, step, rng))

    began = camera.looks * LOOK_S
    events = [event for _ in range(SPOILT) for event in camera.see(change)]
    note(score, distortion.key, events, began=began)
    after = [event for _ in range(AFTER) for event in camera.see()]
    score.others += [e.key for e in after if e.state is State.RAISED]
    if distortion.key and score.delays[-1] is not None:
        score.cleared += any(e.key == distortion.key and e.state is State.CLEARED for e in after)


def note(score: Score, key: str | None, events: Iterable[Event], *, began: float) -> None:
    """Take down what was raised while distorted."""
    raised = [event for event in events if event.state is State.RAISED]
    delays = [event.pts - began for event in raised if event.key == key]
    score.delays.append(delays[0] if delays and delays[0] <= WITHIN_S else None)
    score.others += [event.key for event in raised if event.key != key]


def told(result: Result, scores: dict[tuple[str, str], Score]) -> None:
    """Add the rows of the distortions, and the goals: each kind on each split, and none else."""
    spoilt = {distortion.name for distortion in DISTORTIONS if distortion.key}
    for (name, split), score in sorted(scores.items(), key=lambda item: item[0][0] not in spoilt):
        runs, others = len(score.delays), ", ".join(sorted(set(score.others)))
        row: dict[str, Cell] = {"distortion": name, "split": split, "runs": runs}
        row["others"] = f"{len(score.others)} ({others})" if others else "0"
        if name in spoilt:
            row["recall"] = len(score.hits) / runs
            row["delay_s"] = statistics.median(score.hits) if score.hits else None
            row["cleared"] = f"{score.cleared}/{len(score.hits)}"
        result.rows.append(row)
    for split in sorted({split for _, split in scores}):
        some = [score for (name, of), score in scores.items() if of == split and name in spoilt]
        recall = sum(len(score.hits) for score in some) / sum(len(score.delays) for score in some)
        result.goals.append(Goal(f"recall of the distortions, {split}", recall, RECALL))
    harmless = [score for (name, _), score in scores.items() if name not in spoilt]
    alarms = sum(len(score.others) for score in harmless)
    result.goals.append(Goal("alerts on harmless changes", alarms, 0, at_least=False))


def untouched(result: Result, clips: dict[str, list[Image]], *, looks: int) -> None:
    """Play the clips as they are; whatever is raised is false."""
    alarms = 0
    for name, clip in clips.items():
        camera = Camera(ImageHealth("clip"), clip)
        events = [event for _ in range(looks) for event in camera.see()]
        keys = [event.key for event in events if event.state is State.RAISED]
        hours = looks * LOOK_S / 3600
        row: dict[str, Cell] = {"distortion": f"none: {name}", "split": "untouched", "runs": 1}
        others = f"{len(keys)} ({', '.join(sorted(set(keys)))})" if keys else "0"
        result.rows.append(row | {"others": others, "hours": hours, "per_hour": len(keys) / hours})
        alarms += len(keys)
    result.goals.append(Goal("alerts on untouched clips", alarms, 0, at_least=False))


def cost(result: Result, clip: Clip) -> None:
    """Measure the CPU of a look at 1080p, and of its first part, the small brightness."""
    planes = [
        Plane(np.asarray(cv2.resize(gray(image), (1920, 1080)), np.uint8)) for image in clip[:20]
    ]
    rule, looks, reads = ImageHealth("clip"), [], []
    for index, plane in enumerate(itertools.islice(itertools.cycle(planes), 200)):
        began = time.process_time()
        plane.luma(480, 270)
        read = time.process_time()
        rule.update(View(Tracks.empty(), frame(plane, index)))
        looks.append(1000 * (time.process_time() - read))
        reads.append(1000 * (read - began))
    look, luma = statistics.median(looks), statistics.median(reads)
    result.parameters = {**result.parameters, "look_cpu_ms": look, "luma_cpu_ms": luma}
    result.notes = (*result.notes, COST.format(look=look, luma=luma, core=look / LOOK_S / 10))
