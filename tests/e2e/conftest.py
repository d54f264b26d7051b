"""The real clip and the real model, fetched once as the demo fetches them."""

import os
from pathlib import Path

import pytest

from edge.demo.assets import get_asset
from edge.detect.models import get_model
from edge.errors import FencelineError
from edge.stream.encode import encode_h264

DATA = Path(os.environ.get("FENCELINE_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))


def ignore(*_):
    """A progress report nobody reads."""


@pytest.fixture(scope="session")
def model():
    try:
        return get_model("picodet-s-416", progress=ignore)
    except FencelineError as error:
        pytest.skip(f"the model can't be made here: {error}")


@pytest.fixture(scope="session")
def clip():
    given = DATA / "pets09_s2l1" / "vtest.avi"
    try:
        return get_asset("vtest.avi", given=given if given.exists() else None, progress=ignore)
    except FencelineError as error:
        pytest.skip(f"the clip can't be fetched here: {error}")


@pytest.fixture(scope="session")
def h264(clip, tmp_path_factory):
    """The first 30 seconds as a camera would send them, encoded once for every RTSP server."""
    out = tmp_path_factory.mktemp("clip") / "road.h264"
    encode_h264(clip, out, seconds=30)
    return out
