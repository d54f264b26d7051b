"""External inputs over a real mosquitto."""

import json
import time

import pytest
from structlog.testing import capture_logs

from edge.errors import Refusal, RefusalError
from edge.inputs import Inputs
from edge.metrics import Metrics
from edge.serve import mqtt_inputs as module
from edge.serve.mirrors.broker import Broker
from edge.serve.mqtt_inputs import MqttInputs
from tests.events.make_events import eventually, sample
from tests.events.make_mirrors import TOPIC, subscriber


@pytest.fixture
def publisher(mqtt_server):
    made = subscriber(mqtt_server.port, lambda *_: None, topic="nothing", name="console")
    yield made
    made.disconnect()
    made.loop_stop()


@pytest.fixture
def inputs():
    return Inputs(["gate-open", "works"])


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def listening(mqtt_server, inputs, metrics, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.05)
    broker = Broker(f"mqtt://127.0.0.1:{mqtt_server.port}")
    thread = MqttInputs(broker, TOPIC, box_id="box-1", tell=inputs.set, metrics=metrics)
    thread.start()
    eventually(lambda: sample(metrics, "mqtt_inputs_connected") == 1)
    yield thread
    thread.stop()
    thread.join(5)
    assert not thread.is_alive()


def say(publisher, payload, *, name="gate-open", retain=False):
    """Publish, and wait until the broker has it."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    told = publisher.publish(f"{TOPIC}/inputs/{name}/set", body, qos=1, retain=retain)
    told.wait_for_publish(5)


def subscribed(publisher, inputs):
    """Until the box hears: the subscription follows the connection."""

    def heard():
        say(publisher, {"active": True, "ttl_s": 60}, name="works")
        time.sleep(0.01)
        return "works" in inputs.active()

    eventually(heard)


def test_an_input_is_active_as_it_is_said_and_until_it_is_said_otherwise(
    listening, publisher, inputs
):
    subscribed(publisher, inputs)
    say(publisher, {"active": True, "ttl_s": 60, "who": "door controller"})
    eventually(lambda: "gate-open" in inputs.active())
    assert 50 < inputs.active()["gate-open"] <= 60
    say(publisher, {"active": False})
    eventually(lambda: "gate-open" not in inputs.active())


def test_it_expires_by_itself(listening, publisher, inputs):
    subscribed(publisher, inputs)
    say(publisher, {"active": True, "ttl_s": 1})
    eventually(lambda: "gate-open" in inputs.active())
    eventually(lambda: "gate-open" in inputs.steps()[-1].expired)


def test_a_retained_message_is_ignored_before_and_after_the_start(
    mqtt_server, publisher, inputs, metrics
):
    say(publisher, {"active": True, "ttl_s": 3600}, retain=True)
    broker = Broker(f"mqtt://127.0.0.1:{mqtt_server.port}")
    thread = MqttInputs(broker, TOPIC, box_id="box-1", tell=inputs.set, metrics=metrics)
    thread.start()
    try:
        subscribed(publisher, inputs)
        assert "gate-open" not in inputs.active()
    finally:
        thread.stop()
        thread.join(5)


BAD = {
    "no JSON": b"on",
    "no object": b"[true]",
    "nothing of it": b"{}",
    "not a bool": b'{"active": 1, "ttl_s": 60}',
    "no number": b'{"active": true, "ttl_s": "60"}',
    "a bool for a number": b'{"active": true, "ttl_s": true}',
    "something more": b'{"active": true, "ttl_s": 60, "force": true}',
    "for ever": b'{"active": true}',
    "too long": b'{"active": true, "ttl_s": 1e9}',
    "endless": b'{"active": true, "ttl_s": NaN}',
    "too deep": b"[" * 4000,
    "too large": b'{"active": true, "who": "' + b"x" * 5000 + b'"}',
    "no text": b"\xff\xfe",
    "empty": b"",
}


def test_what_is_bad_is_logged_and_counted_and_the_next_is_heard(
    listening, publisher, inputs, metrics
):
    subscribed(publisher, inputs)
    with capture_logs() as said:
        for payload in BAD.values():
            say(publisher, payload)
        say(publisher, {"active": True, "ttl_s": 60}, name="no-such-input")
        eventually(lambda: sample(metrics, "mqtt_inputs_refused_total") == len(BAD) + 1)
    say(publisher, {"active": True, "ttl_s": 60})
    eventually(lambda: "gate-open" in inputs.active())
    reasons = [one["reason"] for one in said if one["event"] == "input refused"]
    assert len(reasons) == len(BAD) + 1
    assert all(reasons)
    assert "there is no input 'no-such-input'" in reasons[-1]


def test_it_comes_back_after_the_broker_was_killed(
    listening, mqtt_server, publisher, inputs, metrics
):
    subscribed(publisher, inputs)
    with capture_logs() as said:
        mqtt_server.kill()
        eventually(lambda: sample(metrics, "mqtt_inputs_connected") == 0)
        mqtt_server.start()
        eventually(lambda: sample(metrics, "mqtt_inputs_connected") == 1)
    eventually(publisher.is_connected)
    eventually(lambda: heard_again(publisher, inputs))
    assert [one for one in said if one["event"] == "no inputs over MQTT"]


def heard_again(publisher, inputs):
    say(publisher, {"active": True, "ttl_s": 60})
    time.sleep(0.01)
    return "gate-open" in inputs.active()


def test_a_refusal_of_the_box_is_no_end(mqtt_server, publisher, metrics):
    told = []

    def refuse(request):
        told.append(request.name)
        raise RefusalError("no", kind=Refusal.FULL, reason="FULL")

    broker = Broker(f"mqtt://127.0.0.1:{mqtt_server.port}")
    thread = MqttInputs(broker, TOPIC, box_id="box-1", tell=refuse, metrics=metrics)
    thread.start()
    try:
        eventually(lambda: say(publisher, {"active": False}) or len(told) > 2)
        assert sample(metrics, "mqtt_inputs_refused_total") >= 2
        assert thread.is_alive()
    finally:
        thread.stop()
        thread.join(5)
