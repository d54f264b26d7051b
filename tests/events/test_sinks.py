"""Every sink keeps the contract."""

import pytest

from edge.events.relay import Relay
from edge.events.route import Route
from tests.events.make_events import CLEARED, UPDATED, eventually, message, sequences
from tests.events.make_sinks import GrpcCentre, MemoryCentre
from tests.events.sink_contract import SinkContract


class RoutedContract(SinkContract):
    """And so do its relay and a route in front of it."""

    def test_an_alert_that_rises_is_sent_from_then_on_whatever_befalls_the_centre(
        self, centre, outbox, metrics
    ):
        relay = Relay(outbox, centre.sink(), route=Route(min_level=2), metrics=metrics)
        relay.start()
        try:
            outbox.append([message("a", level=1), message("b", level=1)])
            outbox.append([message("a", UPDATED, level=2)])
            eventually(lambda: sequences(centre.stored) == [3])
            centre.down()
            outbox.append([message("b", CLEARED, level=1), message("a", CLEARED, level=2)])
            outbox.append([message("c", level=1)])
            centre.up()
            eventually(lambda: sequences(centre.stored) == [3, 5])
            eventually(lambda: outbox.cursor(relay.health().name) == 6)
        finally:
            relay.stop()
            relay.join(5)


class TestMemorySink(RoutedContract):
    @pytest.fixture
    def centre(self):
        return MemoryCentre()


class TestPushSink(RoutedContract):
    @pytest.fixture
    def centre(self):
        made = GrpcCentre()
        yield made
        made.down()
