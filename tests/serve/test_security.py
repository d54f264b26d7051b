"""TLS on every listener, with real certificates over real sockets: who is let in, and as whom."""

import shutil
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta

import grpc
import httpx
import pytest
from google.protobuf.empty_pb2 import Empty

from edge.authority import Authority
from edge.errors import SinkError
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestStub
from edge.serve import servers as listeners
from edge.serve.client import get_status
from edge.serve.receive import Receiver
from tests.serve.make_serve import event, eventually, reason_of, serving

HOSTS = ("127.0.0.1", "localhost")


@pytest.fixture
def ours(tmp_path):
    made = Authority(tmp_path / "ours")
    made.init()
    for name in ("centre", "north-1", "south-1"):
        made.issue(name, HOSTS)
    return made


@pytest.fixture
def theirs(tmp_path):
    made = Authority(tmp_path / "theirs")
    made.init()
    made.issue("north-1", HOSTS)
    return made


def pair(authority, name):
    return {"cert": authority.folder / f"{name}.pem", "key": authority.folder / f"{name}.key"}


@pytest.fixture
def gateway(ours):
    with Receiver("127.0.0.1:0", client_ca=ours.cert, **pair(ours, "centre")) as receiver:
        yield receiver


def report(port, ca, who=None, *, box="north-1-0a1b2c3d"):
    """Report one event; the ack."""
    shown = [path.read_bytes() for path in (who or {}).values()]
    credentials = grpc.ssl_channel_credentials(ca.read_bytes(), *reversed(shown))
    with grpc.secure_channel(f"127.0.0.1:{port}", credentials) as channel:
        batch = pb.ReportRequest(box_id=box, events=[event(1, box=box)])
        (answer,) = IngestStub(channel).Report(iter([batch]), timeout=20)
        return answer.acked_sequence


def refused(port, ca, who=None, **claim):
    with pytest.raises(grpc.RpcError) as caught:
        report(port, ca, who, **claim)
    return reason_of(caught.value)


def test_a_box_with_its_own_certificate_reports(gateway, ours):
    assert report(gateway.port, ours.cert, pair(ours, "north-1")) == 1


def test_a_box_can_not_report_as_another_one(gateway, ours):
    said = refused(gateway.port, ours.cert, pair(ours, "south-1"))
    assert said == ("PERMISSION_DENIED", "NOT_YOUR_BOX")
    assert gateway.tally.events == 0


@pytest.mark.parametrize(
    "box",
    [
        "north-1",
        "north-1-",
        "north-1-1",
        "north-1-0A1B2C3D",
        "north-10-0a1b2c3d",
        "north-0a1b2c3d",
        "north-1-0a1b2c3d-0a1b2c3d",
        "x",
    ],
)
def test_a_name_that_is_only_nearly_the_certificates_is_another_one(gateway, ours, box):
    said = refused(gateway.port, ours.cert, pair(ours, "north-1"), box=box)
    assert said == ("PERMISSION_DENIED", "NOT_YOUR_BOX")


def test_later_batches_of_a_stream_are_checked_too(gateway, ours):
    who = pair(ours, "north-1")
    credentials = grpc.ssl_channel_credentials(
        ours.cert.read_bytes(), who["key"].read_bytes(), who["cert"].read_bytes()
    )
    boxes = ["north-1-00000000", "south-1-00000000"]
    batches = [pb.ReportRequest(box_id=box, events=[event(1, box=box)]) for box in boxes]
    with grpc.secure_channel(f"127.0.0.1:{gateway.port}", credentials) as channel:
        answers = IngestStub(channel).Report(iter(batches), timeout=20)
        assert next(answers).acked_sequence == 1
        with pytest.raises(grpc.RpcError) as caught:
            next(answers)
    assert reason_of(caught.value) == ("PERMISSION_DENIED", "NOT_YOUR_BOX")


