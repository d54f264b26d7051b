"""A running box is told what to arm, which inputs are active, and that somebody raises an alarm."""

from contextlib import contextmanager

import cv2
import grpc
import httpx
import numpy as np
import pytest
from google.protobuf.duration_pb2 import Duration

from edge import app
from edge.config import load
from edge.detect.whole import Fit
from edge.rpc import box_pb2 as pb
from edge.rpc import event_pb2
from edge.rpc.box_pb2_grpc import BoxStub
from edge.types import Detections
from tests.events.make_events import eventually

SITE = """\
site: quarry
timezone: Europe/Berlin
inputs: [drill, door]
schedules:
  never: {weekly: {mon: none}}
detect: {mode: full}
cameras:
  - name: gate
    url: shots
    loop: true
    frame_rate: 20
    image_health: null
    rules:
      - {type: zone, name: yard, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], unless_input: drill}
      - {type: manual, name: whistle, grade: red}
      - {type: input, name: door, input: door}
alarms:
  - {type: manual, name: panic, grade: red}
  - {type: manual, name: asleep, armed: never}
serve: {grpc: {listen: "127.0.0.1:0"}, http: {listen: "127.0.0.1:0"}}
"""
FILE = """\
    loop: true
    frame_rate: 20
"""


class Detector:
    """Sees one person, always in the same place."""

    name, sha256, provider, precision = "m", "ab", "FakeProvider", "bf16"
    fit, sizes = Fit((64, 64), letterbox=True), ((64, 64),)

    def infer(self, images):
        box = np.array([[20, 20, 30, 40]], np.float32)
        seen = Detections(box, np.array([0.9], np.float32), np.array([0]))
        return [seen for _ in images]


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    (tmp_path / "shots").mkdir()
    for number in range(4):
        image = np.full((90, 160, 3), 60 * number, np.uint8)
        cv2.imwrite(str(tmp_path / "shots" / f"{number}.png"), image)
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    monkeypatch.setattr(app, "detector_for", lambda _settings: Detector())
    return load(path)


class Running:
    """A box that runs, as its callers see it."""

    def __init__(self, service, channel):
        self.outbox = service.box.outbox
        self.stub = BoxStub(channel)
        self.http = f"http://127.0.0.1:{service.http_port}"

    def events(self, kind):
        """State and reason of its events of a kind."""
        kind = event_pb2.Kind.Value(f"KIND_{kind}")
        found = [one for one in self.outbox.read(0, limit=1000) if one.kind == kind]
        return [(event_pb2.State.Name(one.state)[6:], one.reason) for one in found]

    def rule(self, name):
        rules = self.stub.GetStatus(pb.GetStatusRequest()).rules
        return next(one for one in rules if one.rule == name)

    def disarm(self, **more):
        asked = {"who": "lead", "reason": "repairs", "ttl": Duration(seconds=3600)} | more
        return self.stub.SetArming(pb.SetArmingRequest(mode=pb.ARMING_MODE_DISARMED, **asked))

    def say(self, name, active):
        ttl = Duration(seconds=60) if active else None
        self.stub.SetInput(pb.SetInputRequest(name=name, active=active, ttl=ttl))


@contextmanager
def running(loaded):
    with (
        app.service(loaded) as service,
        grpc.insecure_channel(f"127.0.0.1:{service.grpc_port}") as channel,
    ):
        yield Running(service, channel)


@pytest.fixture
def box(loaded):
    with running(loaded) as made:
        yield made


def test_an_order_to_disarm_closes_what_is_open_survives_a_restart_and_is_told(loaded):
    with running(loaded) as box:
        eventually(lambda: box.events("ZONE"))
        order = box.disarm(camera="gate", rule="yard", request_id="r1").order
        eventually(lambda: ("CLEARED", "disarmed") in box.events("ZONE"))
        eventually(lambda: box.events("ARMING") == [("RAISED", "disarmed")])
    with running(loaded) as box:
        yard = box.rule("yard")
        assert (yard.armed, yard.reason, yard.until_time) == (False, "order", order.expire_time)
        assert list(box.stub.GetStatus(pb.GetStatusRequest()).orders) == [order]
        assert box.disarm(camera="gate", rule="yard", request_id="r1").order == order
        before = [("RAISED", "disarmed"), ("CLEARED", "restart"), ("RAISED", "disarmed")]
        eventually(lambda: box.events("ARMING") == before)
        zones = len(box.events("ZONE"))
        box.stub.SetArming(pb.SetArmingRequest(mode=pb.ARMING_MODE_SCHEDULE, who="lead"))
        eventually(lambda: box.events("ARMING")[-1] == ("CLEARED", "withdrawn"))
        eventually(lambda: len(box.events("ZONE")) > zones)
        assert box.rule("yard").armed


