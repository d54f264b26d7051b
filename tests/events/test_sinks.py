"""Every sink keeps the contract, towards a real far end of its kind."""

import pytest

from tests.events.make_sinks import GrpcCentre, MemoryCentre
from tests.events.sink_contract import RefusingContract, WaitingContract


class TestMemorySink(RefusingContract, WaitingContract):
    @pytest.fixture
    def centre(self):
        return MemoryCentre()


class TestPushSink(RefusingContract, WaitingContract):
    @pytest.fixture
    def centre(self):
        made = GrpcCentre()
        yield made
        made.down()
