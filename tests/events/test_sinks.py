"""Every sink keeps the contract, towards a real far end of its kind."""

import random

import pytest

from tests.events.make_events import eventually
from tests.events.make_mirrors import FileCentre, HttpCentre, MqttCentre, NatsCentre
from tests.events.make_sinks import GrpcCentre, MemoryCentre
from tests.events.sink_contract import (
    LONG_S,
    RefusingContract,
    SinkContract,
    WaitingContract,
    batch,
    sent,
)


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


class TestJsonLinesSink(SinkContract):
    """A file refuses nothing, and keeps nobody waiting."""

    @pytest.fixture
    def centre(self, tmp_path):
        return FileCentre(tmp_path / "lines")


class TestWebhookSink(RefusingContract, WaitingContract):
    @pytest.fixture
    def centre(self):
        made = HttpCentre()
        yield made
        made.end()


class BrokerContract(RefusingContract, WaitingContract):
    """Its acknowledgement is the broker's word, and brokers are killed."""

    def test_what_was_acknowledged_right_before_a_kill_is_not_lost(self, centre, sink):
        events = batch(1, 60)
        for first in range(0, 60, 12):
            killed_at = random.randint(first + 1, first + 11)
            assert eventually(lambda part=events[first:killed_at]: sent(sink, part), LONG_S)
            centre.down()
            centre.up()
            rest = events[killed_at : first + 12]
            assert eventually(lambda part=rest: sent(sink, part), LONG_S)
        eventually(lambda: len(centre.stored) == 60)
        assert centre.stored == events


class TestMqttSink(BrokerContract):
    @pytest.fixture
    def centre(self, tmp_path):
        made = MqttCentre(tmp_path / "mosquitto")
        yield made
        made.end()


class TestNatsSink(BrokerContract):
    @pytest.fixture
    def centre(self, tmp_path):
        made = NatsCentre(tmp_path / "nats")
        yield made
        made.end()
