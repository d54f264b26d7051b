"""Boxes, networks and far ends that are cheap enough to fail a hundred times."""

import pytest

from edge.events import relay
from tests.faults.centre import Centre, Kept
from tests.faults.proxy import Proxy


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Pauses between attempts as a test can wait for."""
    monkeypatch.setattr(relay, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(relay, "LONGEST_PAUSE_S", 0.1)


@pytest.fixture
def kept(tmp_path):
    store = Kept(tmp_path / "centre.db")
    yield store
    store.close()


@pytest.fixture
def centre(kept):
    with Centre(kept) as made:
        yield made


@pytest.fixture
def network():
    with Proxy() as made:
        yield made
