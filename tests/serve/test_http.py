"""The HTTP API: what it answers, what it refuses, and that it only reads."""

import httpx
import jsonschema
import pytest

from edge.metrics import Metrics
from edge.serve.http import http_app
from tests.serve.make_box import (
    FakeBox,
    FakeLog,
    FakeShelf,
    alert,
    camera,
    of_the_box,
    scene,
    status,
    with_evidence,
)
from tests.serve.make_client import Client, serving

PATHS = ("/", "/healthz", "/metrics", "/api/status", "/api/cameras/gate/picture.jpg", "/nothing")


@pytest.fixture
def box():
    return FakeBox(scenes={"gate": scene()})


@pytest.fixture
def log():
    return FakeLog()


@pytest.fixture
def shelf(tmp_path):
    return FakeShelf(tmp_path)


@pytest.fixture
def client(box, log, shelf):
    app = http_app(box, log, shelf, metrics=Metrics())
    return Client(app)


def test_healthz_answers_even_when_nothing_is_analysed(client, box):
    box.now = status(not_ready=("camera 'gate': lost",))
    assert client.get("/healthz").status_code == 200


def test_readyz_says_why_not(client, box):
    sinks = [
        {"name": "sink:centre", "connected": True, "backlog": 0, "oldest_age_s": None},
        {"name": "pull:archive", "connected": False, "backlog": 8, "oldest_age_s": 95.0},
    ]
    assert client.get("/readyz").json() == {"ready": True, "not_ready": [], "delivery": sinks}
    box.now = status(not_ready=("camera 'gate': lost",))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    told = {"ready": False, "not_ready": ["camera 'gate': lost"], "delivery": sinks}
    assert answer.json() == told


def test_metrics_are_in_the_prometheus_format(client):
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE fenceline_outbox_rows gauge" in answer.text


def test_the_status_tells_of_box_cameras_and_readers(client):
    answer = client.get("/api/status").json()
    assert answer["ready"] is True
    assert answer["box"]["site"] == "quarry-north"
    assert [one["name"] for one in answer["box"]["cameras"]] == ["gate", "yard"]
    assert answer["box"]["consumers"][1]["backlog"] == 8


def test_the_status_tells_why_the_box_does_less_and_is_ready_all_the_same(client, box):
    box.now = status(degraded=("too many cameras",), load=1.0)
    answer = client.get("/api/status").json()
    assert (answer["ready"], answer["box"]["degraded"]) == (True, ["too many cameras"])
    assert (answer["box"]["load"], answer["box"]["precision"]) == (1.0, "fp32")
    assert client.get("/readyz").status_code == 200


def test_the_cameras_tell_how_they_are(client, box):
    box.now = status(cameras=(camera("gate", staleness_s=None, reason="no route to host"),))
    (gate,) = client.get("/api/cameras").json()
    assert gate["reason"] == "no route to host"
    assert gate["staleness_s"] is None


def test_the_overlay_is_the_shapes_of_the_rules(client):
    fence, yard = client.get("/api/cameras/gate/overlay").json()["shapes"]
    assert fence["direction"] == "inward"
    assert fence["points"] == [[0.05, 0.6], [0.95, 0.7]]
    assert (yard["type"], yard["direction"]) == ("zone", None)


@pytest.mark.parametrize("what", ["overlay", "boxes", "picture.jpg"])
def test_an_unknown_camera_is_answered_with_the_known_ones(client, what):
    answer = client.get(f"/api/cameras/roof/{what}")
    assert answer.status_code == 404
    assert answer.json() == {"error": "no such camera", "remedy": "use one of: gate, yard"}


@pytest.mark.parametrize("what", ["boxes", "picture.jpg"])
def test_before_the_first_frame_there_is_no_picture_yet(client, what):
    answer = client.get(f"/api/cameras/yard/{what}")
    assert answer.status_code == 503
    assert answer.json()["error"] == "no picture of camera 'yard' was analysed yet"


def test_alerts_are_protojson_as_the_openapi_document_says(client, log):
    log.events = [with_evidence(alert(2)), alert(1, kind="ZONE", state="CLEARED")]
    answer = client.get("/api/alerts").json()
    first, second = answer["alerts"]
    assert (first["grade"], first["evidence"]["evidence_id"]) == ("GRADE_RED", "e1")
    assert (second["sequence"], second["dwell"]) == ("1", "34s")
    api = client.get("/api/openapi.json").json()
    content = api["paths"]["/api/alerts"]["get"]["responses"]["200"]["content"]
    schema = content["application/json"]["schema"]
    jsonschema.validate(answer, schema)
    assert set(first) <= set(schema["properties"]["alerts"]["items"]["properties"])


def test_an_alert_of_the_box_itself_names_no_camera(client, log):
    log.events = [of_the_box(alert(1, kind="DEGRADED", rule="box-degraded"))]
    (told,) = client.get("/api/alerts").json()["alerts"]
    assert (told["kind"], told["rule"]) == ("KIND_DEGRADED", "box-degraded")
    assert "camera" not in told


