"""From the `report` settings to sinks: every key arrives, and what is wrong is said."""

from dataclasses import fields

import jsonschema
import pytest

from edge import config_checks
from edge.config import read, schema
from edge.metrics import Metrics
from edge.serve.push import PushSink
from edge.sinks import relays_for
from tests.events.make_events import open_outbox
from tests.events.make_mirrors import SECRET

HEAD = """\
site: quarry-north
box: north-1
cameras:
  - {name: gate, url: "rtsp://192.0.2.1/s"}
report:
"""
ALL = """\
  - {type: grpc, target: "centre.example:443"}
  - {type: webhook, url: "https://hooks.example/alerts", secret: "${SECRET}",
     ca: f, cert: f, key: f, timeout_s: 5, grades: [red]}
  - {type: mqtt, url: "mqtts://broker.example", username: box, password: "${PW}",
     ca: f, cert: f, key: f, prefix: sites, timeout_s: 4, wait_for_subscriber: false, min_level: 2}
  - {type: nats, servers: ["tls://a.example:4222", "tls://b.example"], username: box,
     password: "${PW}", creds: f, ca: f, cert: f, key: f, prefix: sites, timeout_s: 3,
     cameras: [gate]}
  - {type: jsonl, path: out/events.jsonl, max_bytes: 100000, keep: 3, max_days: 2}
"""
ENVIRONMENT = {"SECRET": SECRET, "PW": "pa55"}


def checked(tmp_path, text, environment=ENVIRONMENT):
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "f").touch()
    (tmp_path / "site.yaml").write_text(HEAD + text)
    return read(tmp_path / "site.yaml", environment)


@pytest.fixture
def sinks(tmp_path):
    loaded, problems = checked(tmp_path, ALL)
    assert problems == []
    with open_outbox(tmp_path) as outbox:
        relays = relays_for(loaded, outbox, Metrics())
        yield {relay._sink.name: relay for relay in relays}, outbox.box_id, tmp_path


def told(relay):
    """What a sink was made with."""
    sink = relay._sink
    return {one.name: getattr(sink, one.name) for one in fields(sink) if one.name[0] != "_"}


def test_every_key_of_every_kind_reaches_its_sink(sinks):
    relays, box_id, folder = sinks
    file = folder / "f"
    tls = {"ca": file, "cert": file, "key": file}
    assert [*relays] == ["centre", "webhook", "mqtt", "nats", "jsonl"]
    assert isinstance(relays["centre"]._sink, PushSink)
    hook = told(relays["webhook"])
    assert hook.pop("clock")
    assert hook == {
        "name": "webhook",
        "url": "https://hooks.example/alerts",
        "secret": SECRET,
        "timeout_s": 5,
        **tls,
    }
    mqtt = told(relays["mqtt"])
    broker = mqtt.pop("broker")
    assert broker.address == ("broker.example", 8883)
    assert (broker.username, broker.password, broker.ca, broker.cert, broker.key) == (
        "box",
        "pa55",
        file,
        file,
        file,
    )
    assert mqtt == {
        "name": "mqtt",
        "topic": "sites/quarry-north/north-1",
        "box_id": box_id,
        "timeout_s": 4,
        "wait_for_subscriber": False,
    }
    assert told(relays["nats"]) == {
        "name": "nats",
        "servers": ["tls://a.example:4222", "tls://b.example"],
        "subject": "sites.quarry-north.north-1",
        "username": "box",
        "password": "pa55",
        "creds": file,
        "timeout_s": 3,
        **tls,
    }
    lines = told(relays["jsonl"])
    assert lines.pop("clock")
    assert lines == {
        "name": "jsonl",
        "path": folder / "out" / "events.jsonl",
        "max_bytes": 100_000,
        "keep": 3,
        "max_age_s": 2 * 86_400,
    }


def test_each_kind_has_its_route(sinks):
    relays, *_ = sinks
    assert relays["webhook"]._route.grades == ("red",)
    assert relays["mqtt"]._route.min_level == 2
    assert relays["nats"]._route.cameras == ("gate",)


