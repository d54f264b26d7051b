"""MQTT 5 against a real mosquitto: what is published, what its answers mean, who is there."""

import gc
import json
import socket

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import SinkError
from edge.rpc import event_pb2 as pb
from edge.serve.mirrors.broker import SLOW_S, Broker, Link
from edge.serve.mirrors.mqtt import MqttSink
from edge.types import Receipt
from tests.brokers import mosquitto
from tests.events.make_events import eventually, sequences
from tests.events.make_mirrors import TOPIC, MqttCentre, subscriber
from tests.events.sink_contract import batch


@pytest.fixture
def sink(broker):
    made = broker.sink()
    yield made
    made.close()


def states(centre):
    """What the box's state was said to be."""
    told = [one for one in centre.messages if one.topic == f"{TOPIC}/state"]
    return [json.loads(one.payload) for one in told]


def test_an_event_comes_with_its_properties(broker, sink):
    (event,) = batch(7, 7)
    event.kind, event.grade = pb.KIND_TRIPWIRE, pb.GRADE_RED
    sink.send([event])
    eventually(lambda: broker.arrived)
    (told,) = [one for one in broker.messages if one.topic == f"{TOPIC}/events"]
    assert (told.qos, told.retain) == (1, False)
    assert told.properties.ContentType == "application/json"
    assert told.properties.PayloadFormatIndicator == 1
    assert dict(told.properties.UserProperty) == {
        "event_id": event.event_id,
        "sequence": "7",
        "kind": "tripwire",
        "grade": "red",
    }
    assert broker.arrived == [event]


def test_the_boxs_state_is_retained_from_before_its_first_event_on(broker, sink):
    assert sink.tend() is True
    eventually(lambda: states(broker))
    assert states(broker) == [{"state": "online", "box_id": "box-1"}]
    late = []
    other = subscriber(broker.server.port, lambda *told: late.append(told[2]), name="late")
    eventually(lambda: late)
    other.disconnect()
    other.loop_stop()
    assert [(one.retain, json.loads(one.payload)["state"]) for one in late] == [(True, "online")]


def test_a_box_that_is_stopped_says_that_it_is_gone(broker, sink):
    sink.tend()
    eventually(lambda: states(broker))
    sink.close()
    eventually(lambda: len(states(broker)) == 2)
    assert [one["state"] for one in states(broker)] == ["online", "offline"]


def test_a_box_that_dies_is_said_to_be_gone(broker, sink):
    sink.tend()
    eventually(lambda: states(broker))
    sink._link._client.socket().shutdown(socket.SHUT_RDWR)
    eventually(lambda: len(states(broker)) == 2)
    assert states(broker)[1] == {"state": "offline", "box_id": "box-1"}


def test_it_comes_back_by_itself_while_there_is_nothing_to_send(broker, sink):
    sink.tend()
    broker.down()
    eventually(lambda: sink._link.ended)
    with pytest.raises(SinkError, match=r"MQTT broker 'broker' at 127.0.0.1:"):
        sink.tend()
    broker.up()
    assert sink.tend() is True


def test_an_event_that_nobody_subscribes_to_waits_until_somebody_does(tmp_path):
    server = mosquitto(tmp_path / "mosquitto")
    sink = MqttSink("broker", Broker(f"mqtt://127.0.0.1:{server.port}"), TOPIC, box_id="box-1")
    found, centre = [], None
    try:
        with pytest.raises(SinkError, match=r"nobody subscribes.*wait_for_subscriber: false"):
            sink.send(batch(1, 2))
        centre = subscriber(
            server.port, lambda *told: found.append(told[2]), topic=f"{TOPIC}/events"
        )
        assert sink.send(batch(1, 2)) == Receipt(2)
        eventually(lambda: len(found) == 2)
    finally:
        sink.close()
        if centre:
            centre.disconnect()
            centre.loop_stop()
        server.kill()


