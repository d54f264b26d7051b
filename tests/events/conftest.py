"""Stores and disks for the tests of this room."""

import subprocess

import pytest

from edge.metrics import Metrics
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


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
