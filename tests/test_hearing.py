"""A running box hears of its inputs over MQTT, and reports to files and brokers beside."""

import json

import cv2
import numpy as np
import pytest

from edge import app
from edge.config import load
from tests.events.make_events import eventually
from tests.events.make_mirrors import subscriber
from tests.test_app import Detector

SITE = """\
site: quarry
box: north-1
inputs: [gate-open]
cameras:
  - {{name: gate, url: shots, loop: true, frame_rate: 20, image_health: null}}
alarms:
  - {{type: input, name: open, input: gate-open, grade: red}}
report:
  - {{type: jsonl, path: events.jsonl}}
  - {{type: mqtt, url: "mqtt://127.0.0.1:{port}"}}
mqtt_inputs: {{url: "mqtt://127.0.0.1:{port}"}}
serve: {{grpc: {{listen: "127.0.0.1:0"}}, http: {{listen: "127.0.0.1:0"}}}}
"""


@pytest.fixture
def running(tmp_path, mqtt_server, monkeypatch):
    (tmp_path / "shots").mkdir()
    cv2.imwrite(str(tmp_path / "shots" / "0.png"), np.zeros((90, 160, 3), np.uint8))
    (tmp_path / "site.yaml").write_text(SITE.format(port=mqtt_server.port))
    monkeypatch.setattr(app, "detector_for", lambda _settings: Detector())
    with app.service(load(tmp_path / "site.yaml")) as service:
        yield service


def test_an_input_over_mqtt_becomes_an_alert_at_every_sink(mqtt_server, running, tmp_path):
    heard = []
    centre = subscriber(mqtt_server.port, lambda *told: heard.append(told[2]))
    body = json.dumps({"active": True, "ttl_s": 60, "who": "door"}).encode()

    def active():
        centre.publish("fenceline/quarry/north-1/inputs/gate-open/set", body, qos=1)
        return [one.active for one in running.box.status().inputs] == [True]

    try:
        eventually(active)
        events = "fenceline/quarry/north-1/events"
        eventually(lambda: [one for one in heard if one.topic == events])
        told = next(json.loads(one.payload) for one in heard if one.topic == events)
        assert (told["kind"], told["rule"], told["state"]) == ("KIND_INPUT", "open", "STATE_RAISED")
        lines = tmp_path / "events.jsonl"
        eventually(lambda: lines.exists() and lines.read_text().endswith("\n"))
        assert json.loads(lines.read_text().splitlines()[0]) == told
        consumers = {one.name: one for one in running.box.status().consumers}
        eventually(lambda: running.box.outbox.cursor("sink:mqtt") >= 1)
        assert consumers["sink:mqtt"].connected
    finally:
        centre.disconnect()
        centre.loop_stop()
