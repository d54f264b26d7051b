"""Events.Subscribe over a real socket."""

import asyncio
import threading

import grpc
import pytest

from edge.errors import OutboxError
from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb
from edge.rpc.events_pb2_grpc import EventsStub
from edge.serve import events as events_service
from edge.serve.events import Events
from tests.serve.make_serve import Reader, eventually, reason_of


def test_a_new_consumer_gets_the_oldest_event_first_and_hears_when_it_has_all(log, channel):
    log.append(3)
    reader = Reader(channel, consumer="centre")
    assert reader.events(3) == [1, 2, 3]
    assert reader.next() == pb.Progress(last_sequence=3)


def test_an_event_comes_as_soon_as_it_is_committed(log, channel):
    reader = Reader(channel, consumer="centre")
    assert reader.next() == pb.Progress(last_sequence=0)
    log.append(2)
    assert reader.events(2) == [1, 2]


def test_a_consumer_goes_on_behind_its_last_ack(log, box, channel):
    log.append(5)
    first = Reader(channel, consumer="centre")
    first.events(5)
    first.ack(2)
    first.ack(3)
    first.close()
    assert first.error() == ("OK", None)
    assert log.cursors == {"pull:centre": 3}
    assert Reader(channel, consumer="centre").events(2) == [4, 5]


def test_a_consumer_is_known_from_its_first_stream_on(log, channel):
    log.append(2)
    Reader(channel, consumer="centre").events(2)
    assert log.cursors == {"pull:centre": 0}


def test_an_old_ack_that_comes_right_with_the_start_is_no_error(log, channel):
    log.append(5)
    log.cursors["pull:centre"] = 3
    reader = Reader(channel, consumer="centre")
    reader.ack(3)
    assert reader.events(2) == [4, 5]


def test_acks_heard_before_a_connection_breaks_are_stored(log, channel):
    log.append(5)
    reader = Reader(channel, consumer="centre")
    reader.events(5)
    reader.ack(4)
    eventually(lambda: log.cursors["pull:centre"])
    reader.cancel()
    assert log.cursors == {"pull:centre": 4}


def test_after_sequence_overrides_the_last_ack(log, channel):
    log.append(5)
    log.cursors["pull:centre"] = 4
    assert Reader(channel, consumer="centre", after_sequence=1).events(2) == [2, 3]


def test_a_late_ack_does_not_move_a_cursor_back(log, channel):
    log.append(5)
    log.cursors["pull:centre"] = 4
    reader = Reader(channel, consumer="centre", after_sequence=0)
    reader.events(5)
    reader.ack(1)
    reader.close()
    assert reader.error() == ("OK", None)
    assert log.cursors == {"pull:centre": 4}


def test_the_last_of_many_quick_acks_is_stored_without_another_word(log, channel):
    log.append(200)
    reader = Reader(channel, consumer="centre", max_outstanding=1000)
    for sequence in reader.events(200):
        reader.ack(sequence)
    eventually(lambda: log.cursor("pull:centre") == 200)
    stored = [sequence for _, sequence in log.confirmed]
    assert stored == sorted(stored)


def test_consumers_do_not_share_a_cursor(log, channel):
    log.append(2)
    one, other = Reader(channel, consumer="one"), Reader(channel, consumer="other")
    assert one.events(2) == other.events(2) == [1, 2]
    one.ack(2)
    eventually(lambda: log.cursors["pull:one"])
    assert log.cursors == {"pull:one": 2, "pull:other": 0}


def test_without_a_name_only_new_events_come_and_nothing_is_remembered(log, channel):
    log.append(5)
    reader = Reader(channel)
    assert reader.next() == pb.Progress(last_sequence=5)
    log.append()
    assert reader.events(1) == [6]
    reader.ack(6)
    reader.close()
    log.append()
    assert reader.events(1) == [7]
    assert log.confirmed == []


def test_without_a_name_reading_may_begin_anywhere(log, channel):
    log.append(3)
    assert Reader(channel, after_sequence=0).events(3) == [1, 2, 3]


def test_the_server_stops_ahead_of_the_acks_and_goes_on_with_them(log, channel):
    log.append(10)
    reader = Reader(channel, consumer="centre", max_outstanding=3)
    assert reader.events(3) == [1, 2, 3]
    assert reader.hears_nothing()
    reader.ack(2)
    assert reader.events(2) == [4, 5]
    assert reader.hears_nothing()


