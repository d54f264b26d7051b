"""The service on the real clip, over a real RTSP socket, with the real model, read over gRPC."""

import itertools
import time

import cv2
import httpx
import numpy as np
import pytest

from edge.demo.rtsp import RtspServer
from edge.rpc import event_pb2 as pb
from edge.serve.client import subscribe
from edge.stream.encode import encode_h264
from tests.e2e.service import camera, running, write_site

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("model")]
# Who crosses the right-hand road line between the clip's second and 25th second, found by looking
# at the pictures, ten a second: when, and whether inward (towards the left of the picture).
CROSSINGS = (
    (4.6, True),
    (5.4, True),
    (11.0, False),
    (11.9, False),
    (12.5, False),
    (13.8, True),
    (15.6, True),
    (17.5, False),
    (18.8, False),
    (19.0, True),
    (22.7, True),
)
TOLERANCE_S = 1.5


def test_the_crossings_a_person_sees_arrive_over_grpc(tmp_path, h264):
    with RtspServer({"road": h264}, fps=10) as server:
        config = write_site(tmp_path, camera("road", server.url("road")))
        with running(config, tmp_path / "log") as box:
            box.wait(lambda: box.status().cameras[0].frames)
            began = time.time()
            found = crossings(box.target, until=began + 26)
    got = [(event.capture_time.ToMicroseconds() / 1e6 - began, event) for event in found]
    print([(round(s, 1), e.direction) for s, e in got])
    for seconds, inward in CROSSINGS:
        near = [e for s, e in got if abs(s - seconds) < TOLERANCE_S]
        assert any((e.direction == pb.DIRECTION_INWARD) == inward for e in near), (seconds, got)
    for event in found:
        assert event.object.class_name == "person"
        assert len(event.object.path) >= 2
        assert event.evidence.sha256
        assert event.analysis.provider in {"OpenVINO", "CPUExecutionProvider"}
        assert event.analysis.precision in {"bf16", "fp32"}
        assert event.clock_source == pb.CLOCK_SOURCE_RTCP


def crossings(target, *, until):
    """RAISED crossings until a time."""
    found = []
    for answer in subscribe(target, after=0):
        if answer.WhichOneof("message") == "event":
            event = answer.event
            if event.kind == pb.KIND_TRIPWIRE and event.state == pb.STATE_RAISED:
                found.append(event)
            if event.capture_time.ToSeconds() > until:
                return found
    return found


def test_health_says_ready_only_while_frames_are_analysed(tmp_path, h264):
    with RtspServer({"road": h264}, fps=10) as server:
        config = write_site(tmp_path, camera("road", server.url("road"), options="stall_s: 2"))
        with running(config, tmp_path / "log") as box:
            url = f"http://127.0.0.1:{box.ports()[1]}"
            assert httpx.get(f"{url}/healthz").status_code == 200
            box.wait(lambda: httpx.get(f"{url}/readyz").status_code == 200)
            server.stall("road", True)
            box.wait(lambda: httpx.get(f"{url}/readyz").status_code == 503)
            assert "road" in httpx.get(f"{url}/readyz").text
            assert staleness(httpx.get(f"{url}/metrics").text) > 1
            server.stall("road", False)
            box.wait(lambda: httpx.get(f"{url}/readyz").status_code == 200)
            assert httpx.get(f"{url}/healthz").status_code == 200


def staleness(metrics):
    """Seconds since the newest analysed picture, as a monitor reads it."""
    name = 'fenceline_staleness_seconds{camera="road"} '
    return next(float(line[len(name) :]) for line in metrics.splitlines() if line.startswith(name))


def test_a_refusing_camera_is_said_and_the_others_go_on(tmp_path, h264):
    with (
        RtspServer({"road": h264}, fps=10) as good,
        RtspServer({"road": h264}, fps=10, user="box", password="right") as guarded,
    ):
        wrong = guarded.url("road").replace("right", "wr0ng-s3cret")
        config = write_site(
            tmp_path,
            camera("road", good.url("road")),
            camera("guarded", wrong),
            camera("nobody", "rtsp://127.0.0.1:9/none"),
        )
        with running(config, tmp_path / "log") as box:
            box.wait(lambda: box.status().cameras[0].frames > 20)
            states = {one.name: one for one in box.status().cameras}
            metrics = httpx.get(f"http://127.0.0.1:{box.ports()[1]}/metrics").text
            code, _ = box.stop()
    assert code == 0
    assert states["guarded"].state == 5  # CAMERA_STATE_REFUSED
    assert "password" in states["guarded"].reason
    assert states["nobody"].state == 4  # CAMERA_STATE_LOST
    said = (tmp_path / "log").read_text() + metrics + str(states)
    assert "wr0ng" not in said


def test_sigterm_ends_it_in_three_seconds_and_leaves_nothing_half_done(tmp_path, h264):
    with RtspServer({"road": h264}, fps=10) as server:
        config = write_site(
            tmp_path,
            camera("road", server.url("road"), update_s=0.2),
            camera("stalled", server.url("road")),
            camera("gone", "rtsp://127.0.0.1:9/none"),
        )
        with running(config, tmp_path / "log") as box:
            events = subscribe(box.target, after=0)
            assert len(list(itertools.islice(events, 10))) == 10
            code, seconds = box.stop()
            events.close()
    assert code == 0
    assert seconds < 3
    names = {path.name for path in (tmp_path / "var").rglob("*") if path.is_file()}
    evidence = {name for name in names if name.endswith(".jpg")}
    assert evidence
    stores = {
        f"{name}.db{suffix}" for name in ("outbox", "orders") for suffix in ("", "-wal", "-shm")
    }
    assert names - evidence <= stores | {"outbox.lock"}


def test_an_alert_has_a_picture_of_the_cameras_larger_stream(tmp_path, clip, h264):
    large = tmp_path / "large.h264"
    encode_h264(clip, large, seconds=30, size=(1152, 864))
    with RtspServer({"sub": h264, "main": large}, fps=10) as server:
        options = f'fps: 30\n    evidence_url: "{server.url("main")}"'
        config = write_site(tmp_path, camera("road", server.url("sub"), options=options))
        with running(config, tmp_path / "log") as box:
            found = box.wait(lambda: larger_picture(box.target))
            url = f"http://127.0.0.1:{box.ports()[1]}/api/evidence/{found.evidence_id}.jpg"
            image = cv2.imdecode(np.frombuffer(httpx.get(url).content, np.uint8), cv2.IMREAD_COLOR)

    assert image.shape == (864, 1152, 3)


def larger_picture(target):
    for answer in subscribe(target, after=0):
        if answer.WhichOneof("message") == "progress":
            return None
        for one in answer.event.more_evidence:
            if one.role == pb.EVIDENCE_ROLE_RAISED:
                return one
    return None