def test_the_common_name_counts_where_there_is_no_uri(ours, tmp_path):
    """As with certificates that another authority has issued."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command line")
    key, request, cert = (tmp_path / f"east.{end}" for end in ("key", "csr", "pem"))
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key]
    subprocess.run(
        ["openssl", "req", *new, "-subj", "/CN=east", "-out", request],
        check=True,
        capture_output=True,
    )
    signer = ["-CA", ours.cert, "-CAkey", ours.key, "-CAcreateserial"]
    subprocess.run(
        ["openssl", "x509", "-req", "-in", request, *signer, "-out", cert],
        check=True,
        capture_output=True,
    )
    with Receiver("127.0.0.1:0", client_ca=ours.cert, **pair(ours, "centre")) as receiver:
        east = {"cert": cert, "key": key}
        assert report(receiver.port, ours.cert, east, box="east-00000000") == 1
        assert refused(receiver.port, ours.cert, east)[1] == "NOT_YOUR_BOX"


def test_who_shows_no_certificate_is_refused(gateway, ours):
    assert refused(gateway.port, ours.cert)[0] == "UNAVAILABLE"
    assert gateway.tally.events == 0


def test_a_certificate_of_another_authority_is_refused(gateway, ours, theirs):
    assert refused(gateway.port, ours.cert, pair(theirs, "north-1"))[0] == "UNAVAILABLE"


def test_a_box_does_not_report_to_whom_another_authority_has_signed(gateway, ours, theirs):
    assert refused(gateway.port, theirs.cert, pair(ours, "north-1"))[0] == "UNAVAILABLE"
    assert gateway.tally.events == 0


def test_an_expired_certificate_is_refused_and_its_renewal_taken(gateway, ours):
    ours.issue("north-1", renew=True, days=1, now=datetime.now(UTC) - timedelta(days=2))
    assert refused(gateway.port, ours.cert, pair(ours, "north-1"))[0] == "UNAVAILABLE"
    ours.issue("north-1", renew=True)
    assert report(gateway.port, ours.cert, pair(ours, "north-1")) == 1


def shown_by(port, **options):
    """The serial number of the certificate that a listener shows."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))


def test_a_gateway_shows_a_renewed_certificate_without_a_restart(gateway, ours):
    before = (ours.folder / "centre.pem").read_text()
    assert shown_by(gateway.port) == before
    ours.issue("centre", renew=True)
    after = (ours.folder / "centre.pem").read_text()
    assert after != before
    assert shown_by(gateway.port) == after
    assert report(gateway.port, ours.cert, pair(ours, "north-1")) == 1


def test_a_gateway_takes_a_new_authority_without_a_restart(ours, theirs, tmp_path):
    roots = tmp_path / "roots.pem"
    roots.write_bytes(ours.cert.read_bytes())
    with Receiver("127.0.0.1:0", client_ca=roots, **pair(ours, "centre")) as receiver:
        assert refused(receiver.port, ours.cert, pair(theirs, "north-1"))[0] == "UNAVAILABLE"
        roots.write_bytes(ours.cert.read_bytes() + theirs.cert.read_bytes())
        assert report(receiver.port, ours.cert, pair(theirs, "north-1")) == 1


@pytest.mark.parametrize("text", ["", "not a certificate", None])
def test_a_renewal_that_is_of_no_use_changes_nothing_and_is_said(gateway, ours, text, capsys):
    cert = ours.folder / "centre.pem"
    before = cert.read_text()
    cert.unlink() if text is None else cert.write_text(text)
    for _ in range(3):
        assert report(gateway.port, ours.cert, pair(ours, "north-1")) == 1
    assert shown_by(gateway.port) == before
    assert capsys.readouterr().out.count("the old one stays") == 1