WRONG = {
    "no kind": ("  - {url: 'https://h'}\n", "has no type; add `type: grpc`"),
    "unknown kind": ("  - {type: kafka}\n", "'webhook'"),
    "plain text elsewhere": (
        "  - {type: webhook, url: 'http://hooks.example/?key=k3y'}\n",
        "url is in plain text to another machine; use https://, or set insecure: true",
    ),
    "plain text to a broker": ("  - {type: mqtt, url: 'mqtt://b.example'}\n", "use mqtts://"),
    "plain text to a server": ("  - {type: nats, servers: ['nats://n.example']}\n", "use tls://"),
    "another scheme": ("  - {type: webhook, url: 'ftp://h'}\n", "begin with https://, http://"),
    "no host": ("  - {type: mqtt, url: 'mqtts:'}\n", "begin with mqtts://, mqtt://"),
    "bad port": ("  - {type: nats, servers: ['tls://h:99999']}\n", "begin with tls://, nats://"),
    "no secret": (
        "  - {type: webhook, url: 'https://h', secret: k3y}\n",
        "not a signing secret; make one with `echo",
    ),
    "short secret": (
        "  - {type: webhook, url: 'https://h', secret: whsec_QUFB}\n",
        "not a signing",
    ),
    "half a pair": ("  - {type: webhook, url: 'https://h', cert: f}\n", "cert and key go together"),
    "no user": ("  - {type: mqtt, url: 'mqtts://h', password: k3y}\n", "give the username too"),
    "login in url": ("  - {type: mqtt, url: 'mqtts://u:k3y@h'}\n", "as username and password"),
    "odd prefix": ("  - {type: mqtt, url: 'mqtts://h', prefix: 'a/#'}\n", "not one word"),
    "no file": ("  - {type: nats, servers: ['tls://h'], creds: none}\n", "no such file"),
    "no folder": ("  - {type: jsonl, path: nowhere/a.jsonl}\n", "no such folder; create it"),
    "one file twice": (
        "  - {type: jsonl, path: a.jsonl}\n  - {type: jsonl, name: b, path: ./a.jsonl}\n",
        "report[0] writes this file already; give another path",
    ),
    "one name twice": (
        "  - {type: webhook, url: 'https://a'}\n  - {type: webhook, url: 'https://b'}\n",
        "the name webhook is taken by report[0]; choose another",
    ),
    "misspelt": ("  - {type: jsonl, path: a.jsonl, max_dyas: 3}\n", "did you mean max_days?"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_remedy_and_without_secrets(tmp_path, case):
    text, reason = WRONG[case]
    loaded, problems = checked(tmp_path, text)
    assert loaded is None
    assert [one for one in problems if reason in str(one)], problems
    assert "k3y" not in str(problems[0])
    assert problems[0].line > 5


@pytest.mark.parametrize(
    "text",
    [
        "  - {type: webhook, url: 'http://127.0.0.1:8000/x'}\n",
        "  - {type: webhook, url: 'http://hooks.example', insecure: true}\n",
        "  - {type: mqtt, url: 'mqtt://localhost'}\n",
        "  - {type: nats, servers: ['nats://[::1]:4222']}\n",
    ],
)
def test_plain_text_stays_on_this_machine_or_is_wanted(tmp_path, text):
    assert checked(tmp_path, text)[1] == []


@pytest.mark.parametrize(("extra", "library"), [("mqtt", "paho"), ("nats", "nats")])
def test_a_missing_extra_is_said_with_the_command_that_installs_it(
    tmp_path, monkeypatch, extra, library
):
    monkeypatch.setitem(config_checks.EXTRAS, extra, f"{library}_that_is_not_there.x")
    loaded, problems = checked(tmp_path, ALL)
    assert loaded is None
    assert [(one.key, one.remedy) for one in problems] == [
        (f"report[{2 if extra == 'mqtt' else 3}].type", f"pip install 'fenceline[{extra}]'")
    ]
    assert f"{extra} needs the library {library}" in problems[0].reason


INPUTS = "  - {type: jsonl, path: a.jsonl}\nmqtt_inputs: {url: 'mqtts://b.example', ca: f}\n"


def test_inputs_over_mqtt_need_inputs_and_the_library(tmp_path, monkeypatch):
    with_inputs = INPUTS + "inputs: [gate-open]\n"
    assert checked(tmp_path, with_inputs)[1] == []
    assert "list them under inputs" in str(checked(tmp_path, INPUTS)[1])
    assert "no such file" in str(checked(tmp_path, with_inputs.replace("ca: f", "ca: n"))[1])
    monkeypatch.setitem(config_checks.EXTRAS, "mqtt", "not_there.at_all")
    assert "pip install 'fenceline[mqtt]'" in str(checked(tmp_path, with_inputs)[1])


def test_the_schema_for_editors_knows_every_kind():
    one = {"site": "s", "cameras": [{"name": "c", "url": "u"}]}
    for sink in (
        {"type": "webhook", "url": "https://h"},
        {"type": "mqtt", "url": "mqtts://h"},
        {"type": "nats", "servers": ["tls://h"]},
        {"type": "jsonl", "path": "a.jsonl"},
        {"type": "grpc", "target": "h:1"},
    ):
        jsonschema.validate(one | {"report": [sink]}, schema())
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(one | {"report": [sink | {"more": 1}]}, schema())