@pytest.mark.parametrize(("asked", "window"), [(0, 100), (5000, 1000)])
def test_the_window_has_a_default_and_a_limit(log, channel, asked, window):
    log.append(1200)
    reader = Reader(channel, consumer="centre", max_outstanding=asked)
    assert reader.events(window) == list(range(1, window + 1))
    assert reader.hears_nothing()


def test_a_reader_that_cannot_ack_any_more_and_has_no_name_just_reads(log, channel):
    log.append(300)
    reader = Reader(channel, after_sequence=0)
    reader.close()
    assert reader.events(300) == list(range(1, 301))


def test_a_consumer_that_retention_passed_is_told_what_is_gone_and_what_is_open(log, channel):
    log.append(9)
    log.forget(6)
    reader = Reader(channel, consumer="centre")
    gap = reader.next()
    assert (gap.first_missing, gap.last_missing) == (1, 6)
    assert [alert.alert_id for alert in gap.open_alerts] == ["open-1", "open-2"]
    assert reader.events(3) == [7, 8, 9]


def test_a_gap_is_told_even_where_nothing_at_all_is_kept(log, channel):
    log.append(9)
    log.forget(9)
    reader = Reader(channel, consumer="centre")
    assert reader.next().last_missing == 9
    assert reader.next() == pb.Progress(last_sequence=9)


def test_a_gap_leaves_room_in_the_window(log, channel):
    log.append(500)
    log.forget(400)
    reader = Reader(channel, consumer="centre", max_outstanding=2)
    assert reader.next().last_missing == 400
    assert reader.events(2) == [401, 402]
    reader.ack(401)
    assert reader.events(1) == [403]


def test_retention_that_passes_a_slow_reader_is_told_too(log, channel):
    log.append(9)
    reader = Reader(channel, consumer="centre", max_outstanding=2)
    reader.events(2)
    log.forget(5)
    reader.ack(2)
    gap = reader.next()
    assert (gap.first_missing, gap.last_missing) == (3, 5)
    assert reader.events(2) == [6, 7]


def test_a_gap_with_very_many_open_alerts_fits_the_limit_on_messages(log, channel):
    many = [event_pb2.Event(alert_id=f"{n}", site="x" * 4000) for n in range(1200)]
    log.open_alerts = lambda: many
    log.append(2)
    log.forget(1)
    reader = Reader(channel, consumer="centre")
    gaps = [reader.next() for _ in range(3)]
    assert {(gap.first_missing, gap.last_missing) for gap in gaps} == {(1, 1)}
    assert [gap.continues for gap in gaps] == [True, True, False]
    assert [alert for gap in gaps for alert in gap.open_alerts] == many
    assert reader.events(1) == [2]


def heard_by(box):
    return max(one.heard().sequence for one in box._events._subscriptions)


def test_who_takes_over_goes_on_behind_all_that_was_heard(log, box, channel):
    log.append(30)
    for at in range(0, 30, 3):
        reader = Reader(channel, consumer="centre")
        assert reader.events(3) == [at + 1, at + 2, at + 3]
        reader.nack(at + 2, "not this one")
        reader.ack(at + 3)
        eventually(lambda at=at: heard_by(box) >= at + 3)  # which need not be stored
    log.append(1)
    assert Reader(channel, consumer="centre").events(1) == [31]
    assert [sequence for _, sequence in log.letters] == list(range(2, 31, 3))


def test_the_newest_stream_of_a_name_takes_over(log, box, channel):
    log.append(2)
    older = Reader(channel, consumer="centre")
    older.events(2)
    newer = Reader(channel, consumer="centre")
    assert newer.events(2) == [1, 2]
    assert older.error() == ("ABORTED", "TAKEN_OVER")
    assert box.connected() == {"pull:centre"}


def test_who_reads_now_is_known(log, box, channel):
    reader = Reader(channel, consumer="centre")
    Reader(channel).next()
    reader.next()
    assert box.connected() == {"pull:centre"}
    reader.cancel()
    eventually(lambda: box.connected() == set())


