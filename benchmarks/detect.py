"""How well does each model see on each engine, and what does a call cost? COCO and PETS."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks import coco
from benchmarks.ap50 import ap50, people
from benchmarks.datasets import dataset
from benchmarks.every_class import EveryClass
from benchmarks.networks import BASELINE, DEFAULT, ENGINES, MODELS, Contender, Model, opened
from benchmarks.pets import SEQUENCE
from benchmarks.result import Cell, Column, Goal, Result, Row
from edge.detect.whole import Fit
from edge.picture import Still
from edge.settings import Detect
from edge.types import CLASSES, Detections, Image, Picture, Region

ROUNDS, CALLS = 20, 5  # of every engine in turn; photographs in each
FEW = 4  # photographs and frames of a quick run
EVERY = 8  # one frame of the clip in so many
LEAST = 0.02  # the lowest score that is looked at: lower ones move AP by 0.2 at most
SAME, PRECISE, NOTED_PETS = 0.3, 0.5, 90.4
APS = {"ap": "all", "ap_seven": "7", "ap_person": "person"}
COLUMNS = (
    Column("model", ["model"]),
    Column("engine", ["engine"]),
    Column("AP: all / 7 / person", list(APS), digits=1),
    Column("the notes' way", [f"linear_{key}" for key in APS], digits=1),
    Column("the notes", [f"noted_{key}" for key in APS], digits=1),
    Column("PETS AP50", ["pets_ap50"], digits=1),
    Column("CPU ms", ["cpu_ms"], digits=1),
    Column("ratio", ["ratio"], digits=2),
    Column("default", ["default"]),
)
NOTES = (
    (
        "AP[.5:.95] of pycocotools on {photographs} photographs of COCO val2017, over all 80 "
        "classes, over person, bicycle, car, motorcycle, bus, truck and dog, and of person; "
        "pictures come to the network as the product brings them, averaged where they shrink. So "
        "few photographs rank models; absolute values run high."
    ),
    (
        "The notes' way: OpenCV's default resizing (linear) and no crowd regions, which was found "
        "to reproduce notes/detection.md; 384x640 letterboxed: stretched, as the notes say of all, "
        "it is 1.4 AP from what they say. The notes: what is written there."
    ),
    "PETS AP50: of people, one frame in {every} of 2009 S2.L1.",
    (
        "CPU: all threads (process_time) of a call with one thread, from an image of the input's "
        "size to detections of {score} and more; median over {rounds} rounds of {calls} "
        "photographs, engines in turn. Ratio: to onnxruntime fp32, median of the rounds' ratios. "
        "Default: what the product takes by itself on this machine."
    ),
)


class Linear(Still):
    """Brought to another size as OpenCV does it unless told."""

    def bgr(self, *, region: Region | None = None, size: tuple[int, int] | None = None) -> Image:
        """See `Picture`."""
        image = super().bgr(region=region)
        return image if size is None else np.asarray(cv2.resize(image, size), np.uint8)


@dataclass(frozen=True, slots=True)
class Data:
    """What the models look at, and how often."""

    truth: coco.Truth
    photographs: Mapping[int, Image]
    clip: Path
    ground_truth: Path
    quick: bool = False

    @classmethod
    def load(cls, *, quick: bool) -> Data:
        """Raises SkipBenchmark where it is not there."""
        truth = coco.load(most=FEW if quick else None)
        return cls(
            truth,
            coco.photographs(truth),
            dataset("pets09_s2l1", "vtest.avi"),
            dataset("mot", "gt", "MOT15", SEQUENCE, "gt", "gt.txt"),
            quick,
        )

    def frames(self, every: int = EVERY) -> Iterator[tuple[int, Image]]:
        """One frame of the clip in so many, by its number from 0; few of them in a quick run."""
        capture, index = cv2.VideoCapture(str(self.clip)), 0
        while capture.grab() and not (self.quick and index >= FEW * every):
            if index % every == 0:
                yield index, np.asarray(capture.retrieve()[1], np.uint8)
            index += 1
        capture.release()


def run(*, quick: bool = False) -> Result:
    """Every model that is here on every engine that works here."""
    data, rounds = Data.load(quick=quick), 1 if quick else ROUNDS
    words = {
        "photographs": len(data.photographs),
        "every": EVERY,
        "score": Detect().score,
        "rounds": rounds,
        "calls": CALLS,
    }
    result = Result(
        "detect",
        "How well does each model see on each engine, and what does a call cost?",
        COLUMNS,
        parameters=words | {"least_score": LEAST, "threads": 1},
        notes=[note.format(**words) for note in NOTES],
    )
    for model in MODELS:
        found = opened(model, ENGINES, result.skipped)
        rows = measure(found, data, rounds=rounds)
        result.rows += rows
        if not quick:  # a few photographs say nothing
            result.goals += goals(model, rows)
        if not quick and model.name == DEFAULT:
            result.goals += [pets_goal(one, data) for one in found if one.engine == BASELINE]
    for row in result.rows:
        if row["ratio"] is not None and row["engine"] != BASELINE:
            what = f"{row['model']}, CPU of {row['engine']} to {BASELINE}"
            result.ratios[what] = _number(row["ratio"])
    return result


def measure(found: Sequence[Contender], data: Data, *, rounds: int) -> list[Row]:
    """A row for each contender of one model."""
    take_turns(found, list(data.photographs.values()), rounds=rounds)
    baseline = next((one for one in found if one.engine == BASELINE), None)
    return [
        {
            "model": one.model.name,
            "engine": one.engine,
            "default": "yes" if one.default else "",
            **coco.average_precisions(data.truth, see(one, data, Still)),
            **(as_noted(one, data) if one is baseline else {}),
            "pets_ap50": pets_ap50(one, data),
            **costs(one, baseline),
        }
        for one in found
    ]


def as_noted(one: Contender, data: Data) -> dict[str, float]:
    """The accuracy as the notes measured it, and what they say."""
    fit = Fit(one.session.size, letterbox=True) if one.model.noted_letterboxed else one.fit
    found = see(one, data, Linear, fit)
    measured = coco.average_precisions(coco.without_crowds(data.truth), found)
    noted = dict(zip(APS, one.model.noted, strict=True))
    return {f"linear_{key}": measured[key] for key in APS} | {
        f"noted_{key}": noted[key] for key in APS
    }


def take_turns(found: Sequence[Contender], photographs: Sequence[Image], *, rounds: int) -> None:
    """Let all look at the same few photographs, then at the next few, and so on."""
    families = [one.family(Detect().score) for one in found]
    for turn in range(-1, rounds):  # the first one warms up
        few = [photographs[(turn * CALLS + i) % len(photographs)] for i in range(CALLS)]
        for one, family in zip(found, families, strict=True):
            images = [one.fit.image(Still(image)) for image in few]
            began = time.process_time()
            for image in images:
                family.detect([image])
            if turn >= 0:
                one.cpu_ms.append(1000 * (time.process_time() - began) / CALLS)


def costs(one: Contender, baseline: Contender | None) -> dict[str, Cell]:
    """What a call costs, and how that compares."""
    return {
        "cpu_ms": statistics.median(one.cpu_ms),
        "cpu_ms_least": min(one.cpu_ms),
        "cpu_ms_most": max(one.cpu_ms),
        "ratio": None if baseline is None else _ratio(one, baseline),
    }


def _ratio(one: Contender, baseline: Contender) -> float:
    """Each round against its own round: what disturbs the machine disturbs both."""
    return statistics.median(
        mine / theirs for mine, theirs in zip(one.cpu_ms, baseline.cpu_ms, strict=True)
    )


def see(
    one: Contender, data: Data, picture_of: Callable[[Image], Picture], fit: Fit | None = None
) -> dict[int, Detections]:
    """What it finds of all classes in the photographs, brought to its input by its own fit."""
    fit = fit or one.fit
    every = EveryClass(one.model.family, one.session, score=LEAST)
    found = {}
    for number, image in data.photographs.items():
        picture = picture_of(image)
        found[number] = fit.to_picture(every.detect(fit.image(picture)), picture)
    return found


def pets_ap50(
    one: Contender,
    data: Data,
    *,
    every: int = EVERY,
    picture_of: Callable[[Image], Picture] = Still,
) -> float:
    """Percent, of people."""
    family, found = one.family(LEAST), {}
    for index, image in data.frames(every):
        picture = picture_of(image)
        (seen,) = family.detect([one.fit.image(picture)])
        seen = one.fit.to_picture(seen, picture)
        found[index] = seen[seen.class_id == CLASSES["person"]]
    return ap50(found, people(data.ground_truth))


def goals(model: Model, rows: Sequence[Row]) -> list[Goal]:
    """The notes are met; the default model's default engine is as good as fp32 and no dearer."""
    found = []
    baseline = next((row for row in rows if row["engine"] == BASELINE), None)
    if baseline is not None:
        gap = max(
            abs(_number(baseline[f"linear_{key}"]) - _number(baseline[f"noted_{key}"]))
            for key in APS
        )
        what = f"{model.name}, AP the notes' way, farthest from the notes"
        found.append(Goal(what, gap, SAME, at_least=False))
    default = next((row for row in rows if row["default"] == "yes"), None)
    if model.name == DEFAULT and baseline is not None and default is not None:
        cost, ours = _number(default["ratio"]), f"{default['engine']}, the default"
        for key, classes in APS.items():
            lost = _number(baseline[key]) - _number(default[key])
            what = f"{DEFAULT}, AP ({classes}) lost by {ours}"
            found.append(Goal(what, lost, PRECISE, at_least=False))
        what = f"{DEFAULT}, CPU of {ours}, to {BASELINE}"
        found.append(Goal(what, cost, 1.0, at_least=False))
    return found


def pets_goal(one: Contender, data: Data) -> Goal:
    """On all frames of the clip, as the notes have it."""
    gap = abs(pets_ap50(one, data, every=1, picture_of=Linear) - NOTED_PETS)
    what = f"{DEFAULT}, PETS AP50 of all frames the notes' way, from the notes' {NOTED_PETS}"
    return Goal(what, gap, SAME, at_least=False)


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else float("nan")
