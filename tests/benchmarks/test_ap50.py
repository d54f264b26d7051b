"""Average precision at half an overlap, by hand; and as pycocotools has it."""

import numpy as np
import pytest

from benchmarks import coco
from benchmarks.ap50 import ap50, people
from edge.types import Detections


def boxes(*xs):
    return np.array([[x, 10, x + 20, 50] for x in xs], np.float32).reshape(-1, 4)


def found(*rows):
    """Of (x1, score)."""
    scores = np.array([score for _, score in rows], np.float32)
    return Detections(boxes(*(x for x, _ in rows)), scores, np.zeros(len(rows), np.int64))


def test_all_found_and_nothing_else_is_a_hundred():
    assert ap50({0: found((10, 0.9)), 1: found()}, {0: boxes(10)}) == pytest.approx(100)


def test_nothing_found_or_nothing_there_is_nothing():
    assert ap50({0: found()}, {0: boxes(10)}) == 0
    assert ap50({0: found((10, 0.9))}, {}) == 0


def test_a_false_one_costs_where_it_is_surer_than_a_right_one():
    given = {0: found((10, 0.9), (90, 0.8), (50, 0.7))}
    by_hand = (51 * 1 + 50 * 2 / 3) / 101  # one of one up to recall 0.5, then two of three
    assert ap50(given, {0: boxes(10, 50)}) == pytest.approx(100 * by_hand)


def test_a_box_is_found_once():
    given = {0: found((10, 0.9), (11, 0.8))}
    assert ap50(given, {0: boxes(10, 50)}) == pytest.approx(100 * 51 / 101)


def test_it_is_what_pycocotools_computes():
    pytest.importorskip("pycocotools", reason="comes with the extra `bench`")
    random = np.random.default_rng(1)
    truth = {frame: boxes(*range(10, 400, 30)) for frame in range(4)}
    given = {
        frame: found(*((x, random.random()) for x in (*range(10, 300, 30), *range(420, 520, 30))))
        for frame in truth
    }
    document = {
        "images": [{"id": frame} for frame in truth],
        "categories": [{"id": 1, "name": "person"}],
        "annotations": [
            {"id": 100 * frame + row + 1, "image_id": frame, "category_id": 1, "iscrowd": 0}
            | {"bbox": [float(box[0]), 10.0, 20.0, 40.0], "area": 800.0}
            for frame, rows in truth.items()
            for row, box in enumerate(rows)
        ],
    }
    theirs = coco.average_precisions(document, given)["ap"]  # right ones fit wholly: at any IoU
    assert 30 < theirs < 70
    assert ap50(given, truth) == pytest.approx(theirs)


def test_the_ground_truth_counts_frames_from_one(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("1,7,10,10,20,40,1,-1,-1,-1\n3,7,12,10,20,40,1,-1,-1,-1\n")
    truth = people(path)
    assert {frame: rows.tolist() for frame, rows in truth.items()} == {
        0: [[10, 10, 30, 50]],
        2: [[12, 10, 32, 50]],
    }
