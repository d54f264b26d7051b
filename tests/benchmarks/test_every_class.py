"""All classes of every family that is measured, by its own decoding."""

import pytest

from benchmarks.every_class import PLACES, EveryClass
from benchmarks.networks import MODELS
from edge.detect.engines import Engine, open_session
from edge.detect.families import FAMILIES
from edge.detect.whole import blank_image
from tests.detect import make_onnx

SIZE = (96, 96)
BOXES = [(10, 10, 30, 30), (12, 10, 32, 30), (60, 60, 80, 90), (8, 50, 40, 90)]
SCORES = [{0: 0.9, 79: 0.5}, {16: 0.8}, {1: 0.7, 2: 0.6}, {60: 0.3, 61: 0.01}]
WANTED = {(0, 0.9), (79, 0.5), (16, 0.8), (1, 0.7), (2, 0.6), (60, 0.3)}


@pytest.fixture(params=PLACES)
def every(request, tmp_path):
    path = tmp_path / "network.onnx"
    getattr(make_onnx, request.param)(path, BOXES, SCORES, size=SIZE)
    session = open_session(path, FAMILIES[request.param].INPUT, Engine(("cpu",)))
    return EveryClass(request.param, session, score=0.02)


def test_each_class_is_found_once_by_its_own_number(every):
    found = every.detect(blank_image(SIZE))
    rows = zip(found.class_id.tolist(), found.score.tolist(), strict=True)
    assert sorted((number, round(score, 3)) for number, score in rows) == sorted(WANTED)


def test_boxes_stay_where_they_are(every):
    found = every.detect(blank_image(SIZE))
    by_class = dict(zip(found.class_id.tolist(), found.xyxy.tolist(), strict=True))
    assert by_class[16] == pytest.approx(BOXES[1], abs=0.5)
    assert by_class[60] == pytest.approx(BOXES[3], abs=0.5)


def test_a_second_picture_is_seen_anew(every):
    first = every.detect(blank_image(SIZE))
    second = every.detect(blank_image(SIZE))
    assert second.class_id.tolist() == first.class_id.tolist()


def test_every_family_that_is_measured_has_its_place():
    assert {model.family for model in MODELS} <= set(PLACES)