def test_an_input_suppresses_a_rule_while_it_is_active(box):
    eventually(lambda: ("RAISED", "entered") in box.events("ZONE"))
    box.say("drill", active=True)
    eventually(lambda: ("CLEARED", "disarmed") in box.events("ZONE"))
    assert (box.rule("yard").armed, box.rule("yard").reason) == (False, "unless_input")
    box.say("drill", active=False)
    eventually(lambda: box.events("ZONE")[-1] == ("RAISED", "entered"))


def test_an_input_rule_is_an_alert_of_its_camera(box):
    box.say("door", active=True)
    eventually(lambda: box.events("INPUT") == [("RAISED", "active")])
    box.say("door", active=False)
    eventually(lambda: box.events("INPUT")[-1] == ("CLEARED", "inactive"))


def test_an_alarm_by_hand_has_its_camera_s_picture_and_is_on_disk_when_it_is_answered(box):
    eventually(lambda: box.events("ZONE"))
    asked = pb.RaiseAlarmRequest(rule="whistle", camera="gate", note="fire", request_id="r1")
    alert_id = box.stub.RaiseAlarm(asked).alert_id
    (event,) = [one for one in box.outbox.read(0, limit=1000) if one.alert_id == alert_id]
    assert (event.kind, event.grade, event.note) == (
        event_pb2.KIND_MANUAL,
        event_pb2.GRADE_RED,
        "fire",
    )
    picture = httpx.get(f"{box.http}/api/evidence/{event.evidence.evidence_id}.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    assert box.stub.RaiseAlarm(asked).alert_id == alert_id
    assert box.events("MANUAL") == [("RAISED", "by_hand")]


def test_over_http_it_is_the_same(box):
    answer = httpx.post(f"{box.http}/api/alarms", json={"rule": "panic", "request_id": "r1"})
    assert (
        answer.json()["alert_id"]
        == box.stub.RaiseAlarm(pb.RaiseAlarmRequest(rule="panic", request_id="r1")).alert_id
    )
    httpx.post(f"{box.http}/api/inputs", json={"name": "drill", "active": True, "ttl_s": 60})
    disarm = {"mode": "disarmed", "who": "lead", "reason": "x", "ttl_s": 60, "camera": "gate"}
    httpx.post(f"{box.http}/api/arming", json=disarm).raise_for_status()
    status = httpx.get(f"{box.http}/api/status").json()["box"]
    assert {one["rule"]: one["armed"] for one in status["rules"]} == {
        "yard": False,
        "whistle": False,
        "door": False,
        "panic": True,
        "asleep": False,
    }
    assert [one["active"] for one in status["inputs"]] == [False, True]
    assert [one["who"] for one in status["orders"]] == ["lead"]
    assert "fenceline_rules_disarmed 3.0" in httpx.get(f"{box.http}/metrics").text


def test_an_alarm_that_its_schedule_does_not_arm_is_refused(box):
    answer = httpx.post(f"{box.http}/api/alarms", json={"rule": "asleep"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "NOT_ARMED")


def test_alarms_need_no_camera_that_gives_pictures(loaded):
    path = loaded.path
    path.write_text(SITE.replace("url: shots", "url: rtsp://127.0.0.1:9/none").replace(FILE, ""))
    with running(load(path)) as box:
        for asked in ({"rule": "panic"}, {"rule": "whistle", "camera": "gate"}):
            assert box.stub.RaiseAlarm(pb.RaiseAlarmRequest(**asked)).alert_id
        found = box.outbox.read(0, limit=10)
    assert [one.rule for one in found if one.kind == event_pb2.KIND_MANUAL] == ["panic", "whistle"]
    assert not any(one.HasField("evidence") for one in found)
