"""An empty model cache for a test, and the real model, made once and kept in the user's cache."""

import os
from pathlib import Path

import cv2
import pytest

from edge.detect.models import get_model
from edge.errors import ModelError

DATA = Path(os.environ.get("FENCELINE_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder of models, not made yet."""
    monkeypatch.setenv("FENCELINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture(scope="session")
def model_cache():
    """The folder that has picodet-s-416: the user's cache, filled from the registry at first."""
    try:
        return get_model("picodet-s-416").parent
    except ModelError as error:
        pytest.skip(f"the model can't be made here: {error}")


@pytest.fixture(scope="session")
def road():
    """The 200th picture of vtest.avi: a road from above with seven people."""
    path = DATA / "pets09_s2l1" / "vtest.avi"
    if not path.is_file():
        pytest.skip(f"no dataset: {path} is missing, set FENCELINE_DATA")
    video = cv2.VideoCapture(str(path))
    try:
        for _ in range(200):
            _, image = video.read()
    finally:
        video.release()
    return image