def test_an_idle_stream_shows_that_it_lives(log, channel, box):
    box._events._idle_s = 0.05
    reader = Reader(channel, consumer="centre")
    marks = [reader.next() for _ in range(3)]
    assert marks == [pb.Progress(last_sequence=0)] * 3


def test_a_full_window_is_not_called_all_there_is(log, channel, box):
    box._events._idle_s = 0.05
    log.append(3)
    reader = Reader(channel, consumer="centre", max_outstanding=2)
    reader.events(2)
    assert reader.hears_nothing()


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ({"ack": pb.Ack(sequence=1)}, "NO_START"),
        ({}, "NO_START"),
        ({"start": pb.Start(consumer="no spaces")}, "BAD_CONSUMER"),
        ({"start": pb.Start(consumer="x" * 65)}, "BAD_CONSUMER"),
        ({"start": pb.Start(after_sequence=1)}, "SEQUENCE_AHEAD"),
    ],
)
def test_a_stream_that_begins_wrong_is_refused(channel, first, reason):
    reader = Reader(channel, first=pb.SubscribeRequest(**first))
    assert reader.error() == ("INVALID_ARGUMENT", reason)


@pytest.mark.parametrize("before", [(), (pb.SubscribeRequest(start=pb.Start(consumer="c")),)])
def test_bytes_that_are_no_message_end_the_stream(channel, before):
    messages = [*(one.SerializeToString() for one in before), b"\xff\xff"]
    garbled = channel.stream_stream("/fenceline.v1.Events/Subscribe")(iter(messages))
    with pytest.raises(grpc.RpcError) as caught:
        list(garbled)
    assert reason_of(caught.value) == ("INVALID_ARGUMENT", "GARBLED")


def test_a_stream_that_says_nothing_is_refused_after_a_while(channel, monkeypatch):
    monkeypatch.setattr(events_service, "START_S", 0.05)
    silent = EventsStub(channel).Subscribe(iter(threading.Event().wait, True))
    with pytest.raises(grpc.RpcError) as caught:
        next(silent)
    assert reason_of(caught.value) == ("INVALID_ARGUMENT", "NO_START")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"ack": pb.Ack(sequence=4)}, "ACK_AHEAD"),
        ({"start": pb.Start()}, "NOT_AN_ACK"),
        ({}, "NOT_AN_ACK"),
    ],
)
def test_a_wrong_later_message_ends_the_stream_but_keeps_earlier_acks(
    log, channel, message, reason
):
    log.append(3)
    reader = Reader(channel, consumer="centre")
    reader.events(3)
    reader.ack(2)
    reader.say(**message)
    assert reader.error() == ("INVALID_ARGUMENT", reason)
    assert log.cursors == {"pull:centre": 2}


def test_a_store_that_fails_is_worth_another_try(log, channel):
    log.failing = OutboxError("the disk is full", "make room")
    reader = Reader(channel, consumer="centre")
    assert reader.error() == ("UNAVAILABLE", "STORE_FAILED")


def test_there_is_a_bound_on_subscribers(log, channel, monkeypatch):
    monkeypatch.setattr(events_service, "MOST_SUBSCRIBERS", 2)
    readers = [Reader(channel, consumer=name) for name in ("one", "two")]
    assert all(reader.next() for reader in readers)
    assert Reader(channel, consumer="three").error() == ("UNAVAILABLE", "TOO_MANY_SUBSCRIBERS")
    assert Reader(channel, consumer="two").next() == pb.Progress()


def test_stopping_tells_subscribers_to_come_back(log, box, channel):
    reader = Reader(channel, consumer="centre")
    reader.next()
    box.stop()
    assert reader.error() == ("UNAVAILABLE", "SHUTTING_DOWN")
    assert log.listeners == []


def test_ten_thousand_events_arrive_in_order_while_more_are_committed(log, channel):
    log.append(5000)
    reader = Reader(channel, consumer="centre")
    got = []
    while len(got) < 10_000:
        if len(got) % 50 == 0:
            log.append(50 if log.last_sequence < 10_000 else 0)
            reader.ack(len(got))
        got += [reader.next().sequence]
    assert got == list(range(1, 10_001))


def test_a_commit_after_the_loop_has_ended_harms_nobody(log):
    async def once():
        service = Events(log, None)
        service.open()

    asyncio.run(once())
    before = log.last_sequence
    log.append()
    assert log.last_sequence == before + 1
