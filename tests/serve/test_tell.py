"""What the HTTP API can be told, by whom, and what it refuses."""

import asyncio
import json
from concurrent.futures import Future

import httpx
import pytest

from edge.errors import OutboxError, Refusal, RefusalError
from edge.metrics import Metrics
from edge.serve.confirm import confirmed
from edge.serve.guard import MOST_BYTES
from edge.serve.http import http_app
from edge.serve.tell import PATHS
from tests.make_controls import Controls
from tests.serve.make_box import FakeBox, FakeLog, FakeShelf
from tests.serve.make_client import Client, serving

DISARM = {"mode": "disarmed", "who": "lead", "reason": "repairs", "ttl_s": 60}
DOOR = {"name": "door", "active": True, "ttl_s": 30}
PANIC = {"rule": "panic", "who": "gatehouse", "note": "man on the wall"}
SEEN = {"alert_id": "a1", "who": "lead", "note": "guard sent"}
BODIES = dict(zip(PATHS, (DISARM, DOOR, PANIC, SEEN), strict=True))


@pytest.fixture
def controls():
    return Controls()


@pytest.fixture
def app(controls, tmp_path):
    hosts = ("localhost", "127.0.0.1", "box")
    shelf = FakeShelf(tmp_path)
    return http_app(FakeBox(), FakeLog(), shelf, metrics=Metrics(), hosts=hosts, controls=controls)


@pytest.fixture
def client(app):
    return Client(app)


def post(client, path, body, **headers):
    return client.request("POST", path, json=body, headers=headers)


def test_rules_are_disarmed_and_what_was_ordered_is_answered(client, controls):
    answer = post(client, "/api/arming", DISARM | {"request_id": "r1"})
    assert answer.status_code == 200
    assert answer.json() == {
        "id": "r1",
        "mode": "disarmed",
        "camera": "",
        "rule": "",
        "until": 60.0,
        "made": 0.0,
        "who": "lead",
        "reason": "repairs",
    }
    assert controls.arming.told().orders == {"": {"panic": False}, "gate": {"door": False}}
    assert post(client, "/api/arming", {"mode": "schedule", "who": "lead"}).status_code == 200
    assert controls.arming.orders() == ()


def test_an_input_is_active_and_then_not(client, controls):
    assert post(client, "/api/inputs", DOOR).json() == {
        "name": "door",
        "active": True,
        "until": 30.0,
    }
    assert controls.arming.told().inputs == {"door"}
    answer = post(client, "/api/inputs", {"name": "door", "active": False})
    assert answer.json() == {"name": "door", "active": False, "until": None}


def test_an_alarm_is_raised_and_stored_before_it_is_answered(client, controls):
    answer = post(client, "/api/alarms", PANIC)
    (event,) = controls.log.kept
    assert (answer.status_code, answer.json()) == (200, {"alert_id": event.alert_id})
    assert (event.who, event.note) == ("gatehouse", "man on the wall")
    assert post(client, "/api/alarms", {"rule": "panic", "clear": True}).json() == answer.json()


