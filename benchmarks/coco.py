"""Photographs of COCO val2017, and average precision on them as pycocotools computes it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.datasets import dataset
from benchmarks.result import SkipBenchmark
from edge.types import Detections, Image

SEVEN = ("person", "bicycle", "car", "motorcycle", "bus", "truck", "dog")
MOST = 300  # detections of a photograph that are scored, best first; pycocotools: 100 of a class
Truth = Mapping[str, Any]  # a COCO document: images, annotations, categories


def load(*, most: int | None = None) -> Truth:
    """The document, of the first `most` photographs.

    Raises SkipBenchmark where it, or what scores it, is not there.
    """
    _pycocotools()
    document = json.loads(dataset("coco_subset", "instances_val128.json").read_text())
    images = document["images"][:most]
    kept = {image["id"] for image in images}
    annotations = [one for one in document["annotations"] if one["image_id"] in kept]
    return document | {"images": images, "annotations": annotations}


def photographs(truth: Truth) -> dict[int, Image]:
    """By their numbers, in BGR."""
    folder = dataset("coco_subset", "images", "val2017")
    return {
        image["id"]: np.asarray(cv2.imread(str(folder / image["file_name"])), np.uint8)
        for image in truth["images"]
    }


def without_crowds(truth: Truth) -> Truth:
    """The same without the regions in which COCO neither wants nor minds detections."""
    annotations = [one for one in truth["annotations"] if not one["iscrowd"]]
    return {**truth, "annotations": annotations}


def average_precisions(truth: Truth, found: Mapping[int, Detections]) -> dict[str, float]:
    """AP[.5:.95] in percent over all classes, the seven and person: ap, ap_seven, ap_person.

    `found` is by photograph, its classes 0..79.
    """
    names = [one["name"] for one in sorted(truth["categories"], key=lambda one: int(one["id"]))]
    each = _of_each_class(truth, found)
    return {
        "ap": _mean(each),
        "ap_seven": _mean(each[[names.index(name) for name in SEVEN if name in names]]),
        "ap_person": _mean(each[[names.index(SEVEN[0])]]),
    }


def _mean(each: NDArray[np.float64]) -> float:
    there = each[~np.isnan(each)]
    return 100 * float(there.mean()) if len(there) else float("nan")


def _of_each_class(truth: Truth, found: Mapping[int, Detections]) -> NDArray[np.float64]:
    """0..1 by class; no number where the photographs show none."""
    coco, evaluation = _pycocotools()
    numbers = sorted(int(one["id"]) for one in truth["categories"])
    rows = [row for image, one in found.items() for row in _rows(image, one, numbers)]
    with contextlib.redirect_stdout(io.StringIO()):
        wanted = coco()
        wanted.dataset = truth
        wanted.createIndex()
        # It can't load nothing: a class that there is not takes no part.
        given = wanted.loadRes(np.array(rows or [(truth["images"][0]["id"], 0, 0, 1, 1, 0.0, -1)]))
        scorer = evaluation(wanted, given, "bbox")
        scorer.params.areaRng, scorer.params.areaRngLbl = scorer.params.areaRng[:1], ["all"]
        scorer.params.maxDets = scorer.params.maxDets[-1:]
        scorer.evaluate()
        scorer.accumulate()
    precision = scorer.eval["precision"][..., 0, 0]  # IoU, recall, class
    each = precision.mean(axis=(0, 1))
    return np.where(each < 0, np.nan, each)


def _rows(image: int, found: Detections, numbers: Sequence[int]) -> list[tuple[float, ...]]:
    """As pycocotools reads them: image, left, top, width, height, score, category."""
    best = found[np.argsort(-found.score, kind="stable")[:MOST]]
    boxes = zip(best.xyxy.tolist(), best.score.tolist(), best.class_id.tolist(), strict=True)
    return [
        (image, x1, y1, x2 - x1, y2 - y1, score, numbers[class_id])
        for (x1, y1, x2, y2), score, class_id in boxes
    ]


def _pycocotools() -> tuple[Any, Any]:
    try:
        from pycocotools.coco import COCO  # noqa: PLC0415 - an extra
        from pycocotools.cocoeval import COCOeval  # noqa: PLC0415
    except ImportError:
        raise SkipBenchmark(
            "pycocotools is not installed; it comes with the extra `bench`"
        ) from None
    return COCO, COCOeval
