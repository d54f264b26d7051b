"""The far ends, and a folder with little space."""

import pytest

from tests.disks import small_disk
from tests.events.make_mirrors import FileCentre, HttpCentre, MqttCentre, NatsCentre
from tests.serve.make_tls import authority


@pytest.fixture
def lines(tmp_path):
    return FileCentre(tmp_path / "lines")


@pytest.fixture
def hook():
    made = HttpCentre()
    yield made
    made.end()


@pytest.fixture
def broker(tmp_path):
    made = MqttCentre(tmp_path / "mosquitto")
    yield made
    made.end()


@pytest.fixture
def stream(tmp_path):
    made = NatsCentre(tmp_path / "nats")
    yield made
    made.end()


@pytest.fixture
def small(tmp_path):
    """A file system of 2 MiB."""
    with small_disk(tmp_path / "disk", megabytes=2) as folder:
        yield folder


@pytest.fixture
def tls(tmp_path):
    return authority(tmp_path / "ca")


@pytest.fixture
def stranger(tmp_path):
    """Another certificate authority."""
    return authority(tmp_path / "other")