def old_tls(port, version, *, cert, key):
    """Shake hands with nothing newer; as a client that is as lax as it can be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(cert, key)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain) as secure,
    ):
        return secure.version()


@pytest.mark.parametrize("which", ["gateway", "grpc", "http"])
@pytest.mark.filterwarnings("ignore:.*TLSv1_1 is deprecated")
def test_nothing_older_than_tls_1_2_is_spoken(ours, gateway, which):
    mine = pair(ours, "centre")
    http = {"http_cert": mine["cert"], "http_key": mine["key"]}
    with serving(client_ca=ours.cert, **mine, **http) as box:
        ports = {"gateway": gateway.port, "grpc": box.grpc_port, "http": box.http_port}
        port = ports[which]
        assert old_tls(port, ssl.TLSVersion.TLSv1_2, **mine) == "TLSv1.2"
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            old_tls(port, ssl.TLSVersion.TLSv1_1, **mine)


def test_a_box_takes_clients_of_its_authority_only(ours, theirs):
    with serving(client_ca=ours.cert, **pair(ours, "north-1")) as box:
        target = f"127.0.0.1:{box.grpc_port}"
        assert get_status(target, ca=ours.cert, **pair(ours, "centre")).site == "quarry"
        for who in ({}, pair(theirs, "north-1")):
            with pytest.raises(SinkError, match="UNAVAILABLE"):
                get_status(target, ca=ours.cert, **who)


def test_http_speaks_tls_and_shows_a_renewed_certificate_without_a_restart(ours, monkeypatch):
    monkeypatch.setattr(listeners, "RENEW_S", 0.05)
    mine = pair(ours, "north-1")
    with serving(http_cert=mine["cert"], http_key=mine["key"]) as box:
        trusted = ssl.create_default_context(cafile=ours.cert)
        address = f"https://127.0.0.1:{box.http_port}/"
        assert httpx.get(address, verify=trusted).text == "hello"
        before = shown_by(box.http_port)
        ours.issue("north-1", renew=True)
        eventually(lambda: shown_by(box.http_port) != before)
        assert shown_by(box.http_port) == mine["cert"].read_text()
        assert httpx.get(address, verify=trusted).text == "hello"
        with pytest.raises(httpx.HTTPError):
            httpx.get(address.replace("https", "http"))


def test_reflection_is_off(gateway, ours):
    who = pair(ours, "centre")
    credentials = grpc.ssl_channel_credentials(
        ours.cert.read_bytes(), who["key"].read_bytes(), who["cert"].read_bytes()
    )
    with serving(client_ca=ours.cert, **pair(ours, "north-1")) as box:
        for port in (gateway.port, box.grpc_port):
            with grpc.secure_channel(f"127.0.0.1:{port}", credentials) as channel:
                for version in ("v1", "v1alpha"):
                    ask = channel.stream_stream(
                        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                        request_serializer=Empty.SerializeToString,
                        response_deserializer=Empty.FromString,
                    )
                    with pytest.raises(grpc.RpcError) as caught:
                        list(ask(iter([Empty()]), timeout=20))
                    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_message_that_is_too_large_is_refused():
    with Receiver("127.0.0.1:0") as receiver:
        options = [("grpc.max_send_message_length", -1)]
        with grpc.insecure_channel(f"127.0.0.1:{receiver.port}", options) as channel:
            large = event(1, alert="x" * 5_000_000)
            batch = pb.ReportRequest(box_id=large.box_id, events=[large])
            with pytest.raises(grpc.RpcError) as caught:
                list(IngestStub(channel).Report(iter([batch]), timeout=20))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert receiver.tally.events == 0


def test_a_connection_that_never_shakes_hands_is_closed(ours, monkeypatch):
    monkeypatch.setattr("edge.serve.wire.HANDSHAKE_S", 1)
    with (
        Receiver("127.0.0.1:0", client_ca=ours.cert, **pair(ours, "centre")) as receiver,
        socket.create_connection(("127.0.0.1", receiver.port), 20) as silent,
    ):
        silent.settimeout(20)
        assert silent.recv(1) == b""


def test_who_pings_too_often_is_cut_off():
    with Receiver("127.0.0.1:0") as receiver:
        eager = [
            ("grpc.keepalive_time_ms", 100),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        with grpc.insecure_channel(f"127.0.0.1:{receiver.port}", eager) as channel:

            def quiet():
                yield pb.ReportRequest(box_id="box-1", events=[event(1, box="box-1")])
                eventually(call.done, seconds=20)

            call = IngestStub(channel).Report(quiet(), timeout=20)
            assert next(call).acked_sequence == 1
            with pytest.raises(grpc.RpcError) as caught:
                next(call)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "too many pings" in caught.value.details().lower()
