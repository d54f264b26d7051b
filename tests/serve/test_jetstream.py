"""A gateway that stores in a real NATS JetStream: what it acknowledged is in the stream, once."""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import time

import grpc
import pytest

pytest.importorskip("nats", reason="needs the extra `nats`")

import nats

from edge.errors import FencelineError
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestStub
from edge.serve.intake import PartlyError
from edge.serve.jetstream import JetStream
from edge.serve.ledger import Ledger
from edge.serve.receive import Receiver
from tests.serve.make_serve import event, reason_of

PATH = "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin"


class Nats:
    """One nats-server; what it stored is there when it is back."""

    def __init__(self, folder):
        self.program = shutil.which("nats-server", path=PATH)
        if self.program is None:
            pytest.skip("needs nats-server, from the Debian package of that name")
        self.folder, self.process = folder, None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self.port}"

    def start(self, *options):
        where = ["-a", "127.0.0.1", "-p", str(self.port), "-sd", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([self.program, *where], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.02)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, work):
        """Run something with a connection."""

        async def run():
            client = await nats.connect(self.url, max_reconnect_attempts=1)
            try:
                return await work(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(run())

    def make_stream(self, **limits):
        async def make(js):
            await js.add_stream(name="FENCELINE", subjects=["fenceline.>"], **limits)

        self.ask(make)

    def stored(self):
        """Every message: its subject, its id, its event's sequence."""

        async def read(js):
            found = []
            state = (await js.stream_info("FENCELINE")).state
            for number in range(state.first_seq, state.last_seq + 1):
                message = await js.get_msg("FENCELINE", number)
                sequence = int(json.loads(message.data)["sequence"])
                found.append((message.subject, message.headers["Nats-Msg-Id"], sequence))
            return found

        return self.ask(read)


@pytest.fixture
def server(tmp_path):
    made = Nats(tmp_path)
    made.start("-js")
    yield made
    made.kill()


@contextlib.contextmanager
def gateway(server, **options):
    with Receiver("127.0.0.1:0", store=JetStream(server.url), **options) as receiver:
        yield receiver


def report(receiver, *batches):
    requests = [pb.ReportRequest(box_id=batch[0].box_id, events=batch) for batch in batches]
    with grpc.insecure_channel(f"127.0.0.1:{receiver.port}") as channel:
        answers = IngestStub(channel).Report(iter(requests))
        return [answer.acked_sequence for answer in answers]


def batch(first, last, box="box-1234abcd"):
    return [event(sequence, box=box) for sequence in range(first, last + 1)]


def expected(count, box="box-1234abcd"):
    return [
        (f"fenceline.received.{box}", f"{box}/{number}", number) for number in range(1, count + 1)
    ]


def test_each_event_is_in_the_stream_once_in_order(server):
    server.make_stream()
    told = []
    with gateway(server, on_event=told.append) as receiver:
        assert report(receiver, batch(1, 3), batch(2, 5)) == [3, 5]
    assert server.stored() == expected(5)
    assert [one.sequence for one in told] == [1, 2, 3, 4, 5]


def test_a_gateway_that_restarts_knows_from_the_stream_how_far_a_box_is(server):
    server.make_stream(duplicate_window=0.1)
    with gateway(server) as receiver:
        report(receiver, batch(1, 5), batch(1, 2, box="other-1"))
    time.sleep(0.3)  # the stream itself has forgotten their ids
    with gateway(server) as receiver:
        assert report(receiver, batch(3, 7)) == [7]
        assert receiver.tally.duplicates == 3
    mine = [one for one in server.stored() if "other" not in one[0]]
    assert mine == expected(7)


def test_a_server_that_is_killed_mid_stream_loses_nothing(server):
    server.make_stream()
    with gateway(server) as receiver:
        acked = 0
        for turn in range(3):
            (acked,) = report(receiver, batch(acked + 1, acked + 20))
            server.kill()
            with pytest.raises(grpc.RpcError) as caught:
                report(receiver, batch(acked + 1, acked + 20))
            assert reason_of(caught.value) == ("UNAVAILABLE", "STORE_FAILED"), turn
            server.start("-js")
        (acked,) = report(receiver, batch(acked + 1, acked + 20))
    assert acked == 80
    assert server.stored() == expected(80)


def test_what_the_stream_refuses_is_not_acknowledged_and_comes_again(server):
    server.make_stream(max_msgs=4, discard="new")
    with gateway(server) as receiver:
        with pytest.raises(grpc.RpcError) as caught:
            report(receiver, batch(1, 6))
        assert reason_of(caught.value) == ("UNAVAILABLE", "STORE_FAILED")
        assert "maximum messages exceeded" in caught.value.details()

        async def widen(js):
            config = (await js.stream_info("FENCELINE")).config
            config.max_msgs = 100
            await js.update_stream(config)

        server.ask(widen)
        assert report(receiver, batch(1, 6)) == [6]
    assert server.stored() == expected(6)


def test_without_a_stream_it_is_told_how_to_make_one(server):
    with gateway(server) as receiver, pytest.raises(grpc.RpcError) as caught:
        report(receiver, batch(1, 1))
    assert reason_of(caught.value) == ("UNAVAILABLE", "STORE_FAILED")
    assert "nats stream add FENCELINE --subjects 'fenceline.received.>'" in caught.value.details()


def test_without_jetstream_it_is_said(server):
    server.kill()
    server.start()
    with gateway(server) as receiver, pytest.raises(grpc.RpcError) as caught:
        report(receiver, batch(1, 1))
    assert "JetStream is off" in caught.value.details()


def test_a_server_that_is_not_there_is_named_without_its_password(server):
    server.kill()
    url = server.url.replace("//", "//me:secret@")
    away = Receiver("127.0.0.1:0", store=JetStream(url))
    with away as receiver, pytest.raises(grpc.RpcError) as caught:
        report(receiver, batch(1, 1))
    assert "NATS at 127.0.0.1" in caught.value.details()
    assert "secret" not in caught.value.details()


def test_trouble_with_one_box_is_not_the_others(server):
    """The stream takes no more of one subject; both boxes' events wait for the same commit."""
    server.make_stream(max_msgs_per_subject=2, discard="new", discard_new_per_subject=True)
    busy, calm = batch(1, 3, box="busy-1"), batch(1, 2, box="calm-1")
    store = JetStream(server.url)

    async def add():
        try:
            with pytest.raises(PartlyError, match="maximum messages") as caught:
                await store.add([*busy, *calm])
            return caught.value
        finally:
            await store.close()

    partly = asyncio.run(add())
    assert partly.boxes == {"busy-1"}
    assert partly.new == calm


def test_a_gateway_acknowledges_the_boxes_that_have_no_trouble():
    class Choosy(Ledger):
        async def add(self, events):
            good = [event for event in events if event.box_id != "bad-1"]
            new = await super().add(good)
            if len(good) < len(events):
                why = FencelineError("no room for bad-1", "make some")
                raise PartlyError(why, boxes={"bad-1"}, new=new)
            return new

    told = []
    with Receiver("127.0.0.1:0", store=Choosy(), on_event=told.append) as receiver:
        assert report(receiver, batch(1, 2, box="good-1")) == [2]
        with pytest.raises(grpc.RpcError, match="no room for bad-1; make some"):
            report(receiver, batch(1, 2, box="bad-1"))
        assert report(receiver, batch(3, 4, box="good-1")) == [4]
    assert [(one.box_id, one.sequence) for one in told] == [("good-1", n) for n in (1, 2, 3, 4)]
