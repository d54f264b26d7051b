"""Batches: more at once, and nothing else changes."""

import pytest

from edge.rpc import events_pb2 as pb
from edge.serve.batches import MOST, Batches, made
from tests.events.make_events import eventually
from tests.serve.make_serve import MemoryLog, Reader, connected, serving


def read(reader, count):
    """The sequences of each batch, until so many events have come."""
    batches = []
    while sum(map(len, batches)) < count:
        heard = reader.next()
        if isinstance(heard, pb.EventBatch):  # else it says that there is no more for now
            batches.append([event.sequence for event in heard.events])
    return batches


@pytest.mark.parametrize(("asked", "most"), [(2, 2), (7, 7), (100, 100), (5000, 100)])
def test_what_is_there_comes_in_batches_of_at_most_so_many(asked, most):
    log = MemoryLog(230)
    with serving(log) as made, connected(made) as channel:
        batches = read(
            Reader(channel, after_sequence=0, max_batch=asked, max_outstanding=1000), 230
        )
    assert [sequence for batch in batches for sequence in batch] == list(range(1, 231))
    assert max(map(len, batches)) == most


@pytest.mark.parametrize("asked", [0, 1])
def test_without_it_they_come_one_by_one(asked):
    with serving(MemoryLog(3)) as made, connected(made) as channel:
        assert Reader(channel, after_sequence=0, max_batch=asked).events(3) == [1, 2, 3]


def test_no_more_are_outstanding_than_may_be():
    with serving(MemoryLog(30)) as made, connected(made) as channel:
        reader = Reader(channel, consumer="centre", max_batch=10, max_outstanding=4)
        assert read(reader, 4) == [[1, 2, 3, 4]]
        assert reader.hears_nothing()
        reader.ack(3)
        assert read(reader, 3) == [[5, 6, 7]]


def test_each_event_of_a_batch_is_acked_and_nacked_by_itself():
    log = MemoryLog(6)
    with serving(log) as made, connected(made) as channel:
        reader = Reader(channel, consumer="centre", max_batch=6)
        read(reader, 6)
        reader.nack(3, "not this one")
        reader.ack(2)
        eventually(lambda: log.letters)
        reader.ack(6)
        eventually(lambda: log.cursor("pull:centre") == 6)
    assert log.letters == {("pull:centre", 3): "not this one"}


def test_a_filter_holds_within_a_batch():
    log = MemoryLog()
    for camera in ("gate", "yard") * 4:
        log.append(1, camera=camera)
    with serving(log) as made, connected(made) as channel:
        wanted = pb.Filter(cameras=["yard"])
        reader = Reader(channel, consumer="centre", max_batch=100, filter=wanted)
        assert read(reader, 4) == [[2, 4, 6, 8]]
        reader.ack(8)
        eventually(lambda: log.cursor("pull:centre") == 8)


def test_the_largest_events_fit_into_a_message():
    """4 MiB is the limit; an event's words are what can be large."""
    log = MemoryLog()
    log.append(100, note="x" * 30_000)
    with serving(log) as made, connected(made) as channel:
        reader = Reader(channel, after_sequence=0, max_batch=100, max_outstanding=1000)
        assert sum(map(len, read(reader, 100))) == 100


def test_readers_at_the_same_place_share_a_batch_and_none_other():
    batches, log = Batches(), MemoryLog(300)
    first = batches.of(log.read(0, limit=100))
    assert batches.of(log.read(0, limit=100)) is first
    other = batches.of(log.read(0, limit=50))
    assert [one.sequence for one in other.batch.events] == list(range(1, 51))
    for at in range(100):
        batches.of(log.read(at, limit=3))
    assert len(batches._made) == MOST
    assert batches.of(log.read(0, limit=100)) == first


def test_many_readers_of_batches_each_have_all():
    log = MemoryLog(130)
    with serving(log) as made, connected(made) as channel:
        readers = [
            Reader(channel, consumer=f"far{n}", max_batch=100, max_outstanding=1000)
            for n in range(5)
        ]
        for reader in readers:
            assert [s for batch in read(reader, 130) for s in batch] == list(range(1, 131))
        for _ in range(20):
            log.append(7)
        for reader in readers:
            assert [s for batch in read(reader, 140) for s in batch] == list(range(131, 271))


def test_a_shared_batch_is_serialized_once_and_like_any_other():
    batches, log = Batches(), MemoryLog(20)
    shared = batches.of(log.read(0, limit=10))
    own = made(log.read(0, limit=10))
    other = pb.SubscribeResponse(progress=pb.Progress(last_sequence=3))
    for answer in (shared, own, other):
        assert pb.SubscribeResponse.FromString(batches.wire(answer)) == answer
    assert batches.wire(shared) is batches.wire(shared)
    assert batches.wire(own) is not batches.wire(own)


def test_one_that_others_have_pushed_out_is_serialized_all_the_same():
    batches, log = Batches(), MemoryLog(MOST + 2)
    first = batches.of(log.read(0, limit=1))
    for after in range(1, MOST + 2):
        batches.of(log.read(after, limit=1))
    assert pb.SubscribeResponse.FromString(batches.wire(first)) == first
