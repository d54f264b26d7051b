"""The dataset, the model and the peers, each skipped over where it is not here."""

import pytest

from benchmarks import pets as pets_module
from benchmarks.result import SkipBenchmark
from edge.detect.models import get_model
from edge.errors import FencelineError


@pytest.fixture(scope="session")
def pets():
    try:
        return pets_module.load()
    except SkipBenchmark as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def model():
    try:
        return get_model("picodet-s-416")
    except FencelineError as error:
        pytest.skip(f"the model can't be made here: {error}")


@pytest.fixture(scope="session")
def sv():
    return pytest.importorskip("supervision", reason="comes with the extra `bench`")