def test_alerts_come_in_pages(client, log):
    log.events = [alert(n) for n in (3, 2, 1)]
    page = client.get("/api/alerts?limit=2").json()
    rest = client.get(f"/api/alerts?limit=2&before={page['next_page_token']}").json()
    assert [one["sequence"] for one in page["alerts"] + rest["alerts"]] == ["3", "2", "1"]
    assert rest["next_page_token"] == ""


def test_open_alerts_can_be_asked_for_alone(client, log):
    log.events = [alert(2, state="CLEARED"), alert(1, state="UPDATED")]
    (only,) = client.get("/api/alerts?open=true").json()["alerts"]
    assert only["sequence"] == "1"


@pytest.mark.parametrize("limit", ["0", "501", "many"])
def test_a_limit_out_of_bounds_is_refused(client, limit):
    answer = client.get(f"/api/alerts?limit={limit}")
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("limit: ")


def test_evidence_is_the_stored_picture(client, shelf):
    stored = shelf.put("e1", scene())
    answer = client.get("/api/evidence/e1.jpg")
    assert (answer.content, answer.headers["content-type"]) == (stored, "image/jpeg")
    assert answer.headers["cache-control"] == "no-store"


def test_a_clip_is_served_whole_or_in_ranges(client, shelf):
    stored = shelf.put_clip("c1", scene())
    whole = client.get("/api/evidence/c1.webm")
    assert (whole.content, whole.headers["content-type"]) == (stored, "video/webm")
    assert whole.headers["cache-control"] == "no-store"
    part = client.get("/api/evidence/c1.webm", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, stored[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(stored)}"


def test_evidence_is_served_under_its_own_type_only(client, shelf):
    shelf.put("e1", scene())
    shelf.put_clip("c1", scene())
    for path in ("e1.webm", "c1.jpg", "c1.exe", "gone.webm"):
        assert client.get(f"/api/evidence/{path}").status_code == 404


@pytest.mark.parametrize("name", ["gone", "..%2Fsecret", "%2e%2e/secret", "%00"])
def test_what_is_not_on_the_shelf_is_not_found(client, shelf, name):
    (shelf.folder.parent / "secret.jpg").write_bytes(b"secret")
    answer = client.get(f"/api/evidence/{name}.jpg")
    assert answer.status_code == 404
    assert answer.json()["remedy"]


def test_an_endless_evidence_name_is_refused(client):
    assert client.get(f"/api/evidence/{'a' * 9000}.jpg").status_code == 422


def test_evidence_swept_while_it_is_read_is_not_found(box, log, tmp_path):
    class Sweeping:
        def path(self, evidence_id):
            return tmp_path / f"swept{suffix}"

    client = Client(http_app(box, log, Sweeping(), metrics=Metrics()))
    for suffix in (".jpg", ".webm"):
        assert client.get(f"/api/evidence/e1{suffix}").status_code == 404


def test_an_outbox_that_fails_is_told_with_its_remedy(client, log):
    log.failing = "the disk is full"
    answer = client.get("/api/alerts")
    assert answer.status_code == 503
    assert answer.json() == {"error": "the disk is full", "remedy": "free some space"}


def test_a_defect_tells_nothing_of_the_inside(client, box):
    box.shapes = {}
    answer = client.get("/api/cameras/gate/overlay")
    assert answer.status_code == 500
    assert answer.json() == {"error": "internal error", "remedy": "see the log of the box"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_can_be_written(client, method, path):
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_head_is_get_without_the_body(client):
    got, head = (client.request(m, "/api/cameras/gate/picture.jpg") for m in ("GET", "HEAD"))
    assert head.content == b""
    assert head.headers == got.headers


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_safe_headers(client, path):
    headers = client.get(path, headers={"Origin": "http://elsewhere.example"}).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_an_unknown_page_is_told_as_json(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"] == "not found"


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8080", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost@evil.example", 400),
        ("[::1", 400),
        ("", 400),
    ],
)
def test_only_known_host_names_are_answered(box, log, shelf, host, code):
    names = ("localhost", "127.0.0.1", "::1")
    app = http_app(box, log, shelf, metrics=Metrics(), hosts=names)
    assert Client(app).get("/api/status", headers={"Host": host}).status_code == code


def test_the_openapi_document_tells_pictures_from_json(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    answers = paths["/api/cameras/{name}/picture.jpg"]["get"]["responses"]
    assert set(answers["200"]["content"]) == {"image/jpeg"}
    assert answers["503"]["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")


def test_the_openapi_document_names_every_endpoint_once_and_only_reading(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {method for path in paths.values() for method in path} == {"get"}
    assert set(paths) == {
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/status",
        "/api/cameras",
        "/api/cameras/{name}/overlay",
        "/api/cameras/{name}/boxes",
        "/api/cameras/{name}/picture.jpg",
        "/api/alerts",
        "/api/evidence/{evidence_id}.jpg",
        "/api/evidence/{evidence_id}.webm",
    }


def test_a_real_server_answers_head_and_keeps_its_connection(box, log, shelf):
    app = http_app(box, log, shelf, metrics=Metrics(), hosts=("127.0.0.1",))
    with serving(app) as address, httpx.Client(base_url=address) as client:
        head = client.head("/api/cameras/gate/picture.jpg")
        got = client.get("/api/cameras/gate/picture.jpg")
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) == len(got.content)
        assert client.get("/app.js").headers["content-type"].startswith("text/javascript")
