"""Who may what over HTTP, by token; and the console, which logs in with one."""

import hashlib
import re

import pytest
from playwright.sync_api import expect

from edge.metrics import Metrics
from edge.serve.http import http_app
from edge.serve.tokens import Right, Token, digest_of
from tests.make_controls import Controls
from tests.serve.make_box import FakeBox, FakeLog, FakeShelf, alert, scene, with_evidence, with_more
from tests.serve.make_browser import chromium, visit
from tests.serve.make_client import Client, serving

READER, GUARD = "reader-" + "r" * 36, "guard-" + "g" * 36
TOKENS = (
    Token("wall", digest_of(READER), frozenset({Right.READ})),
    Token("gatehouse", digest_of(GUARD), frozenset({Right.READ, Right.CONTROL})),
    Token("switch", digest_of("switch-" + "s" * 36), frozenset({Right.CONTROL})),
)
READS = ["/api/status", "/api/alerts", "/api/cameras/gate/picture.jpg", "/metrics", "/readyz"]
READS += ["/api/openapi.json", "/api/evidence/e1.jpg", "/nothing"]
ACKNOWLEDGE = {"alert_id": "a", "who": "gatehouse"}


@pytest.fixture
def box():
    return FakeBox(scenes={"gate": scene(), "yard": scene(camera="yard", people=())})


@pytest.fixture
def app(box, tmp_path):
    shelf = FakeShelf(tmp_path)
    for name in ("e1", "b1", "z1"):
        shelf.put(name, scene())
    shelf.put_clip("c1", scene())
    log = FakeLog([with_more(with_evidence(alert(11)))])
    return http_app(box, log, shelf, metrics=Metrics(), controls=Controls(), tokens=TOKENS)


@pytest.fixture
def client(app):
    return Client(app)


def shown(token):
    return {"headers": {"Authorization": f"Bearer {token}"}}


def acknowledge(client, token=None):
    options = shown(token) if token else {}
    return client.request("POST", "/api/alerts/acknowledge", json=ACKNOWLEDGE, **options)


def test_a_digest_is_the_sha256_as_any_tool_makes_it():
    assert digest_of(READER) == hashlib.sha256(READER.encode()).digest()


@pytest.mark.parametrize("path", READS)
def test_without_a_token_nothing_is_read(client, path):
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="fenceline"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "error": "this needs a token",
        "remedy": "send Authorization: Bearer TOKEN, with a token of serve.http.tokens",
        "reason": "NO_TOKEN",
    }


@pytest.mark.parametrize("path", READS)
def test_with_a_token_that_may_read_it_is_as_ever(client, path):
    assert client.get(path, **shown(READER)).status_code != 401


@pytest.mark.parametrize("path", ["/healthz", "/", "/index.html", "/app.js", "/token.js"])
def test_liveness_and_the_empty_console_are_open(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic dXNlcjpwYXNz", READER, f"Token {READER}", f"Bearer{READER}"],
)
def test_what_is_no_bearer_token_is_none(client, header):
    answer = client.get("/api/status", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["reason"]) == (401, "NO_TOKEN")


@pytest.mark.parametrize(
    "token", ["x", READER[:-1], READER + "r", READER.upper(), digest_of(READER).hex(), "ä"]
)
def test_a_wrong_token_is_not_repeated_in_the_answer(client, token):
    header = {"Authorization": f"Bearer {token}".encode()}
    answer = client.get("/api/status", headers=header)
    assert (answer.status_code, answer.json()["reason"]) == (401, "BAD_TOKEN")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert token == "x" or token not in answer.text


def test_the_scheme_is_written_as_one_likes(client):
    answer = client.get("/api/status", headers={"Authorization": f"bearer {READER}"})
    assert answer.status_code == 200


def test_who_may_only_read_controls_nothing(client):
    answer = acknowledge(client, READER)
    assert (answer.status_code, answer.json()["reason"]) == (403, "NO_SCOPE")
    assert answer.json()["error"] == (
        "the token 'wall' may not do this: it lacks the scope 'control'"
    )
    assert 'scope="control"' in answer.headers["WWW-Authenticate"]


def test_who_may_only_control_reads_nothing(client):
    answer = client.get("/api/status", **shown("switch-" + "s" * 36))
    assert (answer.status_code, answer.json()["reason"]) == (403, "NO_SCOPE")


@pytest.mark.parametrize("token", [GUARD, "switch-" + "s" * 36])
def test_who_may_control_does(client, token):
    assert acknowledge(client, token).status_code not in {401, 403}


def test_control_without_a_token_is_refused_before_anything_is_looked_at(client):
    answer = client.request("POST", "/api/arming", content=b"x" * 100_000)
    assert (answer.status_code, answer.json()["reason"]) == (401, "NO_TOKEN")


def test_a_page_of_another_site_can_not_use_a_token_it_was_told(client):
    headers = shown(GUARD)["headers"] | {"Origin": "https://elsewhere.example"}
    answer = client.request("POST", "/api/alerts/acknowledge", json=ACKNOWLEDGE, headers=headers)
    assert answer.status_code == 403


def test_without_tokens_it_is_as_it_was(box, tmp_path):
    app = http_app(box, FakeLog(), FakeShelf(tmp_path), metrics=Metrics())
    assert Client(app).get("/api/status").status_code == 200


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def address(app):
    with serving(app) as address:
        yield address


def test_the_console_asks_for_a_token_and_shows_everything_with_it(browser, address):
    with visit(browser, address, forgive=True) as looking:
        page = looking.page
        expect(page.locator("#login")).to_be_visible()
        expect(page.locator("#readiness")).to_have_text("Locked")
        assert not looking.page.locator(".card").count()
        page.locator("#login input").fill("not the token")
        page.locator("#login button").click()
        expect(page.locator("#login-failed")).to_have_text("The box does not know this token.")
        page.locator("#login input").fill(READER)
        page.locator("#login button").click()
        expect(page.locator("#login")).to_be_hidden()
        expect(page.locator("#readiness")).to_have_text("Ready")
        picture = page.locator(".card[data-camera=gate] .stage img")
        expect(picture).to_have_attribute("src", re.compile("^blob:"))
        expect(page.locator(".alert .thumb img")).to_have_attribute("src", re.compile("^blob:"))
        page.locator(".alert .thumb").click()
        image = page.locator("#viewer .evidence img")
        expect(image).to_have_attribute("src", re.compile("^blob:"))
        assert image.evaluate("async (i) => { await i.decode(); return i.naturalWidth; }") > 0
        video = page.locator("#viewer video")
        expect(video).to_have_attribute("src", re.compile("^blob:"))
        video.evaluate("async (v) => { await v.play(); }")
        assert not page.context.cookies()
        assert page.evaluate("localStorage.length") == 0
        page.reload()
        expect(page.locator("#readiness")).to_have_text("Ready")  # it is kept for the tab
        assert not [one for one in looking.requests if READER in one]
        assert not [said for said in looking.complaints if "401" not in said]


def test_a_token_that_may_only_read_is_told_so_in_the_console(browser, address):
    with visit(browser, address, forgive=True) as looking:
        page = looking.page
        page.locator("#login input").fill(READER)
        page.locator("#login button").click()
        page.locator(".alert .thumb").click()
        page.locator("#acknowledge [name=who]").fill("Kim")
        page.locator("#acknowledge button").click()
        expect(page.locator("#acknowledge-failed")).to_contain_text("it lacks the scope 'control'")
