"""The page about arming: its configuration is good, its requests are taken, its words are all."""

import json
import re
from pathlib import Path

import pytest

from edge.config import load
from edge.gates import alarms_for, gates_for
from edge.metrics import Metrics
from edge.orders import MOST_INPUT_S, MOST_ORDER_S
from edge.serve.http import http_app
from tests.serve.make_box import FakeBox, FakeLog, FakeShelf
from tests.serve.make_client import Client

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "arming.md").read_text()
(SITE,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
REQUESTS = re.findall(r"127\.0\.0\.1:8080(\S+) -d '(.*?)'", PAGE, re.DOTALL)


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return load(path).settings


def test_the_configuration_is_good_and_makes_gates_and_alarms(settings):
    gates = gates_for(settings)
    assert gates["gate", "fence"].unless_input == "maintenance"
    assert alarms_for(settings).keys() == {
        ("gate", "gate-open"),
        ("gate", "whistle"),
        ("", "panic"),
    }


class Controls:
    """Notes what it is told."""

    def __init__(self):
        self.told = []

    def set_arming(self, request):
        request.check()
        self.told.append(request)
        raise KeyError

    set_input = raise_alarm = set_arming


def test_the_requests_are_requests_about_what_is_configured(settings, tmp_path):
    controls = Controls()
    app = http_app(FakeBox(), FakeLog(), FakeShelf(tmp_path), metrics=Metrics(), controls=controls)
    client = Client(app)
    for path, body in REQUESTS:
        client.request("POST", path, json=json.loads(body))
    arm, blasting, panic = controls.told
    assert arm.camera in {camera.name for camera in settings.cameras}
    assert blasting.name in settings.inputs
    assert panic.rule in {alarm.name for alarm in settings.alarms}


def test_the_page_and_the_contract_name_the_same_refusals():
    proto = (ROOT / "proto" / "fenceline" / "v1" / "box.proto").read_text()
    service = proto[: proto.index("enum ArmingMode")]
    reason = r"\b(?:NO|BAD|NOT|TOO|STORE|REQUEST|COOLING|SHUTTING)_[A-Z_]+\b"
    not_codes = {"NOT_FOUND"}
    # What only gRPC can say: http has no enum that could be left out, and JSON instead of GARBLED.
    grpc_only = {"NO_MODE"}
    in_proto = set(re.findall(reason, service)) - not_codes - grpc_only
    assert set(re.findall(reason, PAGE)) - not_codes == in_proto


def test_the_limits_are_those_of_the_page():
    assert (MOST_ORDER_S, MOST_INPUT_S) == (7 * 86_400, 86_400)
    assert "1 second to 7 days" in PAGE
    assert "1 second to a day" in PAGE
