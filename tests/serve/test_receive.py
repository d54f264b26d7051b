"""The reference command centre: each event once, stored before it is acknowledged."""

import gc
import json
import resource
import socket
import threading

import grpc
import pytest

from edge.errors import FencelineError, ListenError
from edge.rpc import event_pb2
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestStub
from edge.serve.ledger import Ledger
from edge.serve.protojson import to_json
from edge.serve.receive import Receiver, Tally
from tests.serve.make_serve import event, reason_of


def report(port, *batches):
    """Send batches on one stream; the answers."""
    requests = [
        pb.ReportRequest(box_id=events[0].box_id if events else "", events=events)
        for events in batches
    ]
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return list(IngestStub(channel).Report(iter(requests)))


def batch(first, last, **fields):
    return [event(sequence, **fields) for sequence in range(first, last + 1)]


def sequences(path):
    return [int(json.loads(line)["sequence"]) for line in path.read_text().splitlines()]


def test_each_event_is_told_once_however_often_it_comes():
    arrived = []
    with Receiver("127.0.0.1:0", on_event=arrived.append) as centre:
        answers = report(centre.port, batch(1, 3), batch(2, 5))
        answers += report(centre.port, batch(1, 5))
        assert centre.tally == Tally(events=5, duplicates=7, boxes=1)
    assert arrived == batch(1, 5)
    assert [answer.acked_sequence for answer in answers] == [3, 5, 5]


def test_boxes_are_told_apart():
    arrived = []
    with Receiver("127.0.0.1:0", on_event=arrived.append) as centre:
        report(centre.port, batch(1, 2, box="north"), batch(1, 1, box="south"))
        assert centre.tally == Tally(events=3, boxes=2)
    assert [(one.box_id, one.sequence) for one in arrived] == [
        ("north", 1),
        ("north", 2),
        ("south", 1),
    ]


def test_a_sequence_may_jump_where_a_box_has_lost_events_to_retention():
    arrived = []
    with Receiver("127.0.0.1:0", on_event=arrived.append) as centre:
        assert report(centre.port, [event(1), event(7)])[0].acked_sequence == 7
    assert len(arrived) == 2


def test_an_event_of_another_box_in_a_batch_is_rejected_and_the_rest_taken():
    arrived = []
    with Receiver("127.0.0.1:0", on_event=arrived.append) as centre:
        mixed = [event(1), event(2, box="other"), event(3)]
        (answer,) = report(centre.port, mixed)
    assert [one.sequence for one in arrived] == [1, 3]
    assert answer.acked_sequence == 3
    assert [one.sequence for one in answer.rejections] == [2]


def test_an_empty_batch_is_answered():
    with Receiver("127.0.0.1:0", on_event=print) as centre:
        assert report(centre.port, [])[0].acked_sequence == 0


def test_a_restart_remembers_what_was_stored(tmp_path):
    store, arrived = tmp_path / "events.jsonl", []
    with Receiver("127.0.0.1:0", on_event=arrived.append, store=store) as centre:
        report(centre.port, batch(1, 3))
    with Receiver("127.0.0.1:0", on_event=arrived.append, store=store) as centre:
        report(centre.port, batch(2, 4))
        assert centre.tally == Tally(events=1, duplicates=2, boxes=1)
    assert arrived == batch(1, 4)
    assert sequences(store) == [1, 2, 3, 4]


def test_a_stored_line_is_the_event_as_protojson(tmp_path):
    store = tmp_path / "events.jsonl"
    with Receiver("127.0.0.1:0", on_event=print, store=store) as centre:
        report(centre.port, [event(1)])
    assert json.loads(store.read_text()) == to_json(event(1))


def test_events_are_stored_before_they_are_told_and_told_before_they_are_acked(tmp_path):
    store, seen = tmp_path / "events.jsonl", []
    with Receiver(
        "127.0.0.1:0", on_event=lambda _: seen.append(sequences(store)), store=store
    ) as centre:
        report(centre.port, batch(1, 2))
        assert seen == [[1, 2], [1, 2]]


@pytest.mark.parametrize("torn", [b"{", b'{"event_id": "event-4", "ale', b'{"event_id": "e"}'])
def test_a_line_that_a_crash_left_unfinished_is_forgotten(tmp_path, torn):
    store = tmp_path / "events.jsonl"
    ledger = Ledger(store)
    ledger.add(batch(1, 3))
    ledger.close()
    with store.open("ab") as file:
        file.write(torn)
    again = Ledger(store)
    assert again.newest("box-1234abcd") == 3
    again.add([event(4)])
    again.close()
    assert sequences(store) == [1, 2, 3, 4]


@pytest.mark.parametrize("text", ["my notes\n", "my notes", '{"name": "not ours"}\n'])
def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path, text):
    store = tmp_path / "notes.txt"
    store.write_text(text)
    with pytest.raises(FencelineError, match=r"notes\.txt:1: not an event"):
        Ledger(store)
    assert store.read_text() == text


def test_a_store_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(FencelineError, match=r"events\.jsonl: no such file or directory"):
        Ledger(tmp_path / "none" / "events.jsonl")


def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(tmp_path):
    store, arrived = tmp_path / "events.jsonl", []
    with Receiver("127.0.0.1:0", on_event=arrived.append, store=store) as centre:
        report(centre.port, batch(1, 2))
        with small_files(store.stat().st_size + 100), pytest.raises(grpc.RpcError) as caught:
            report(centre.port, batch(3, 6))
        assert reason_of(caught.value) == ("UNAVAILABLE", "STORE_FAILED")
        assert sequences(store) == [1, 2]
        report(centre.port, batch(3, 6))
    assert arrived == batch(1, 6)
    assert sequences(store) == [1, 2, 3, 4, 5, 6]


class small_files:  # noqa: N801 - reads as a statement
    """Like a full disk: files of this process can't grow beyond a size."""

    def __init__(self, size):
        self.size = size

    def __enter__(self):
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


def test_a_taken_port_is_named_and_nothing_is_left_open(tmp_path):
    store = tmp_path / "events.jsonl"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ListenError, match=f"{address}: address already in use"):
            Receiver(address, on_event=print, store=store).__enter__()
    gc.collect()  # an open file would warn now


def test_a_receiver_leaves_no_thread():
    with Receiver("127.0.0.1:0", on_event=print) as centre:
        report(centre.port, batch(1, 2))
    assert not [one.name for one in threading.enumerate() if one.name.startswith("receive")]


def test_events_keep_fields_that_only_a_newer_box_knows():
    """A centre that is older than the box passes on what it does not understand."""
    arrived = []
    newer = event_pb2.Event.FromString(event(1).SerializeToString() + b"\xfa\x3f\x03new")
    with Receiver("127.0.0.1:0", on_event=arrived.append) as centre:
        report(centre.port, [newer])
    assert arrived[0].SerializeToString() == newer.SerializeToString()