def test_an_alert_is_acknowledged_and_stored_before_it_is_answered(client, controls):
    alert_id = post(client, "/api/alarms", PANIC).json()["alert_id"]
    answer = post(client, "/api/alerts/acknowledge", SEEN | {"alert_id": alert_id})
    assert (answer.status_code, answer.json()) == (
        200,
        {"who": "lead", "note": "guard sent", "time": pytest.approx(controls.now)},
    )
    assert controls.told() == [("RAISED", "by_hand"), ("UPDATED", "acknowledged")]
    again = {"alert_id": alert_id, "who": "tower"}
    assert post(client, "/api/alerts/acknowledge", again).json() == answer.json()
    assert len(controls.log.kept) == 2


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("/api/arming", DISARM | {"camera": "roof"}, 404, "NO_SUCH_CAMERA"),
        ("/api/arming", DISARM | {"rule": "roof"}, 404, "NO_SUCH_RULE"),
        ("/api/arming", DISARM | {"ttl_s": None}, 422, "NO_TTL"),
        ("/api/arming", DISARM | {"ttl_s": 1e9}, 422, "BAD_TTL"),
        ("/api/arming", DISARM | {"who": ""}, 422, "NO_WHO"),
        ("/api/arming", DISARM | {"reason": "a\u202eb"}, 422, "BAD_TEXT"),
        ("/api/inputs", DOOR | {"name": "dor"}, 404, "NO_SUCH_INPUT"),
        ("/api/inputs", DOOR | {"ttl_s": 0}, 422, "BAD_TTL"),
        ("/api/alarms", PANIC | {"rule": "panik"}, 404, "NO_SUCH_ALARM"),
        ("/api/alarms", PANIC | {"note": "a" * 201}, 422, "BAD_TEXT"),
        ("/api/alerts/acknowledge", SEEN, 404, "NO_SUCH_ALERT"),
        ("/api/alerts/acknowledge", SEEN | {"who": ""}, 422, "NO_WHO"),
        ("/api/alerts/acknowledge", SEEN | {"note": "a\nb"}, 422, "BAD_TEXT"),
    ],
)
def test_what_makes_no_sense_is_refused_with_reason_and_remedy(client, path, body, status, reason):
    answer = post(client, path, body)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert answer.json()["remedy"]


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/api/arming", DISARM | {"til": 5}, "til"),
        ("/api/arming", DISARM | {"mode": "off"}, "mode"),
        ("/api/inputs", {"name": "door"}, "active"),
        ("/api/alarms", PANIC | {"rule": 5}, "rule"),
        ("/api/alerts/acknowledge", {"who": "lead"}, "alert_id"),
        ("/api/alerts/acknowledge", SEEN | {"alert": "a1"}, "alert"),
    ],
)
def test_what_is_no_request_is_refused_with_the_key(client, path, body, named):
    answer = post(client, path, body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_an_alarm_that_is_not_armed_is_a_conflict(client, controls):
    controls.night = False
    answer = post(client, "/api/alarms", PANIC)
    assert (answer.status_code, answer.json()["reason"]) == (409, "NOT_ARMED")


def test_what_can_t_be_stored_may_be_asked_again(client, controls):
    controls.log.full = True
    answer = post(client, "/api/alarms", PANIC | {"request_id": "r1"})
    assert (answer.status_code, answer.json()["reason"]) == (503, "STORE_FAILED")
    controls.log.full = False
    assert post(client, "/api/alarms", PANIC | {"request_id": "r1"}).status_code == 200
    assert [state for state, _ in controls.told()] == ["RAISED"]


def test_an_order_that_can_t_be_stored_may_be_asked_again(client, controls):
    class Full:
        def keep(self, *_):
            raise OutboxError("the disk is full", "free space")

    controls.arming._store = Full()
    answer = post(client, "/api/arming", DISARM)
    assert (answer.status_code, answer.json()["error"]) == (503, "the disk is full")


# --- who may


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),  # what a form of another page may send unasked
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://box.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Host": "evil.example"}, 400),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 400),  # DNS rebinding
    ],
)
def test_a_page_of_another_site_can_t_make_a_browser_tell_the_box(
    client, controls, path, headers, status
):
    given = {"Content-Type": "application/json"} | headers
    answer = client.request("POST", path, content=json.dumps(BODIES[path]), headers=given)
    assert answer.status_code == status
    assert answer.json()["remedy"]
    assert (controls.arming.orders(), controls.arming.told().inputs) == ((), set())
    assert controls.log.kept == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://box"}, {"Origin": "http://box", "Sec-Fetch-Site": "same-origin"}],
)
def test_the_box_s_own_page_and_programs_may(client, path, headers):
    answer = post(client, path, BODIES[path], **headers)
    known = path != "/api/alerts/acknowledge"  # there is no such alert
    assert answer.status_code == (200 if known else 404)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_no_other_method_tells_it_anything(client, method, path):
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_reading_where_it_is_told_reads_nothing(client, path):
    assert client.get(path).status_code in {404, 405}


def test_elsewhere_nothing_is_told(client):
    assert post(client, "/api/status", {}).status_code == 405


def test_what_is_too_long_or_of_unknown_length_is_refused(client, controls):
    long = {"rule": "panic", "note": "a" * MOST_BYTES}
    assert post(client, "/api/alarms", long).status_code == 413

    async def parts():
        yield json.dumps(PANIC).encode()

    headers = {"Content-Type": "application/json"}
    answer = client.request("POST", "/api/alarms", content=parts(), headers=headers)
    assert answer.status_code == 413
    assert controls.log.kept == []


def test_without_controls_nothing_is_told(tmp_path):
    client = Client(http_app(FakeBox(), FakeLog(), FakeShelf(tmp_path), metrics=Metrics()))
    assert {post(client, path, BODIES[path]).status_code for path in PATHS} == {405}


def test_the_openapi_document_names_what_can_be_told_and_its_refusals(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    told = {path for path, methods in paths.items() if "post" in methods}
    assert told == set(PATHS)
    answers = paths["/api/alarms"]["post"]["responses"]
    for status in ("404", "409", "422", "429", "503"):
        schema = answers[status]["content"]["application/json"]["schema"]
        assert schema["$ref"].endswith("/Problem")


def test_over_a_real_socket_an_alarm_is_raised_and_a_strange_page_is_refused(app, controls):
    with serving(app) as address, httpx.Client(base_url=address) as client:
        answer = client.post("/api/alarms", json=PANIC)
        assert (answer.status_code, len(controls.log.kept)) == (200, 1)
        assert answer.headers["cache-control"] == "no-store"
        strange = client.post("/api/alarms", json=PANIC, headers={"Origin": "http://evil.example"})
        assert (strange.status_code, len(controls.log.kept)) == (403, 1)


# --- waiting for it


def test_what_is_not_confirmed_in_time_may_be_so_later():
    future = Future()
    with pytest.raises(RefusalError) as caught:
        asyncio.run(confirmed(future, within_s=0.01))
    assert (caught.value.kind, caught.value.reason) == (Refusal.LATER, "NOT_CONFIRMED")
    assert not future.cancelled()
    future.set_exception(ValueError("nobody waits for this any more"))


def test_what_is_confirmed_while_somebody_waits_is_answered():
    async def wait():
        future = Future()
        asyncio.get_running_loop().call_later(0.01, future.set_result, "a1")
        return await confirmed(future)

    assert asyncio.run(wait()) == "a1"
