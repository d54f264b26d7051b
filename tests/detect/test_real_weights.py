"""Weights of other families than the default model's, where they are at hand: they see people."""

import numpy as np
import pytest

from edge.detect import open_detector
from edge.detect.engines import Engine
from edge.detect.manifest import find
from edge.detect.models import add_model
from edge.geometry import foot_points
from edge.picture import Still
from edge.types import CLASSES
from tests.detect.conftest import DATA

MODELS = DATA.parent / "models"
FILES = {  # by family: the file and the score of the seven people; what else is there has less
    "yolox": ("yolox_nano.onnx", 0.6),
    "nanodet": ("nanodet_plus_m1.5x_416_from_int8.onnx", 0.5),
}
SEEN = [(100, 215), (238, 267), (506, 219), (627, 366), (687, 153), (712, 153), (720, 354)]


@pytest.fixture(params=FILES)
def opened(request, cache):
    """Opens the real network of a family as a user's own file."""
    name, score = FILES[request.param]
    path = next(MODELS.rglob(name), None)
    if path is None:
        pytest.skip(f"no weights: {name} is not below {MODELS}, set FENCELINE_DATA")
    add_model(path, name="own")
    assert find("own").family == request.param
    return open_detector("own", score=score, engine=Engine(("cpu",)))


@pytest.mark.data
def test_it_finds_the_seven_people_on_a_road(opened, road):
    (found,) = opened.detect([Still(road)])
    people = found[found.class_id == CLASSES["person"]]
    feet = np.array(sorted(foot_points(people.xyxy).tolist()))
    assert feet == pytest.approx(np.array(SEEN), abs=6)


@pytest.mark.data
def test_it_finds_nothing_on_a_grey_wall(opened):
    (found,) = opened.detect([Still(np.full((480, 640, 3), 128, np.uint8))])
    assert len(found) == 0
