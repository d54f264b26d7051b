"""What every sink must do; a test module makes it a test class by giving it a fixture `centre`.

A centre is a far end of the sink's kind: `sink()` makes a sink that reports to it, `arrived` lists
what has come, again where it was sent again, `stored` each event once; it is unreachable between
`down()` and `up()`. One that can refuse an event does so by its note (`unwanted`), saying `why`;
one that can keep a sink waiting is `silent`, and tells whether it has `heard` something.
"""

import random
import threading
import time

import pytest

from edge.errors import SinkError
from edge.events import relay as relay_module
from edge.events.relay import Relay
from edge.events.route import Route
from edge.types import Receipt
from tests.events.make_events import (
    CLEARED,
    UPDATED,
    eventually,
    message,
    messages,
    sample,
    sequences,
)

LONG_S = 40.0  # for far ends that are processes, on a machine that has more to do


def batch(first, last):
    """Events as an outbox has numbered them."""
    return [message(f"a{n}", box_id="box-1", sequence=n) for n in range(first, last + 1)]


class SinkContract:
    @pytest.fixture
    def sink(self, centre):
        made = centre.sink()
        yield made
        made.close()

    def test_it_has_a_name(self, sink):
        assert sink.name

    def test_a_batch_arrives_in_order_and_is_acknowledged(self, centre, sink):
        events = batch(1, 100)
        assert send_all(sink, events) == Receipt(100)
        eventually(lambda: len(centre.stored) == 100)
        assert centre.stored == events

    def test_batches_follow_one_another(self, centre, sink):
        for first in (1, 11, 21):
            assert send_all(sink, batch(first, first + 9)).acked == first + 9
        eventually(lambda: sequences(centre.stored) == list(range(1, 31)))

    def test_what_is_sent_again_is_acknowledged_again_and_stored_once(self, centre, sink):
        events = batch(1, 5)
        send_all(sink, events[:3])
        assert send_all(sink, events).acked == 5
        assert send_all(sink, events).acked == 5
        eventually(lambda: len(centre.stored) == 5)
        assert centre.stored == events

    def test_an_unreachable_centre_is_an_error_with_its_name(self, centre, sink):
        centre.down()
        with pytest.raises(SinkError, match=sink.name):
            sink.send(batch(1, 1))
        assert centre.arrived == []

    def test_it_sends_again_once_the_centre_is_back(self, centre, sink):
        events = batch(1, 4)
        send_all(sink, events[:2])
        centre.down()
        with pytest.raises(SinkError):
            sink.send(events[2:])
        centre.up()
        assert eventually(lambda: sent(sink, events[2:]), LONG_S)
        eventually(lambda: len(centre.stored) == 4)
        assert centre.stored == events

    def test_closing_is_for_good(self, centre, sink):
        send_all(sink, batch(1, 1))
        sink.close()
        sink.close()
        with pytest.raises(SinkError, match=sink.name):
            sink.send(batch(2, 2))
        eventually(lambda: centre.stored)
        assert sequences(centre.stored) == [1]

    # --- with its relay

    @pytest.fixture
    def relay(self, centre, outbox, metrics, monkeypatch):
        """Not started; impatient, as nobody wants to wait for back-off here."""
        monkeypatch.setattr(relay_module, "FIRST_PAUSE_S", 0.02)
        monkeypatch.setattr(relay_module, "LONGEST_PAUSE_S", 0.1)
        monkeypatch.setattr(relay_module, "LONGEST_WAIT_S", 0.2)
        made = Relay(outbox, centre.sink(), route=self.ROUTE, metrics=metrics)
        yield made
        if made.ident:
            made.stop()
            made.join(5)
            assert not made.is_alive()

    ROUTE = Route(min_level=2)

    def test_an_alert_that_rises_is_sent_from_then_on_whatever_befalls_the_centre(
        self, centre, outbox, relay
    ):
        relay.start()
        outbox.append([message("a", level=1), message("b", level=1)])
        outbox.append([message("a", UPDATED, level=2)])
        eventually(lambda: sequences(centre.stored) == [3], LONG_S)
        centre.down()
        outbox.append([message("b", CLEARED, level=1), message("a", CLEARED, level=2)])
        outbox.append([message("c", level=1)])
        centre.up()
        eventually(lambda: sequences(centre.stored) == [3, 5], LONG_S)
        eventually(lambda: outbox.cursor(relay.health().name) == 6)

    def test_a_far_end_that_dies_again_and_again_loses_nothing_and_keeps_the_order(
        self, centre, outbox, relay, metrics
    ):
        relay.start()
        for _ in range(3):
            some = len(centre.stored) + random.randint(1, 25)
            outbox.append(messages(30, level=2))
            eventually(lambda least=some: len(centre.stored) >= least, LONG_S)
            centre.down()  # amid what it is being sent
            outbox.append(messages(10, level=2))
            eventually(lambda: relay.health().reason, LONG_S)
            centre.up()
        eventually(lambda: outbox.cursor(relay.health().name) == 120, LONG_S)
        eventually(lambda: len(centre.stored) == 120)
        assert sequences(centre.stored) == list(range(1, 121))
        identities = {(one.sequence, one.event_id, one.box_id) for one in centre.arrived}
        assert len(identities) == 120
        assert sample(metrics, "sink_rejected_total", sink=relay.health().name[5:]) == 0

    def test_while_the_centre_is_away_the_status_says_why_and_what_waits(
        self, centre, outbox, relay
    ):
        centre.down()
        relay.start()
        outbox.append(messages(3, level=2))
        name = relay.health().name.removeprefix("sink:")
        eventually(lambda: name in relay.health().reason, LONG_S)
        health = relay.health()
        assert (health.connected, health.backlog, health.acked_sequence) == (False, 3, 0)
        centre.up()
        eventually(lambda: relay.health().acked_sequence == 3, LONG_S)
        assert (relay.health().connected, relay.health().reason) == (True, "")


