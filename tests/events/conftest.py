"""Stores and disks for the tests of this room."""

import pytest

from edge.metrics import Metrics
from tests.disks import small_disk
from tests.events.make_events import FakeClock, open_outbox


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def outbox(tmp_path, clock, metrics):
    with open_outbox(tmp_path, clock=clock, metrics=metrics) as opened:
        yield opened


@pytest.fixture(name="small_disk")
def two_megabytes(tmp_path):
    """A file system of 2 MiB."""
    with small_disk(tmp_path / "disk", megabytes=2) as folder:
        yield folder
