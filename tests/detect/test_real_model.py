"""The default model itself: made from the registry, right to the byte, and it sees people."""

import importlib.util
import os
import socket

import numpy as np
import onnx
import pytest

from edge.detect import open_detector
from edge.detect.engines import Engine
from edge.detect.manifest import find, models, shipped
from edge.detect.models import get_model, verify_models
from edge.errors import ModelError
from edge.geometry import foot_points
from edge.picture import Still
from edge.types import CLASSES

RESIZED = ["picodet-s-320", "picodet-s-640", "picodet-s-384x640"]


def opened(score=0.4):
    return open_detector("picodet-s-416", score=score, engine=Engine(("cpu",)))


@pytest.mark.slow
def test_the_default_model_is_made_from_the_registry(model_cache):
    assert get_model("picodet-s-416") == model_cache / "picodet-s-416.onnx"
    assert {row.name: row.state for row in verify_models()}["picodet-s-416"] == "ready"


@pytest.mark.data
@pytest.mark.usefixtures("model_cache")
def test_it_finds_the_seven_people_on_a_road(road):
    (found,) = opened(score=0.6).detect([Still(road)])
    people = found[found.class_id == CLASSES["person"]]
    feet = sorted(foot_points(people.xyxy).tolist())
    seen = [(100, 215), (238, 267), (506, 219), (627, 366), (687, 153), (712, 153), (720, 354)]
    assert np.array(feet) == pytest.approx(np.array(seen), abs=6)


@pytest.mark.data
@pytest.mark.usefixtures("model_cache")
def test_it_finds_the_same_again_whatever_came_before(road):
    one, two = opened(), opened()
    two.detect([Still(np.full((99, 33, 3), 200, np.uint8))])
    (first,), (second,) = one.detect([Still(road)]), two.detect([Still(road)])
    assert first.xyxy.tobytes() == second.xyxy.tobytes()
    assert first.score.tobytes() == second.score.tobytes()


@pytest.mark.usefixtures("model_cache")
def test_it_finds_nothing_on_a_grey_wall():
    (found,) = opened().detect([Still(np.full((480, 640, 3), 128, np.uint8))])
    assert len(found) == 0


@pytest.mark.parametrize("name", RESIZED)
def test_the_recipe_gives_the_other_sizes_to_the_byte(model_cache, tmp_path, monkeypatch, name):
    """From the default model; the cache is another one, so that nothing is made in the user's."""
    monkeypatch.setenv("FENCELINE_CACHE", str(tmp_path))
    wanted = find(name)
    model = onnx.load(model_cache / "picodet-s-416.onnx")
    onnx.save(picodet_recipe().resized(model, *wanted.size), tmp_path / "made.onnx")
    (tmp_path / "models").mkdir()
    (tmp_path / "made.onnx").rename(wanted.path)
    detector = open_detector(name, score=0.4, engine=Engine(("cpu",)))
    assert detector.sha256 == wanted.sha256


def test_every_resized_model_of_the_manifest_is_tested():
    assert ["picodet-s-416", *RESIZED] == [one.name for one in models().values() if one.recipe]


@pytest.mark.slow
def test_offline_is_one_clear_error(cache, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # nobody listens: refused
        port = unused.getsockname()[1]
        for name, value in {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple",
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
            "PIP_NO_CACHE_DIR": "1",
        }.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(ModelError, match=r"network.*`fenceline models add FILE") as caught:
            get_model("picodet-s-416")
    assert "installing the converter failed" in str(caught.value)
    assert sorted(one.name for one in cache.iterdir()) == [".lock"]


def picodet_recipe():
    """The converter as a module."""
    path = shipped() / "recipes" / "picodet.py"
    spec = importlib.util.spec_from_file_location("picodet_recipe", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
