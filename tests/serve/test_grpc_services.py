"""The calls that are not a subscription, over a real socket."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from edge.rpc import box_pb2
from edge.rpc import events_pb2 as pb
from edge.rpc.box_pb2_grpc import BoxStub
from edge.rpc.events_pb2_grpc import EventsStub
from tests.serve.make_serve import CLEARED, MemoryLog, connected, reason_of, serving

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICES = ["", "fenceline.v1.Events", "fenceline.v1.Box"]


@pytest.fixture
def log():
    return MemoryLog()


@pytest.fixture
def box(log, tmp_path):
    with serving(log, tmp_path) as made:
        yield made


@pytest.fixture
def channel(box):
    with connected(box) as made:
        yield made


@pytest.fixture
def events(channel):
    return EventsStub(channel)


def listed(answer):
    return [alert.sequence for alert in answer.alerts]


def test_alerts_are_listed_page_by_page_newest_first(log, events):
    log.append(5)
    first = events.ListAlerts(pb.ListAlertsRequest(page_size=3))
    assert listed(first) == [5, 4, 3]
    second = events.ListAlerts(pb.ListAlertsRequest(page_size=3, page_token=first.next_page_token))
    assert listed(second) == [2, 1]
    assert second.next_page_token == ""


def test_only_open_alerts_are_listed_where_asked(log, events):
    log.append(2)
    log.append(1, state=CLEARED)
    assert listed(events.ListAlerts(pb.ListAlertsRequest(open_only=True))) == [2, 1]


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (9999, 500)])
def test_pages_have_a_default_and_a_limit(log, events, asked, given):
    log.append(600)
    assert len(events.ListAlerts(pb.ListAlertsRequest(page_size=asked)).alerts) == given


@pytest.mark.parametrize("what", ["Alerts", "DeadLetters"])
def test_a_negative_page_size_is_refused(events, what):
    request = getattr(pb, f"List{what}Request")(page_size=-1)
    with pytest.raises(grpc.RpcError) as caught:
        getattr(events, f"List{what}")(request)
    assert reason_of(caught.value) == ("INVALID_ARGUMENT", "BAD_PAGE_SIZE")


@pytest.mark.parametrize("size", [1, 65_536, 65_537, 300_000])
def test_a_picture_comes_in_chunks_of_at_most_64_kib(tmp_path, events, size):
    picture = bytes(n % 251 for n in range(size))
    (tmp_path / "p1.jpg").write_bytes(picture)
    chunks = [part.chunk for part in events.GetEvidence(pb.GetEvidenceRequest(evidence_id="p1"))]
    assert b"".join(chunks) == picture
    assert max(map(len, chunks)) <= 65_536
    assert len(chunks) == -(-size // 65_536)


def test_an_unknown_picture_is_not_found(events):
    with pytest.raises(grpc.RpcError) as caught:
        list(events.GetEvidence(pb.GetEvidenceRequest(evidence_id="gone")))
    assert reason_of(caught.value) == ("NOT_FOUND", "NO_SUCH_EVIDENCE")


def test_a_picture_swept_between_looking_and_reading_is_not_found(box, events, tmp_path):
    box.evidence.path = lambda _: tmp_path / "just-swept.jpg"
    with pytest.raises(grpc.RpcError) as caught:
        list(events.GetEvidence(pb.GetEvidenceRequest(evidence_id="p1")))
    assert reason_of(caught.value) == ("NOT_FOUND", "NO_SUCH_EVIDENCE")


def test_the_status_is_told_in_the_contracts_words(channel):
    status = BoxStub(channel).GetStatus(box_pb2.GetStatusRequest())
    assert (status.site, status.ready, status.last_sequence) == ("quarry", False, 8)
    assert list(status.not_ready_reasons) == ["camera 'gate': stalled"]
    assert status.start_time.ToMilliseconds() == 1_700_000_000_250
    assert (status.provider, status.precision) == ("CPUExecutionProvider", "bf16")
    assert list(status.degraded_reasons) == ["model 'm' gave no answer for 20 s"]
    assert status.load == 0.75
    gate, yard = status.cameras
    assert (gate.state, gate.dropped) == (box_pb2.CAMERA_STATE_STALLED, 2)
    assert not gate.HasField("staleness")
    assert yard.staleness.ToMilliseconds() == 250
    centre = status.consumers[0]
    assert (centre.name, centre.backlog, centre.connected) == ("sink:centre", 3, False)
    assert centre.oldest_age.ToMilliseconds() == 1500


@pytest.mark.parametrize("state", list(box_pb2.CameraState.keys())[1:])
def test_every_camera_state_has_a_word_in_the_contract(state):
    from edge.status import CameraState

    assert state.removeprefix("CAMERA_STATE_").lower() in {one.value for one in CameraState}


@pytest.mark.parametrize("service", SERVICES)
def test_health_is_told_per_service(channel, service):
    health = health_pb2_grpc.HealthStub(channel)
    assert health.Check(health_pb2.HealthCheckRequest(service=service)).status == SERVING


def test_health_of_an_unknown_service_is_not_found(channel):
    health = health_pb2_grpc.HealthStub(channel)
    with pytest.raises(grpc.RpcError) as caught:
        health.Check(health_pb2.HealthCheckRequest(service="fenceline.v1.Faces"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service", SERVICES)
def test_a_box_that_drains_says_that_it_serves_no_more(box, channel, service):
    watch = health_pb2_grpc.HealthStub(channel).Watch(
        health_pb2.HealthCheckRequest(service=service)
    )
    assert next(watch).status == SERVING
    box.stop()
    assert next(watch).status == NOT_SERVING


def test_reflection_is_off(channel):
    list_services = channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    )
    with pytest.raises(grpc.RpcError) as caught:
        next(list_services(iter([b""])))
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_message_over_the_limit_is_refused(events):
    with pytest.raises(grpc.RpcError) as caught:
        events.ListAlerts(pb.ListAlertsRequest(page_token="x" * 5_000_000))
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
