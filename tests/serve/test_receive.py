"""The reference command centre: each event once, stored before it is acknowledged."""

import contextlib
import gc
import resource
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest

from edge.errors import ListenError
from edge.events.archive import Archive
from edge.events.archive_read import boxes, events
from edge.rpc import event_pb2
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestStub
from edge.serve.receive import OnThread, Receiver, Tally
from tests.disks import small_disk
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


def test_each_event_is_told_once_however_often_it_comes():
    arrived = []
    with Receiver("127.0.0.1:0", on_event=arrived.append) as centre:
        answers = report(centre.port, batch(1, 3), batch(2, 5))
        answers += report(centre.port, batch(1, 5))
        assert centre.tally == Tally(events=5, duplicates=7, boxes=1, commits=3)
    assert arrived == batch(1, 5)
    assert [answer.acked_sequence for answer in answers] == [3, 5, 5]


def test_boxes_are_told_apart():
    arrived = []
    with Receiver("127.0.0.1:0", on_event=arrived.append) as centre:
        report(centre.port, batch(1, 2, box="north"), batch(1, 1, box="south"))
        assert centre.tally == Tally(events=3, boxes=2, commits=2)
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


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.db"


@contextmanager
def keeping(path, on_event=None, **limits):
    """A gateway that stores."""
    with (
        Archive(path, **limits) as archive,
        Receiver("127.0.0.1:0", on_event=on_event, store=OnThread(archive)) as centre,
    ):
        yield centre


def stored(path, **asked):
    return [(one.event.box_id, one.event.sequence) for one in events(path, **asked)]


def sequences(path):
    return [sequence for _, sequence in stored(path)]


def test_a_restart_remembers_what_was_stored(path):
    arrived = []
    with keeping(path, arrived.append) as centre:
        report(centre.port, batch(1, 3))
    with keeping(path, arrived.append) as centre:
        report(centre.port, batch(2, 4))
        assert centre.tally == Tally(events=1, duplicates=2, boxes=1, commits=1)
    assert arrived == batch(1, 4)
    assert sequences(path) == [1, 2, 3, 4]


def test_events_are_stored_before_they_are_told_and_told_before_they_are_acked(path):
    seen = []
    with keeping(path, lambda _: seen.append(sequences(path))) as centre:
        report(centre.port, batch(1, 2))
        assert seen == [[1, 2], [1, 2]]


def test_what_came_late_by_another_way_is_stored_too(path):
    """A box may report its red alerts on one stream and the others on a second one."""
    with keeping(path) as centre:
        report(centre.port, [event(7)])
        answers = report(centre.port, [event(2)], [event(2), event(8)])
    assert [answer.acked_sequence for answer in answers] == [2, 8]
    assert sequences(path) == [7, 2, 8]


def test_a_gap_is_said_counted_and_no_reason_to_refuse(path, capsys):
    with keeping(path) as centre:
        report(centre.port, batch(5, 6), batch(9, 9), batch(12, 12))
        assert centre.tally.gaps == 2
    said = capsys.readouterr().out
    assert said.count("passed over sequences") == 1  # once in a while for a box
    assert "missing=7..8" in said
    (row,) = boxes(path)
    assert (row.first, row.newest, row.events, row.missing) == (5, 12, 4, 4)


def test_the_first_event_of_a_box_is_no_gap(path, capsys):
    with keeping(path) as centre:
        report(centre.port, batch(5000, 5001))
        assert centre.tally.gaps == 0
    assert "passed over" not in capsys.readouterr().out


def test_many_boxes_share_commits_and_each_keeps_its_order(path):
    names = [f"box-{number:08x}" for number in range(40)]
    with keeping(path) as centre, ThreadPoolExecutor(40) as pool:

        def run(name):
            batches = [batch(first, first + 9, box=name) for first in range(1, 101, 10)]
            return report(centre.port, *batches)[-1].acked_sequence

        assert set(pool.map(run, names)) == {100}
        assert centre.tally.events == 4000
        assert centre.tally.commits < 400  # one for each batch would be 400
    found = stored(path)
    for name in names:
        assert [sequence for box, sequence in found if box == name] == list(range(1, 101))