class RefusingContract(SinkContract):
    """Of a far end that can say no to one event."""

    def test_a_refused_event_is_named_and_the_others_are_taken(self, centre, sink):
        events = batch(1, 3)
        events[1].note = centre.unwanted
        receipt = sink.send(events)
        assert (receipt.acked, [*receipt.rejected]) == (3, [2])
        assert centre.why in receipt.rejected[2]
        eventually(lambda: sequences(centre.stored) == [1, 3])

    def test_a_refused_event_is_kept_aside_and_counted_once(self, centre, outbox, relay, metrics):
        events = messages(5, level=2)
        events[2].note = centre.unwanted
        relay.start()
        outbox.append(events)
        eventually(lambda: outbox.cursor(relay.health().name) == 5, LONG_S)
        (letter,), _ = outbox.dead_letters(limit=9)
        assert letter.sequence == 3
        assert centre.why in letter.reason
        assert sample(metrics, "sink_rejected_total", sink=relay.health().name[5:]) == 1
        eventually(lambda: sequences(centre.stored) == [1, 2, 4, 5])


class WaitingContract(SinkContract):
    """Of a far end that can keep a sink waiting."""

    def test_closing_ends_a_send_that_waits(self, centre, sink):
        centre.silent = True
        failed = []
        sending = threading.Thread(target=lambda: failed.append(not sent(sink, batch(1, 1))))
        sending.start()
        eventually(lambda: centre.heard)
        began = time.monotonic()
        sink.close()
        sending.join(5)
        assert failed == [True]
        assert time.monotonic() - began < 3

    def test_its_relay_stops_while_the_far_end_says_nothing(self, centre, outbox, relay):
        centre.silent = True
        relay.start()
        outbox.append(messages(1, level=2))
        eventually(lambda: centre.heard)
        began = time.monotonic()
        relay.stop()
        relay.join(5)
        assert not relay.is_alive()
        assert time.monotonic() - began < 3
        assert outbox.cursor(relay.health().name) == 0


def send_all(sink, events):
    """As its relay does: what was not taken is sent again."""
    rejected, left = {}, list(events)
    while left:
        receipt = sink.send(left)
        rejected |= receipt.rejected
        left = [one for one in left if one.sequence > receipt.acked]
    return Receipt(receipt.acked, rejected)


def sent(sink, events):
    try:
        return send_all(sink, events).acked == events[-1].sequence
    except SinkError:
        return False
