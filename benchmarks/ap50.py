"""Average precision of boxes at an IoU of one half, interpolated at 101 recalls (COCO)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from edge.geometry import iou
from edge.types import Boxes, Detections

LEAST = 0.5
RECALLS = np.linspace(0, 1, 101)


def ap50(found: Mapping[int, Detections], truth: Mapping[int, Boxes]) -> float:
    """Percent; by frame, what was found of one class and what is there."""
    rows = [
        row
        for frame, one in found.items()
        for row in _judged(one, truth.get(frame, np.zeros((0, 4), np.float32)))
    ]
    wanted = sum(len(truth.get(frame, ())) for frame in found)
    if not rows or not wanted:
        return 0.0
    right = np.array([hit for _, hit in sorted(rows, key=lambda row: -row[0])])
    recall = np.cumsum(right) / wanted
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return 100 * float(best[np.searchsorted(recall, RECALLS)].mean())


def people(ground_truth: Path) -> dict[int, Boxes]:
    """The boxes of a MOTChallenge gt.txt by frame, from 0."""
    boxes: dict[int, list[list[float]]] = {}
    for line in ground_truth.read_text().splitlines():
        frame, _, x, y, width, height = map(float, line.split(",")[:6])
        boxes.setdefault(int(frame) - 1, []).append([x, y, x + width, y + height])
    return {frame: np.array(rows, np.float32) for frame, rows in boxes.items()}


def _judged(found: Detections, truth: Boxes) -> list[tuple[float, bool]]:
    """Score of each detection, best first, and whether it fits a box that is left."""
    likeness = iou(found.xyxy, truth)
    rows = []
    for row in np.argsort(-found.score, kind="stable").tolist():
        best = int(likeness[row].argmax()) if len(truth) else -1
        hit = best >= 0 and likeness[row, best] >= LEAST
        if hit:
            likeness[:, best] = 0
        rows.append((float(found.score[row]), bool(hit)))
    return rows
