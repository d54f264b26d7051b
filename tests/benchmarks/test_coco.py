"""Average precision on a document made by hand."""

import sys

import numpy as np
import pytest

from benchmarks import coco
from benchmarks.result import SkipBenchmark
from edge.types import Detections

pytest.importorskip("pycocotools", reason="comes with the extra `bench`")
CATEGORIES = [
    {"id": 1, "name": "person"},
    {"id": 3, "name": "car"},
    {"id": 18, "name": "dog"},
    {"id": 90, "name": "toothbrush"},
]
PERSON, CAR, DOG, TOOTHBRUSH = range(4)


def truth(*boxes):
    """Of (photograph, x1, class) or (photograph, x1, class, crowd); all are 20 wide and 40 high."""
    annotations = [
        {
            "id": row + 1,
            "image_id": image,
            "category_id": CATEGORIES[class_id]["id"],
            "bbox": [x, 10.0, 20.0, 40.0],
            "area": 800.0,
            "iscrowd": int(bool(crowd)),
        }
        for row, (image, x, class_id, *crowd) in enumerate(boxes)
    ]
    images = [{"id": image} for image in sorted({box[0] for box in boxes})]
    return {"images": images, "categories": CATEGORIES, "annotations": annotations}


def found(*boxes):
    """Of (x1, class) or (x1, class, score)."""
    rows = [(x, class_id, *(score or (0.9,))) for x, class_id, *score in boxes]
    return Detections(
        np.array([[x, 10, x + 20, 50] for x, _, _ in rows], np.float32).reshape(-1, 4),
        np.array([score for _, _, score in rows], np.float32),
        np.array([class_id for _, class_id, _ in rows], np.int64),
    )


def test_who_finds_all_and_nothing_else_has_all_of_it():
    wanted = truth((1, 10, PERSON), (1, 50, CAR), (2, 10, TOOTHBRUSH))
    given = {1: found((10, PERSON), (50, CAR)), 2: found((10, TOOTHBRUSH))}
    assert coco.average_precisions(wanted, given) == pytest.approx(
        {"ap": 100, "ap_seven": 100, "ap_person": 100}
    )


def test_who_finds_nothing_has_nothing():
    scores = coco.average_precisions(truth((1, 10, PERSON)), {1: found()})
    assert scores == {"ap": 0.0, "ap_seven": 0.0, "ap_person": 0.0}


def test_classes_count_alike_and_only_those_that_are_there():
    wanted = truth((1, 10, PERSON), (1, 50, PERSON), (1, 10, CAR), (1, 10, TOOTHBRUSH))
    given = {1: found((10, PERSON), (50, PERSON), (10, TOOTHBRUSH), (90, DOG))}
    assert coco.average_precisions(wanted, given) == pytest.approx(
        {"ap": 100 * 2 / 3, "ap_seven": 50, "ap_person": 100}
    )


def test_half_of_the_people_found_is_half_of_the_recalls():
    wanted = truth((1, 10, PERSON), (1, 50, PERSON))
    scores = coco.average_precisions(wanted, {1: found((10, PERSON))})
    assert scores["ap_person"] == pytest.approx(100 * 51 / 101)  # 0 to 0.5 of 101 recalls


def test_a_box_aside_counts_at_the_lower_overlaps():
    scores = coco.average_precisions(truth((1, 10, PERSON)), {1: found((14, PERSON))})
    assert scores["ap_person"] == pytest.approx(40)  # IoU 2/3: .5, .55, .6 and .65 of ten


def test_a_crowd_is_neither_wanted_nor_minded_unless_it_is_taken_out():
    wanted = truth((1, 10, PERSON), (1, 50, PERSON, True))
    given = {1: found((50, PERSON, 0.95), (10, PERSON, 0.9))}
    assert coco.average_precisions(wanted, given)["ap_person"] == pytest.approx(100)
    plain = coco.without_crowds(wanted)
    assert coco.average_precisions(plain, given)["ap_person"] == pytest.approx(50)


def test_the_best_of_a_photograph_are_scored(monkeypatch):
    monkeypatch.setattr(coco, "MOST", 1)
    wanted = truth((1, 10, PERSON), (1, 50, CAR))
    scores = coco.average_precisions(wanted, {1: found((10, PERSON, 0.4), (50, CAR, 0.6))})
    assert (scores["ap"], scores["ap_person"]) == (pytest.approx(50), 0)


def test_without_the_scorer_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)
    with pytest.raises(SkipBenchmark, match=r"pycocotools is not installed; .* extra `bench`"):
        coco.load()


@pytest.fixture
def two():
    try:
        return coco.load(most=2)
    except SkipBenchmark as reason:
        pytest.skip(str(reason))


@pytest.mark.data
def test_the_first_photographs_come_with_what_is_on_them(two):
    images = coco.photographs(two)
    assert [image["id"] for image in two["images"]] == list(images) == [139, 285]
    assert {one["image_id"] for one in two["annotations"]} == set(images)
    assert all(
        images[image["id"]].shape == (image["height"], image["width"], 3) for image in two["images"]
    )