def test_or_it_does_not_wait_where_that_is_wanted(tmp_path):
    server = mosquitto(tmp_path / "mosquitto")
    broker = Broker(f"mqtt://127.0.0.1:{server.port}")
    sink = MqttSink("broker", broker, TOPIC, box_id="box-1", wait_for_subscriber=False)
    try:
        assert sink.send(batch(1, 2)) == Receipt(2)
    finally:
        sink.close()
        server.kill()


def test_what_the_broker_finds_invalid_is_refused_for_good(broker, sink, monkeypatch):
    real = Link.publish

    def publish(self, topic, payload, properties):
        if b'"a2"' in payload:
            return ReasonCode(PacketTypes.PUBACK, "Payload format invalid")
        return real(self, topic, payload, properties)

    monkeypatch.setattr(Link, "publish", publish)
    receipt = sink.send(batch(1, 3))
    assert (receipt.acked, [*receipt.rejected]) == (3, [2])
    eventually(lambda: sequences(broker.stored) == [1, 3])


@pytest.fixture
def guarded(tmp_path):
    """A broker that nobody has a login for."""
    (tmp_path / "passwords").write_text("")
    made = mosquitto(
        tmp_path / "mosquitto", f"allow_anonymous false\npassword_file {tmp_path}/passwords"
    )
    yield made
    made.kill()


def test_a_wrong_login_is_said_and_tried_again_slowly(guarded):
    broker = Broker(f"mqtt://127.0.0.1:{guarded.port}", username="box", password="wr0ng")
    sink = MqttSink("broker", broker, TOPIC, box_id="box-1")
    with pytest.raises(SinkError, match=r"Not authorized|Bad user name") as raised:
        sink.send(batch(1, 1))
    sink.close()
    assert raised.value.wait_s == SLOW_S
    assert "wr0ng" not in str(raised.value)


@pytest.mark.parametrize("also", ["", f"topic write {TOPIC}/state\n"])
def test_a_topic_that_the_box_may_not_publish_to_is_said_and_nothing_is_lost(tmp_path, also):
    (tmp_path / "acl").write_text(f"topic read #\n{also}")
    centre = MqttCentre(tmp_path / "m", f"allow_anonymous true\nacl_file {tmp_path}/acl")
    sink = centre.sink()
    try:
        with pytest.raises(SinkError, match=r"'Not authorized' to .*broker's rules") as it:
            sink.send(batch(1, 2))
        assert it.value.wait_s == SLOW_S
        assert centre.arrived == []
    finally:
        sink.close()
        centre.end()


# --- TLS


@pytest.fixture
def secure(tmp_path, tls):
    cert, key = tls.pair("broker")
    more = f"allow_anonymous true\ncafile {tls.ca}\ncertfile {cert}\nkeyfile {key}"
    made = mosquitto(tmp_path / "mosquitto", f"{more}\nrequire_certificate true")
    yield made
    made.kill()


def test_over_tls_both_are_checked(secure, tls):
    cert, key = tls.pair("box")
    broker = Broker(f"mqtts://127.0.0.1:{secure.port}", ca=tls.ca, cert=cert, key=key)
    sink = MqttSink("broker", broker, TOPIC, box_id="box-1", wait_for_subscriber=False)
    assert sink.send(batch(1, 2)) == Receipt(2)
    sink.close()


# The library leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_of_another_authority_gets_nothing(secure, tls, stranger):
    cert, key = tls.pair("box")
    broker = Broker(f"mqtts://127.0.0.1:{secure.port}", ca=stranger.ca, cert=cert, key=key)
    sink = MqttSink("broker", broker, TOPIC, box_id="box-1", wait_for_subscriber=False)
    with pytest.raises(SinkError, match="certificate verify failed"):
        sink.send(batch(1, 1))
    sink.close()
    gc.collect()


def test_addresses_have_the_ports_of_the_standard():
    assert Broker("mqtt://broker.example").address == ("broker.example", 1883)
    assert Broker("mqtts://[2001:db8::1]").address == ("2001:db8::1", 8883)
