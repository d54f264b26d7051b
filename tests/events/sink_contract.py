"""What every sink must do; a test module makes it a test class by giving it a fixture `centre`.

A centre is a command centre of the sink's kind: `sink()` makes a sink that reports to it,
`stored` lists what it holds, each event once; it refuses what `refusing` names (sequence -> why),
and is unreachable between `down()` and `up()`.
"""

import threading
import time

import pytest

from edge.errors import SinkError
from edge.types import Receipt
from tests.events.make_events import eventually, message, sequences


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
        assert sink.send(events) == Receipt(100)
        assert centre.stored == events

    def test_batches_follow_one_another(self, centre, sink):
        for first in (1, 11, 21):
            assert sink.send(batch(first, first + 9)).acked == first + 9
        assert sequences(centre.stored) == list(range(1, 31))

    def test_what_is_sent_again_is_acknowledged_again_and_stored_once(self, centre, sink):
        events = batch(1, 5)
        sink.send(events[:3])
        assert sink.send(events).acked == 5
        assert sink.send(events).acked == 5
        assert centre.stored == events

    def test_a_refused_event_is_named_and_the_others_are_taken(self, centre, sink):
        centre.refusing = {2: "no such site"}
        assert sink.send(batch(1, 3)) == Receipt(3, {2: "no such site"})
        assert sequences(centre.stored) == [1, 3]

    def test_an_unreachable_centre_is_an_error_with_its_name(self, centre, sink):
        centre.down()
        with pytest.raises(SinkError, match=sink.name):
            sink.send(batch(1, 1))
        assert centre.stored == []

    def test_it_sends_again_once_the_centre_is_back(self, centre, sink):
        events = batch(1, 4)
        sink.send(events[:2])
        centre.down()
        with pytest.raises(SinkError):
            sink.send(events[2:])
        centre.up()
        assert eventually(lambda: sent(sink, events[2:]))
        assert centre.stored == events

    def test_closing_is_for_good(self, centre, sink):
        sink.send(batch(1, 1))
        sink.close()
        sink.close()
        with pytest.raises(SinkError, match=sink.name):
            sink.send(batch(2, 2))
        assert sequences(centre.stored) == [1]

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


def sent(sink, events):
    try:
        return sink.send(events).acked == events[-1].sequence
    except SinkError:
        return False
