"""A running box: its alerts are acknowledged, rise, survive a restart, and reach the right sink."""

from contextlib import contextmanager

import grpc
import httpx
import pytest

from edge import app
from edge.config import load
from edge.rpc import box_pb2, event_pb2, events_pb2
from edge.rpc.box_pb2_grpc import BoxStub
from edge.rpc.events_pb2_grpc import EventsStub
from tests.events.make_events import eventually
from tests.events.make_sinks import GrpcCentre
from tests.serve.make_serve import reason_of
from tests.test_arming_service import Detector

SITE = """\
site: quarry
detect: {mode: full}
cameras:
  - {name: gate, url: "rtsp://127.0.0.1:9/none", image_health: null}
alarms:
  - {type: manual, name: panic, grade: red}
  - {type: manual, name: note, grade: blue}
serve: {grpc: {listen: "127.0.0.1:0"}, http: {listen: "127.0.0.1:0"}}
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(app, "detector_for", lambda _settings: Detector())
    return tmp_path / "site.yaml"


class Running:
    """A box that runs, as its callers see it."""

    def __init__(self, service, channel):
        self.outbox = service.box.outbox
        self.box, self.events = BoxStub(channel), EventsStub(channel)
        self.http = f"http://127.0.0.1:{service.http_port}"

    def alarm(self, rule="panic", **fields):
        return self.box.RaiseAlarm(box_pb2.RaiseAlarmRequest(rule=rule, **fields)).alert_id

    def acknowledge(self, alert_id, who="lead", **fields):
        asked = events_pb2.AcknowledgeAlertRequest(alert_id=alert_id, who=who, **fields)
        return self.events.AcknowledgeAlert(asked).acknowledgement

    def told(self, alert_id):
        """State, reason and level of the alert's events."""
        events = [one for one in self.outbox.read(0, limit=1000) if one.alert_id == alert_id]
        return [(event_pb2.State.Name(e.state)[6:], e.reason, e.level) for e in events]


@contextmanager
def running(site, more=""):
    site.write_text(SITE + more)
    with (
        app.service(load(site)) as service,
        grpc.insecure_channel(f"127.0.0.1:{service.grpc_port}") as channel,
    ):
        yield Running(service, channel)


def test_an_acknowledgement_survives_a_restart_and_the_first_stays(site):
    with running(site) as box:
        alert = box.alarm()
        first = box.acknowledge(alert, note="guard sent")
        assert box.told(alert) == [("RAISED", "by_hand", 1), ("UPDATED", "acknowledged", 1)]
        body = {"alert_id": alert, "who": "tower"}
        answer = httpx.post(f"{box.http}/api/alerts/acknowledge", json=body).json()
        assert (answer["who"], answer["note"]) == ("lead", "guard sent")
    with running(site) as box:
        assert box.told(alert)[-1] == ("CLEARED", "restart", 1)
        assert box.acknowledge(alert, who="tower") == first
        (listed,) = box.events.ListAlerts(events_pb2.ListAlertsRequest(page_size=1)).alerts
        assert (listed.alert_id, listed.acknowledgement) == (alert, first)


def test_an_alert_that_a_restart_cleared_is_acknowledged_after_it(site):
    with running(site) as box:
        alert = box.alarm()
    with running(site) as box:
        box.acknowledge(alert)
        assert box.told(alert)[-2:] == [("CLEARED", "restart", 1), ("CLEARED", "acknowledged", 1)]
        with pytest.raises(grpc.RpcError) as caught:
            box.acknowledge("nonsense")
        assert reason_of(caught.value) == ("NOT_FOUND", "NO_SUCH_ALERT")


def test_an_alert_rises_while_nobody_acknowledges_it_also_after_a_restart(site):
    with running(site, "escalation: {grades: [red], after_s: [0.3, 3600]}\n") as box:
        alert, note = box.alarm(), box.alarm("note")
        eventually(lambda: box.told(alert)[-1] == ("UPDATED", "escalated", 2))
        assert box.told(note) == [("RAISED", "by_hand", 1)]
    with running(site, "escalation: {grades: [red], after_s: [0.3, 0.6, 0.9]}\n") as box:
        eventually(lambda: box.told(alert)[-1] == ("CLEARED", "escalated", 4))
        levels = [level for _, _, level in box.told(alert)]
        assert levels == sorted(levels)
        assert box.told(note)[-1] == ("CLEARED", "restart", 1)


def test_a_sink_of_high_levels_hears_of_an_alert_once_it_has_risen(site):
    centre = GrpcCentre()
    report = (
        "escalation: {grades: [red], after_s: [0.5]}\nreport:\n"
        f'  - {{type: grpc, target: "127.0.0.1:{centre.port}", insecure: true, min_level: 2}}\n'
    )
    try:
        with running(site, report) as box:
            seen, unseen = box.alarm("note"), box.alarm()
            box.acknowledge(seen)
            eventually(lambda: centre.stored)
            box.alarm(clear=True)
            eventually(lambda: len(centre.stored) == 2)
            status = box.box.GetStatus(box_pb2.GetStatusRequest())
            eventually(lambda: box.outbox.backlog("sink:centre") == (0, None))
            assert [one.name for one in status.consumers] == ["sink:centre"]
        heard = [(one.alert_id, one.reason, one.level) for one in centre.stored]
        assert heard == [(unseen, "escalated", 2), (unseen, "by_hand", 2)]
    finally:
        centre.down()