@pytest.mark.parametrize("sequence", [0, 2**63, 2**64 - 1])
def test_a_sequence_that_is_none_is_rejected_and_the_rest_taken(path, sequence):
    with keeping(path) as centre:
        (answer,) = report(centre.port, [event(1), event(sequence), event(2)])
    assert [one.sequence for one in answer.rejections] == [sequence]
    assert sequences(path) == [1, 2]


def test_an_event_that_is_too_large_is_rejected_and_the_rest_taken(path):
    with keeping(path) as centre:
        (answer,) = report(centre.port, [event(1), event(2, alert="x" * 300_000), event(3)])
    assert [one.reason for one in answer.rejections] == ["it is larger than 256 KiB"]
    assert sequences(path) == [1, 3]


@pytest.mark.parametrize("box", ["", "a.b", "a b", "*", "x" * 81])
def test_a_box_without_a_proper_name_is_refused(box):
    with Receiver("127.0.0.1:0") as centre, pytest.raises(grpc.RpcError) as caught:
        report(centre.port, [event(1, box=box)])
    assert reason_of(caught.value) == ("INVALID_ARGUMENT", "GARBLED")


def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(path):
    arrived = []
    with keeping(path, arrived.append) as centre:
        report(centre.port, batch(1, 2))
        with small_files(path.stat().st_size), pytest.raises(grpc.RpcError) as caught:
            report(centre.port, big(3, 60))
        assert reason_of(caught.value) == ("UNAVAILABLE", "STORE_FAILED")
        assert sequences(path) == [1, 2]
        report(centre.port, big(3, 60))
    assert [one.sequence for one in arrived] == list(range(1, 61))
    assert sequences(path) == list(range(1, 61))


def test_a_full_disk_is_said_and_when_there_is_room_it_goes_on(tmp_path, capsys):
    with small_disk(tmp_path / "small", megabytes=2) as disk:
        ballast = disk / "ballast"
        with keeping(disk / "events.db") as centre:
            report(centre.port, batch(1, 2))
            with contextlib.suppress(OSError):
                ballast.write_bytes(bytes(4 * 2**20))
            with pytest.raises(grpc.RpcError) as caught:
                report(centre.port, big(3, 100))
            assert reason_of(caught.value) == ("UNAVAILABLE", "STORE_FAILED")
            ballast.unlink()
            assert report(centre.port, big(3, 100))[0].acked_sequence == 100
        assert sequences(disk / "events.db") == list(range(1, 101))
    said = capsys.readouterr().out
    assert "the disk is full" in said
    assert "events are stored again" in said


def big(first, last):
    return [event(sequence, alert="x" * 5000) for sequence in range(first, last + 1)]


def test_too_much_that_waits_is_sent_away(path, monkeypatch):
    monkeypatch.setattr("edge.serve.intake.MOST_WAITING_BYTES", 1000)
    with keeping(path) as centre:
        with pytest.raises(grpc.RpcError) as caught:
            report(centre.port, big(1, 2))
        assert reason_of(caught.value) == ("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")
        assert report(centre.port, batch(1, 2))[0].acked_sequence == 2


class small_files:  # noqa: N801 - reads as a statement
    """Like a full disk: files of this process can't grow beyond a size."""

    def __init__(self, size):
        self.size = size

    def __enter__(self):
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


def test_a_taken_port_is_named_and_nothing_is_left_open(path):
    with socket.create_server(("127.0.0.1", 0)) as taken, Archive(path) as archive:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ListenError, match=f"{address}: address already in use"):
            Receiver(address, store=OnThread(archive)).__enter__()
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
