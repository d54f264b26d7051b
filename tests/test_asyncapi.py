"""What the mirrors really send is what docs/asyncapi.yaml says."""

import json
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from edge.rpc import event_pb2 as pb
from edge.serve.mirrors.payload import event_json
from edge.serve.mqtt_inputs import KEYS, _request
from tests.events.make_events import eventually, message
from tests.events.make_mirrors import SUBJECT, TOPIC, FileCentre, HttpCentre, MqttCentre, NatsCentre

ROOT = Path(__file__).parents[1]
DOCUMENT = YAML(typ="safe").load(ROOT / "docs" / "asyncapi.yaml")
EVENT = {"$ref": "#/components/schemas/fenceline.v1.Event"}
PARAMETERS = {
    "prefix": "fenceline",
    "site": "quarry",
    "box": "box",
    "kind": "tripwire",
    "input": "gate",
}


def full_event():
    """An event in which every field is set."""
    event = message(box_id="box-1234abcd", sequence=2**40)
    fill(event)
    event.kind = pb.KIND_TRIPWIRE
    return event


def fill(told):
    for field in told.DESCRIPTOR.fields:
        if field.message_type is not None:
            part = getattr(told, field.name)
            fill(part.add() if field.is_repeated else part)
        elif field.enum_type is not None:
            setattr(told, field.name, field.enum_type.values[1].number)
        elif not getattr(told, field.name):
            setattr(told, field.name, "x" if field.cpp_type == field.CPPTYPE_STRING else 1)
        if told.DESCRIPTOR.full_name.startswith("google.protobuf."):
            return


def strict(schema):
    """The same, which allows nothing that is not written there; references resolved."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return strict(resolved(schema["$ref"]))
    if "allOf" in schema:
        (only,) = schema["allOf"]
        return strict(only)
    made = {key: strict(value) for key, value in schema.items()}
    return made | {"additionalProperties": False} if "properties" in made else made


def resolved(reference):
    found = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def channel(name):
    """Its message, and its address for the box of these tests."""
    told = DOCUMENT["channels"][name]
    (reference,) = told["messages"].values()
    address = told["address"] and told["address"].format(**PARAMETERS)
    return resolved(reference["$ref"]), address


def fits(value, schema):
    checker = jsonschema.FormatChecker()
    jsonschema.Draft202012Validator(strict(schema), format_checker=checker).validate(value)


def test_it_is_what_proto_says():
    told = subprocess.run(
        [sys.executable, "tools/asyncapi.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": ":".join(["", str(ROOT), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_reference_leads_somewhere():
    references = re.findall(r"\$ref: ['\"]([^'\"]+)", (ROOT / "docs/asyncapi.yaml").read_text())
    assert len(references) > 20
    assert all(resolved(one) for one in references)


def test_every_field_has_its_words():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema["description"], name
        assert all(one["description"] for one in schema["properties"].values()), name


def test_an_event_with_something_more_or_of_another_type_does_not_fit():
    good = json.loads(sent_as_a_line())
    fits(good, EVENT)
    for bad in ({"more": 1}, {"sequence": 7}, {"kind": "KIND_X"}, {"object": {"box": {"up": 1}}}):
        with pytest.raises(jsonschema.ValidationError):
            fits(deepcopy(good) | bad, EVENT)


def sent_as_a_line():
    return event_json(full_event())


def test_a_line_of_a_file_is_an_event(tmp_path):
    centre = FileCentre(tmp_path / "lines")
    sink = centre.sink()
    sink.send([full_event()])
    sink.close()
    fits(json.loads(centre.path.read_text()), EVENT)


def test_what_a_webhook_gets_is_what_it_says():
    centre = HttpCentre()
    sink = centre.sink()
    sink.send([full_event()])
    sink.close()
    centre.end()
    told, address = channel("webhook")
    (_, headers, body), *_ = centre.requests
    headers = {name.lower(): value for name, value in headers.items()}
    assert address is None
    assert headers["content-type"] == told["contentType"]
    fits(json.loads(body), told["payload"])
    wanted = told["headers"]["properties"]
    fits({name: value for name, value in headers.items() if name in wanted}, told["headers"])
    assert set(wanted) <= set(headers)


def test_what_mqtt_subscribers_get_is_what_it_says(tmp_path):
    centre = MqttCentre(tmp_path / "mosquitto")
    sink = centre.sink()
    sink.send([full_event()])
    eventually(lambda: len(centre.messages) == 2)
    sink.close()
    centre.end()
    by_topic = {one.topic: one for one in centre.messages}
    told, address = channel("mqttEvents")
    one = by_topic[address]
    assert address == f"{TOPIC}/events"
    assert one.properties.ContentType == told["contentType"]
    fits(json.loads(one.payload), told["payload"])
    fits(dict(one.properties.UserProperty), told["headers"])
    told, address = channel("mqttState")
    fits(json.loads(by_topic[address].payload), told["payload"])


def test_what_inputs_are_heard_of_is_what_it_says():
    told, address = channel("mqttInput")
    assert address == "fenceline/quarry/box/inputs/gate/set"
    assert told["payload"]["properties"].keys() == KEYS.keys()
    request = _request("gate", b'{"active": true, "ttl_s": 60}')
    assert (request.name, request.active, request.ttl_s, request.who) == ("gate", True, 60, "mqtt")


def test_what_a_nats_stream_gets_is_what_it_says(tmp_path):
    centre = NatsCentre(tmp_path / "nats")
    sink = centre.sink()
    sink.send([full_event()])
    (one,) = centre.messages
    sink.close()
    centre.end()
    told, address = channel("natsEvents")
    assert one.subject == address == f"{SUBJECT}.events.tripwire"
    fits(json.loads(one.data), told["payload"])
    fits(one.headers, told["headers"])
