"""Every sink keeps the contract."""

import pytest

from tests.events.make_sinks import GrpcCentre, MemoryCentre
from tests.events.sink_contract import SinkContract


class TestMemorySink(SinkContract):
    @pytest.fixture
    def centre(self):
        return MemoryCentre()


class TestPushSink(SinkContract):
    @pytest.fixture
    def centre(self):
        made = GrpcCentre()
        yield made
        made.down()
