"""Refusing one event for good, and being told when to come back, over a real socket."""

import grpc
import pytest

from edge.errors import OutboxError, Refusal, RefusalError
from edge.rpc import box_pb2
from edge.rpc import events_pb2 as pb
from edge.rpc.box_pb2_grpc import BoxStub
from edge.rpc.events_pb2_grpc import EventsStub
from edge.serve import events as events_service
from edge.serve.refusals import RETRY_S
from tests.serve.make_serve import (
    Reader,
    connected,
    eventually,
    reason_of,
    retry_s,
    serving,
)

FULL = OutboxError("the disk is full", "make room")


def test_a_refused_event_is_kept_aside_and_the_stream_goes_on(log, channel):
    log.append(4)
    reader = Reader(channel, consumer="centre", max_outstanding=4)
    reader.events(4)
    reader.ack(1)
    reader.nack(2, "no such\n zone  here")
    reader.ack(3)
    eventually(lambda: log.cursors["pull:centre"] == 3)
    assert log.letters == {("pull:centre", 2): "no such zone here"}
    log.append(3)
    assert reader.next(timeout=10).last_sequence == 4
    assert reader.events(3) == [5, 6, 7]


def test_a_nack_makes_room_in_the_window(log, channel):
    log.append(9)
    reader = Reader(channel, consumer="centre", max_outstanding=3)
    reader.events(3)
    reader.nack(2)
    assert reader.events(1) == [4]
    assert reader.hears_nothing()


def test_a_nack_is_not_cumulative_and_passes_nothing_that_is_not_acked(log, channel):
    log.append(3)
    reader = Reader(channel, consumer="centre")
    reader.events(3)
    reader.nack(2)
    eventually(lambda: log.letters)
    reader.cancel()
    assert log.cursors == {"pull:centre": 0}
    again = Reader(channel, consumer="centre")
    assert again.events(3) == [1, 2, 3]
    again.nack(2, "again")
    again.nack(1)
    again.ack(3)
    eventually(lambda: log.cursors["pull:centre"] == 3)
    assert log.letters == {("pull:centre", 2): "", ("pull:centre", 1): ""}


def test_refusing_all_is_as_good_as_acknowledging_all(log, channel):
    log.append(3)
    reader = Reader(channel, consumer="centre")
    reader.events(3)
    for sequence in (3, 1, 2):
        reader.nack(sequence, "broken")
    eventually(lambda: log.cursors["pull:centre"] == 3)
    assert [sequence for _, sequence in sorted(log.letters)] == [1, 2, 3]


def test_a_long_reason_is_cut(log, channel):
    log.append()
    reader = Reader(channel, consumer="centre")
    reader.events(1)
    reader.nack(1, "x" * 5000)
    eventually(lambda: log.letters)
    assert log.letters["pull:centre", 1] == "x" * 200


def test_what_can_not_be_kept_aside_is_not_passed_and_comes_again(log, channel):
    def fail(*_):
        raise FULL

    log.append(2)
    reader = Reader(channel, consumer="centre")
    reader.events(2)
    log.dead_letter, kept = fail, log.dead_letter
    reader.nack(1)
    reader.ack(2)
    assert reader.error() == ("UNAVAILABLE", "STORE_FAILED")
    assert log.cursors == {"pull:centre": 0}
    log.dead_letter = kept
    assert Reader(channel, consumer="centre").events(2) == [1, 2]


@pytest.mark.parametrize("sequence", [0, 1, 4])
def test_only_what_is_outstanding_can_be_refused(log, channel, sequence):
    log.append(3)
    reader = Reader(channel, consumer="centre")
    reader.events(3)
    reader.ack(1)
    reader.nack(sequence)
    assert reader.error() == ("INVALID_ARGUMENT", "NOT_OUTSTANDING")
    assert (log.cursors, log.letters) == ({"pull:centre": 1}, {})


def test_who_has_no_name_can_not_refuse(log, channel):
    log.append()
    reader = Reader(channel, after_sequence=0)
    reader.events(1)
    reader.nack(1)
    assert reader.error() == ("INVALID_ARGUMENT", "NOT_NAMED")


def test_an_ack_after_the_deadline_of_a_stream_is_not_lost_if_it_was_heard(log, channel):
    log.append(3)
    reader = Reader(channel, consumer="centre", deadline_s=1.0)
    reader.events(3)
    reader.ack(2)
    assert reader.error() == ("DEADLINE_EXCEEDED", None)
    eventually(lambda: log.cursors["pull:centre"] == 2)
    assert Reader(channel, consumer="centre").events(1) == [3]


def test_a_deadline_frees_the_place_of_the_stream(box, channel):
    reader = Reader(channel, consumer="centre", deadline_s=0.5)
    reader.next()
    assert reader.error() == ("DEADLINE_EXCEEDED", None)
    eventually(lambda: box.connected() == set())


def test_a_full_house_says_when_to_come_back(log, channel, monkeypatch):
    monkeypatch.setattr(events_service, "MOST_SUBSCRIBERS", 0)
    reader = Reader(channel, consumer="centre")
    assert reader.error() == ("UNAVAILABLE", "TOO_MANY_SUBSCRIBERS")
    assert retry_s(reader._call) == RETRY_S["TOO_MANY_SUBSCRIBERS"]


def test_a_disk_that_fails_says_when_to_come_back(log, channel):
    log.failing = FULL
    reader = Reader(channel, consumer="centre")
    assert reader.error() == ("UNAVAILABLE", "STORE_FAILED")
    assert retry_s(reader._call) == RETRY_S["STORE_FAILED"]


def test_stopping_says_when_to_come_back(box, channel):
    reader = Reader(channel, consumer="centre")
    reader.next()
    box.stop()
    assert reader.error() == ("UNAVAILABLE", "SHUTTING_DOWN")
    assert retry_s(reader._call) == RETRY_S["SHUTTING_DOWN"]


class Full:
    """Controls that take no more."""

    def __init__(self, reason):
        self.reason = reason

    def raise_alarm(self, _request):
        raise RefusalError("too many", "later", kind=Refusal.FULL, reason=self.reason)


@pytest.mark.parametrize(("reason", "after"), [("TOO_MANY_CALLS", 1.0), ("TOO_MANY_ORDERS", None)])
def test_back_pressure_says_when_to_ask_again_and_a_limit_does_not(reason, after):
    alarm = box_pb2.RaiseAlarmRequest(rule="panic")
    with serving(controls=Full(reason)) as made, connected(made) as channel:
        call = BoxStub(channel).RaiseAlarm
        with pytest.raises(grpc.RpcError) as caught:
            call(alarm)
    assert reason_of(caught.value) == ("RESOURCE_EXHAUSTED", reason)
    assert retry_s(caught.value) == after


def test_a_request_that_is_wrong_is_not_worth_a_retry(channel):
    with pytest.raises(grpc.RpcError) as caught:
        EventsStub(channel).ListAlerts(pb.ListAlertsRequest(page_size=-1))
    assert retry_s(caught.value) is None
