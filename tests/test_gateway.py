"""`fenceline receive` as a process: killed at any moment, it loses nothing acknowledged."""

import contextlib
import json
import random
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from queue import SimpleQueue

import grpc
import pytest

from edge import gateway
from edge.errors import FencelineError
from edge.events.archive import Archive
from edge.events.archive_read import events
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestStub
from tests.serve.make_serve import event

KILLS = 10
BOXES = 8


def receive(*arguments):
    return [sys.executable, "-m", "edge", "receive", *map(str, arguments)]


@contextlib.contextmanager
def running(*arguments):
    """A gateway on a free port, killed at the end; its port."""
    process = subprocess.Popen(
        receive("--listen", "127.0.0.1:0", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = process.stderr.readline()
        yield process, int(re.search(r"listening on .*:(\d+)", said)[1])
    finally:
        process.kill()
        process.communicate()


class Box:
    """Reports its events, from behind the last ack, until it is cut off."""

    def __init__(self, name):
        self.box_id, self.acked = f"{name}-00000000", 0

    def report(self, port):
        """On one stream, until it breaks; one batch after the other, as boxes do."""
        batches = SimpleQueue()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            batches.put(self.batch())
            with contextlib.suppress(grpc.RpcError):
                for answer in IngestStub(channel).Report(iter(batches.get, None)):
                    self.acked = answer.acked_sequence
                    batches.put(self.batch())
            batches.put(None)

    def batch(self):
        numbers = range(self.acked + 1, self.acked + random.randint(2, 31))
        batch = [event(number, box=self.box_id) for number in numbers]
        return pb.ReportRequest(box_id=self.box_id, events=batch)


def test_killed_at_any_moment_it_loses_nothing_that_it_acknowledged(tmp_path):
    store, seed = tmp_path / "events.db", random.randrange(10**6)
    print("seed", seed)
    random.seed(seed)
    boxes = [Box(f"box{number}") for number in range(BOXES)]
    for _ in range(KILLS):
        with running("--store", store, "--quiet") as (process, port):
            reporting = [threading.Thread(target=box.report, args=[port]) for box in boxes]
            before = sum(box.acked for box in boxes)
            for thread in reporting:
                thread.start()
            while sum(box.acked for box in boxes) == before:
                time.sleep(0.01)
            time.sleep(random.uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)
            for thread in reporting:
                thread.join()
    stored = [(one.event.box_id, one.event.sequence) for one in events(store)]
    assert len(stored) == len(set(stored))
    for box in boxes:
        of_box = [sequence for box_id, sequence in stored if box_id == box.box_id]
        assert of_box == list(range(1, len(of_box) + 1))  # none is missing, and they are in order
        assert len(of_box) >= box.acked > 0


def test_it_ends_with_what_it_took(tmp_path):
    with running("--json", "--store", tmp_path / "events.db") as (process, port):
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            batch = pb.ReportRequest(box_id="box-1234abcd", events=[event(1), event(2), event(2)])
            (answer,) = IngestStub(channel).Report(iter([batch]))
        assert answer.acked_sequence == 2
        assert json.loads(process.stdout.readline())["sequence"] == 1
        process.terminate()
        _, said = process.communicate(timeout=10)
    assert "2 events of 1 boxes in 1 commits, 1 repeated, 0 gaps" in said
    assert process.returncode == 0


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "events.db"
    with Archive(path) as archive:
        archive.add([event(1), event(2), event(1, box="other-1234abcd")])
    return path


def fenceline(*arguments):
    return subprocess.run(
        receive(*arguments), capture_output=True, text=True, timeout=60, check=False
    )


def test_the_store_is_listed_by_box_and_time(store):
    lines = [json.loads(line) for line in fenceline("list", store).stdout.splitlines()]
    assert [(line["box_id"], line["sequence"]) for line in lines] == [
        ("box-1234abcd", 1),
        ("box-1234abcd", 2),
        ("other-1234abcd", 1),
    ]
    assert abs(lines[0]["received"] - time.time()) < 60
    assert len(fenceline("list", store, "--box", "box-1234abcd").stdout.splitlines()) == 2
    assert len(fenceline("list", store, "--since", "5m").stdout.splitlines()) == 3
    assert fenceline("list", store, "--until", "5m").stdout == ""


def test_the_boxes_are_listed(store):
    said = fenceline("boxes", store).stdout
    assert "box-1234abcd" in said
    assert "other-1234abcd" in said


def test_a_time_is_a_moment_or_so_long_ago():
    now = datetime.now(UTC).timestamp()
    assert (
        gateway.moment("2026-03-01T18:00:00+01:00")
        == datetime(2026, 3, 1, 17, tzinfo=UTC).timestamp()
    )
    assert abs(gateway.moment("2h") - (now - 7200)) < 5
    with pytest.raises(FencelineError, match="'soon' is not a time; write"):
        gateway.moment("soon")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:0"], "0.0.0.0:0 is reachable from other machines"),
        (["--listen", "[::]:0"], "give --cert, --key and --client-ca"),
        (["--cert", "a.pem"], "--cert and --key go together"),
        (["--client-ca", "a.pem"], "--client-ca needs --cert and --key too"),
        (["--store", "a", "--nats"], "--store and --nats are two stores"),
        (["--nats"], "FENCELINE_NATS is not set; export FENCELINE_NATS=nats://"),
        (["--store", "/dev/null/x"], "can't be made: File exists; choose another file"),
        (["--cert", "no.pem", "--key", "no.key"], "no.pem: no such file or directory"),
    ],
)
def test_what_can_not_be_is_said_with_its_remedy(arguments, said, monkeypatch):
    monkeypatch.delenv("FENCELINE_NATS", raising=False)
    done = fenceline(*arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_beyond_the_machine_without_certificates_only_where_it_is_said():
    process = subprocess.Popen(
        receive("--listen", "0.0.0.0:0", "--insecure"), stderr=subprocess.PIPE, text=True
    )
    try:
        assert "listening on 0.0.0.0:" in process.stderr.readline()
    finally:
        process.kill()
        process.communicate()
