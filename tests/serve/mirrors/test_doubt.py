"""What is sent once more after a connection was lost."""

import pytest

from edge.serve.mirrors import doubt as module
from edge.serve.mirrors.doubt import Doubt
from tests.events.make_events import FakeClock, sequences
from tests.events.sink_contract import batch


@pytest.fixture
def time():
    return FakeClock(1000.0)


@pytest.fixture
def doubt(time):
    return Doubt(time)


def acked(doubt, events, time, *, every_s=0.0):
    for event in events:
        doubt.acked(event)
        time.now += every_s


def test_nothing_is_in_doubt_while_the_connection_holds(doubt, time):
    acked(doubt, batch(1, 3), time)
    assert doubt.again() == []


def test_the_last_seconds_before_a_loss_are_sent_again_in_order(doubt, time):
    acked(doubt, batch(1, 20), time, every_s=1.0)
    doubt.lost()
    assert sequences(doubt.again()) == list(range(15, 21))


def test_what_was_acknowledged_long_before_is_not(doubt, time):
    acked(doubt, batch(1, 3), time)
    time.now += module.UNNOTICED_S + 1
    doubt.lost()
    assert doubt.again() == []


def test_it_stays_in_doubt_however_long_the_broker_is_away(doubt, time):
    acked(doubt, batch(1, 3), time)
    doubt.lost()
    time.now += 3600
    doubt.lost()
    assert sequences(doubt.again()) == [1, 2, 3]


def test_a_loss_amid_sending_again_keeps_the_order(doubt, time):
    events = batch(1, 4)
    acked(doubt, events, time)
    doubt.lost()
    acked(doubt, events[:2], time)
    assert sequences(doubt.again()) == [3, 4]
    doubt.lost()
    assert sequences(doubt.again()) == [1, 2, 3, 4]


def test_what_is_refused_then_is_left_alone(doubt, time):
    events = batch(1, 2)
    acked(doubt, events, time)
    doubt.lost()
    doubt.refused(events[0])
    assert sequences(doubt.again()) == [2]


def test_it_remembers_a_bounded_number(doubt, time, monkeypatch):
    monkeypatch.setattr(module, "MOST", 10)
    acked(doubt, batch(1, 50), time)
    doubt.lost()
    assert sequences(doubt.again()) == list(range(41, 51))
