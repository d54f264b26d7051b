"""MQTT 5: each event is published at least once, and whether the box is there is retained."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import partial

from paho.mqtt.client import Client
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.errors import SinkError
from edge.rpc import event_pb2 as pb
from edge.serve.mirrors.broker import AT_LEAST_ONCE, Broker, Link, trouble
from edge.serve.mirrors.doubt import Doubt
from edge.serve.mirrors.payload import JSON, event_json, grade_of, kind_of
from edge.serve.mirrors.serially import saying, serially
from edge.types import Receipt

NOBODY = 0x10  # the broker has thrown it away, as nobody subscribes to it
REFUSED = {0x95: "larger than the broker takes", 0x99: "the broker finds its payload invalid"}
ROOM = 1024  # bytes of a packet besides the payload, at most
UTF_8 = 1


@dataclass(slots=True)
class MqttSink:
    """The PUBACK ends the box's duty; one thread sends, any thread may close it for good.

    After a failure the next call connects anew, and sends again what had no PUBACK; and what had
    one just before, as a broker acknowledges before it has stored (`Doubt`).
    """

    name: str
    broker: Broker
    topic: str  # of the box: events are published to TOPIC/events, its state to TOPIC/state
    _: KW_ONLY
    box_id: str
    timeout_s: float = 10.0
    wait_for_subscriber: bool = True
    _link: Link | None = field(default=None, init=False)
    _doubt: Doubt = field(default_factory=Doubt, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _closed: bool = field(default=False, init=False)

    def send(self, events: Sequence[pb.Event]) -> Receipt:
        """Publish them one by one; raises SinkError where the first is not taken."""
        with saying(self._worded):
            link = self._assured()
        return serially(events, partial(self._publish, link), self._worded)

    def tend(self) -> bool:
        """Be connected, so that the box's state is known."""
        with saying(self._worded):
            self._assured()
        return True

    def close(self) -> None:
        """Let go of the connection; a call that waits, or comes later, raises SinkError."""
        with self._lock:
            self._closed = True
        self._drop()

    def _assured(self) -> Link:
        """A connection over which all that is in doubt has been sent again."""
        link = self._connected()
        for event in self._doubt.again():
            self._publish(link, event)
        return link

    def _publish(self, link: Link, event: pb.Event) -> str:
        """Why the event is refused for good, or nothing."""
        refusal = self._judged(link, event)
        if refusal:
            self._doubt.refused(event)
        else:
            self._doubt.acked(event)
        return refusal

    def _judged(self, link: Link, event: pb.Event) -> str:
        topic, payload = f"{self.topic}/events", event_json(event)
        if link.largest and len(payload) > link.largest - ROOM:
            return REFUSED[0x95]
        try:
            code = link.publish(topic, payload, _properties(event))
        except SinkError:  # without the broker's word
            self._drop()
            raise
        if code.value in REFUSED:
            return REFUSED[code.value]
        if code.is_failure:
            raise trouble(code, f"an event on {topic}")
        if code.value == NOBODY and self.wait_for_subscriber:
            raise SinkError(
                f"nobody subscribes to {topic}, so the broker keeps no event",
                "subscribe with a session that lasts, or set wait_for_subscriber: false",
                wait_s=1.0,
            )
        return ""

    def _connected(self) -> Link:
        link = self._link
        if link and link.ended:
            self._drop()
        with self._lock:
            if self._closed:
                raise SinkError("closed")
            if self._link is not None:
                return self._link
            self._link = link = self._opening()
        try:
            link.open()
        except SinkError:
            self._drop()
            raise
        return link

    def _opening(self) -> Link:
        client = self.broker.client(f"fenceline-{self.box_id}-{self.name}")
        client.will_set(f"{self.topic}/state", self._state("offline"), AT_LEAST_ONCE, retain=True)
        return Link(self.broker, client, timeout_s=self.timeout_s, opened=self._say_online)

    def _say_online(self, client: Client) -> None:
        client.publish(f"{self.topic}/state", self._state("online"), AT_LEAST_ONCE, retain=True)

    def _state(self, state: str) -> bytes:
        return json.dumps({"state": state, "box_id": self.box_id}).encode()

    def _drop(self) -> None:
        with self._lock:
            link, self._link = self._link, None
        if link:
            if not self._closed:
                self._doubt.lost()
            link.close()

    def _worded(self, error: SinkError) -> SinkError:
        host, port = self.broker.address
        what = f"MQTT broker '{self.name}' at {host}:{port}: {error.what}"
        return SinkError(what, error.remedy, wait_s=error.wait_s)


def _properties(event: pb.Event) -> Properties:
    made = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    made.ContentType = JSON
    made.PayloadFormatIndicator = UTF_8
    made.UserProperty = [
        ("event_id", event.event_id),
        ("sequence", str(event.sequence)),
        ("kind", kind_of(event)),
        ("grade", grade_of(event)),
    ]
    return made
