"""The push sink against a real command centre, and against bad ones."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest

from edge.errors import SinkError
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestServicer, add_IngestServicer_to_server
from edge.serve.push import PushSink
from edge.serve.receive import Receiver
from edge.types import Receipt
from tests.serve.make_serve import event, eventually
from tests.serve.make_tls import authority
from tests.serve.make_wire import Wire


def batch(first, last):
    return [event(sequence) for sequence in range(first, last + 1)]


class Centre(IngestServicer):
    """Answers each batch with what `answer` makes of it; counts the streams."""

    def __init__(self, answer):
        self.answer, self.streams, self.requests = answer, 0, []

    def Report(self, request_iterator, context):  # noqa: N802 - the contract's name
        self.streams += 1
        for request in request_iterator:
            self.requests.append([one.sequence for one in request.events])
            yield from self.answer(request, context)


@contextmanager
def centre(answer):
    servicer = Centre(answer)
    with ThreadPoolExecutor(8) as workers:
        server = grpc.server(workers)
        add_IngestServicer_to_server(servicer, server)
        servicer.port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield servicer
        finally:
            server.stop(0).wait()


@contextmanager
def sink(port, **options):
    options = {"insecure": True, "timeout_s": 5.0} | options
    made = PushSink("centre", f"127.0.0.1:{port}", **options)
    try:
        yield made
    finally:
        made.close()


def all_of(request, _context):
    yield pb.ReportResponse(acked_sequence=request.events[-1].sequence)


def test_a_batch_is_acknowledged_whole():
    arrived = []
    with Receiver("127.0.0.1:0", on_event=arrived.append) as receiver, sink(receiver.port) as push:
        assert push.send(batch(1, 3)) == Receipt(acked=3)
    assert arrived == batch(1, 3)


def test_one_stream_stays_open_for_all_batches():
    with centre(all_of) as there, sink(there.port) as push:
        for n in range(1, 6):
            assert push.send([event(n)]).acked == n
        assert there.streams == 1
        assert there.requests == [[1], [2], [3], [4], [5]]


def test_answers_in_parts_are_waited_for():
    def by_one(request, _context):
        for one in request.events:
            yield pb.ReportResponse(acked_sequence=one.sequence)

    with centre(by_one) as there, sink(there.port) as push:
        assert push.send(batch(1, 3)) == Receipt(acked=3)
        assert push.send(batch(4, 5)) == Receipt(acked=5)


def test_rejected_events_are_told_with_their_reasons():
    def second_is_bad(request, _context):
        bad = pb.Rejection(sequence=request.events[1].sequence, reason="unknown site")
        yield pb.ReportResponse(
            acked_sequence=request.events[-1].sequence, rejections=[bad, pb.Rejection(sequence=99)]
        )

    with centre(second_is_bad) as there, sink(there.port) as push:
        assert push.send(batch(4, 6)) == Receipt(acked=6, rejected={5: "unknown site"})


def test_an_ack_of_what_was_never_sent_counts_for_nothing():
    def too_far(request, _context):
        yield pb.ReportResponse(acked_sequence=1000)

    with centre(too_far) as there, sink(there.port) as push:
        assert push.send(batch(1, 2)).acked == 2


def test_a_centre_that_takes_a_part_only_gets_the_rest_on_a_new_stream():
    def first_only(request, context):
        yield pb.ReportResponse(acked_sequence=request.events[0].sequence)

    with centre(first_only) as there, sink(there.port, timeout_s=0.2) as push:
        assert push.send(batch(1, 3)) == Receipt(acked=1)
        assert push.send(batch(2, 3)) == Receipt(acked=2)
        assert there.streams == 2


def test_a_centre_that_never_answers_is_given_up_on_in_time():
    def nothing(_request, _context):
        return iter(())

    with centre(nothing) as there, sink(there.port, timeout_s=0.2) as push:
        started = time.monotonic()
        with pytest.raises(SinkError, match=r"'centre' at 127\.0\.0\.1:\d+: no answer in time"):
            push.send(batch(1, 2))
        assert time.monotonic() - started < 2
        there.answer = all_of
        assert push.send(batch(1, 2)).acked == 2


def test_a_centre_that_fails_is_tried_again_with_the_next_send():
    def failing(_request, context):
        context.abort(grpc.StatusCode.INTERNAL, "out of memory")

    with centre(failing) as there, sink(there.port) as push:
        with pytest.raises(SinkError, match="INTERNAL, out of memory"):
            push.send(batch(1, 2))
        there.answer = all_of
        assert push.send(batch(1, 2)).acked == 2
        assert there.streams == 2


def test_a_centre_that_ends_the_stream_between_batches_costs_nothing():
    def one_batch_a_stream(request, context):
        yield from all_of(request, context)
        context.abort(grpc.StatusCode.UNAVAILABLE, "moving house")

    with centre(one_batch_a_stream) as there, sink(there.port) as push:
        assert push.send([event(1)]).acked == 1
        eventually(lambda: push._stream.ended)
        assert push.send([event(2)]).acked == 2
        assert there.streams == 2


def test_nobody_there_is_said_at_once_and_found_when_it_comes():
    with Receiver("127.0.0.1:0", on_event=print) as gone:
        listen = f"127.0.0.1:{gone.port}"
    with sink(gone.port) as push:
        started = time.monotonic()
        for _ in range(2):
            with pytest.raises(SinkError, match="UNAVAILABLE"):
                push.send([event(1)])
        assert time.monotonic() - started < 2
        with Receiver(listen, on_event=print):
            assert push.send([event(1)]).acked == 1


def test_a_centre_that_restarts_gets_the_next_batch():
    arrived = []
    with Receiver("127.0.0.1:0", on_event=arrived.append) as first:
        listen, push = (
            f"127.0.0.1:{first.port}",
            PushSink("c", f"127.0.0.1:{first.port}", insecure=True),
        )
        push.send([event(1)])
    eventually(lambda: push._stream.ended)
    with Receiver(listen, on_event=arrived.append):
        assert push.send([event(2)]).acked == 2
        push.close()
    assert arrived == batch(1, 2)


def test_a_silent_network_is_given_up_on_and_the_next_connection_delivers():
    arrived = []
    with (
        Receiver("127.0.0.1:0", on_event=arrived.append) as receiver,
        Wire(receiver.port) as wire,
        sink(wire.port, timeout_s=0.3) as push,
    ):
        push.send([event(1)])
        wire.cut()
        with pytest.raises(SinkError, match="no answer in time"):
            push.send([event(2)])
        wire.mend()
        assert push.send([event(2)]).acked == 2
    assert arrived == batch(1, 2)


def test_a_closed_sink_connects_no_more():
    with centre(all_of) as there, sink(there.port) as push:
        push.close()
        with pytest.raises(SinkError, match="closed"):
            push.send([event(1)])
        assert there.streams == 0


def test_closing_ends_a_send_that_waits_and_leaves_no_thread():
    def nothing(_request, _context):
        return iter(())

    with centre(nothing) as there, sink(there.port, timeout_s=60) as push:
        failed = []
        waiting = threading.Thread(target=lambda: failed.append(send_error(push)))
        waiting.start()
        eventually(lambda: there.requests)
        push.close()
        waiting.join(2)
        assert not waiting.is_alive()
        assert "CANCELLED" in str(failed[0])
    assert "push-centre" not in {thread.name for thread in threading.enumerate()}


def send_error(push):
    with pytest.raises(SinkError) as caught:
        push.send([event(1)])
    return caught.value


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("tls") / "theirs")


def receiver(pair, **options):
    cert, key = pair
    return Receiver("127.0.0.1:0", on_event=lambda _: None, cert=cert, key=key, **options)


def test_tls_with_the_right_authority_delivers(ours):
    centre = receiver(ours.pair("centre"))
    with centre as there, sink(there.port, insecure=False, ca=ours.ca) as push:
        assert push.send([event(1)]).acked == 1


@pytest.mark.parametrize("trusts", ["theirs", "the system's roots"])
def test_a_centre_that_nobody_we_trust_has_signed_gets_nothing(ours, theirs, trusts):
    ca = theirs.ca if trusts == "theirs" else None
    centre = receiver(ours.pair("centre"))
    with centre as there, sink(there.port, insecure=False, ca=ca) as push:
        with pytest.raises(SinkError, match=r"UNAVAILABLE.*check the address"):
            push.send([event(1)])
        assert there.tally.events == 0


def test_mutual_tls_needs_our_certificate(ours):
    cert, key = ours.pair("box")
    with receiver(ours.pair("centre"), client_ca=ours.ca) as there:
        with sink(there.port, insecure=False, ca=ours.ca) as push, pytest.raises(SinkError):
            push.send([event(1)])
        with sink(there.port, insecure=False, ca=ours.ca, cert=cert, key=key) as push:
            assert push.send([event(1)]).acked == 1


def test_a_certificate_that_comes_later_is_read_later(ours, tmp_path):
    with receiver(ours.pair("centre")) as there:
        ca = tmp_path / "ca.pem"
        with sink(there.port, insecure=False, ca=ca) as push:
            with pytest.raises(SinkError, match=r"ca\.pem: no such file or directory"):
                push.send([event(1)])
            ca.write_bytes(ours.ca.read_bytes())
            assert push.send([event(1)]).acked == 1
