"""Non-maximum suppression, held against the plain rule."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.detect.boxes import FAR, MOST, detections, solid, suppressed
from edge.geometry import iou
from edge.types import CLASSES

corner = st.integers(-20, 40)
side = st.integers(1, 30)
box = st.tuples(corner, corner, side, side, st.sampled_from([0, 1, 2, 7, 16]), st.integers(1, 99))


def raw(rows):
    """A network's boxes and scores for rows of (x, y, width, height, class, percent)."""
    xyxy = np.array([(x, y, x + w, y + h) for x, y, w, h, *_ in rows], np.float32).reshape(-1, 4)
    scores = np.zeros((len(rows), 80), np.float32)
    for row, (*_, class_id, percent) in enumerate(rows):
        scores[row, class_id] = percent / 100
    return xyxy, scores


def by_the_rule(xyxy, scores, *, score, overlap):
    """Greedy suppression as the papers word it; row numbers by class."""
    kept = set()
    for class_id in CLASSES.values():
        mine = []
        for row in np.argsort(-scores[:, class_id], kind="stable"):
            alike = [iou(xyxy[[row]], xyxy[[other]])[0, 0] > overlap for other in mine]
            if scores[row, class_id] >= score and not any(alike):
                mine.append(row)
        kept |= {(int(row), class_id) for row in mine}
    return kept


@given(st.lists(box, max_size=30))
def test_suppression_is_the_greedy_one_within_each_class(rows):
    xyxy, scores = raw(rows)
    assume(not (np.abs(iou(xyxy, xyxy) - 0.6) < 1e-4).any())
    found = detections(xyxy, scores, score=0.2, overlap=0.6)
    expected = by_the_rule(xyxy, scores, score=np.float32(0.2), overlap=0.6)
    told = sorted(zip(found.xyxy.tolist(), found.class_id.tolist(), strict=True))
    assert told == sorted((xyxy[row].tolist(), class_id) for row, class_id in expected)
    assert (np.diff(found.score) <= 0).all()


@pytest.mark.parametrize(
    "wrong", [(5, 5, 5, 9), (9, 5, 5, 9), (np.nan, 0, 5, 5), (0, 0, np.inf, 5)]
)
def test_a_box_without_an_area_is_left_out_and_hides_nothing(wrong):
    xyxy, scores = raw([(0, 0, 10, 10, 0, 50), (0, 0, 1, 1, 0, 90)])
    xyxy[1] = wrong
    found = detections(xyxy, scores, score=0.2, overlap=0.6)
    assert found.xyxy.tolist() == [[0, 0, 10, 10]]


def test_classes_never_hide_one_another_wherever_they_are():
    xyxy, scores = raw([(90, 90, 10, 10, 0, 90), (-11, -11, 10, 10, 1, 50)])
    assert len(detections(xyxy, scores, score=0.2, overlap=0.6)) == 2


def test_a_threshold_of_zero_costs_no_more_than_the_bound():
    rows = [(x % 60 * 10, x // 60 * 10, 8, 8, 0, 50) for x in range(3600)]
    found = detections(*raw(rows), score=0.0, overlap=0.6)
    assert len(found) == MOST


@given(st.lists(box, max_size=20), st.sampled_from([0.3, 0.55, 0.8]))
def test_of_boxes_in_order_the_first_of_each_place_stay(rows, overlap):
    xyxy, _ = raw(rows)
    kinds = np.array([kind for *_, kind, _ in rows], np.int64)
    alike = (iou(xyxy, xyxy) > overlap) & (kinds[:, None] == kinds)
    kept = []
    for row in range(len(rows)):
        if not alike[row, kept].any():
            kept.append(row)
    assert np.flatnonzero(suppressed(xyxy, kinds, overlap)).tolist() == kept


def test_what_was_left_out_hides_nothing():
    xyxy = np.array([[x, 0, x + 10, 10] for x in (0, 2, 4)], np.float32)
    assert suppressed(xyxy, np.zeros(3, np.int64), 0.55).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("box", "good"),
    [
        ((0, 0, 1, 1), True),
        ((-50, -50, 0.5, 1), True),
        ((5, 0, 5, 9), False),
        ((0, 9, 5, 5), False),
        ((0, 0, np.nan, 5), False),
        ((-np.inf, 0, 5, 5), False),
        ((0, 0, FAR, 5), False),
    ],
)
def test_a_solid_box_has_an_area_and_no_absurd_one(box, good):
    assert solid(np.array([box], np.float32)).tolist() == [good]
