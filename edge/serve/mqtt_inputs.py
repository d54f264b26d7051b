"""External inputs over MQTT: what is published to TOPIC/inputs/NAME/set is told to the box."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.errors import FencelineError, SinkError
from edge.metrics import Metrics
from edge.orders import InputRequest
from edge.serve.mirrors.broker import AT_LEAST_ONCE, Broker, Link

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
JITTER = 0.2
TIMEOUT_S = 10.0
MOST_BYTES = 4096  # of a message
KEYS: dict[str, tuple[type, ...]] = {
    "active": (bool,),
    "ttl_s": (int, float),
    "who": (str,),
    "request_id": (str,),
}


class MqttInputs(threading.Thread):
    """Listens while the box runs, and connects again by itself.

    Retained messages are ignored: an input is active because somebody says so now. What is bad
    or refused is logged and counted.
    """

    def __init__(
        self,
        broker: Broker,
        topic: str,
        *,
        box_id: str,
        tell: Callable[[InputRequest], object],
        metrics: Metrics,
    ) -> None:
        super().__init__(name="mqtt-inputs", daemon=True)
        self._broker, self._topic, self._box_id = broker, f"{topic}/inputs/+/set", box_id
        self._tell, self._metrics = tell, metrics
        self._log = structlog.get_logger()
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._link: Link | None = None
        self._pause_s, self._reason = FIRST_PAUSE_S, ""

    def run(self) -> None:
        """Listen until stopped."""
        while not self._stopping.is_set():
            try:
                self._listen()
            except SinkError as error:
                self._fail(error)

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stopping.set()
        with self._lock:
            link = self._link
        if link:
            link.close()

    def _listen(self) -> None:
        client = self._broker.client(f"fenceline-{self._box_id}.inputs")  # no sink's name has a dot
        client.on_message = self._on_message
        link = Link(self._broker, client, timeout_s=TIMEOUT_S, opened=self._subscribe)
        with self._lock:
            self._link = link
        if self._stopping.is_set():
            return
        try:
            link.open()
            self._metrics.inputs_connected.set(1)
            self._log.info("listening for inputs", topic=self._topic)
            self._pause_s, self._reason = FIRST_PAUSE_S, ""
            link.wait()
        finally:
            self._metrics.inputs_connected.set(0)
            link.close()

    def _subscribe(self, client: Client) -> None:
        wanted = SubscribeOptions(
            qos=AT_LEAST_ONCE, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND
        )
        client.subscribe(self._topic, options=wanted)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.retain:
            return
        try:
            self._tell(_request(message.topic.split("/")[-2], message.payload))
        except (ValueError, FencelineError) as error:
            self._metrics.inputs_refused.inc()
            self._log.warning("input refused", topic=message.topic, reason=str(error))

    def _fail(self, error: SinkError) -> None:
        if self._stopping.is_set():
            return
        if str(error) != self._reason:
            host, port = self._broker.address
            self._log.warning("no inputs over MQTT", host=host, port=port, reason=str(error))
        self._reason = str(error)
        jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        self._stopping.wait(max(self._pause_s, error.wait_s) * jitter)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)


def _request(name: str, payload: bytes | bytearray) -> InputRequest:
    """What is told of an input; ValueError where that makes no sense."""
    if len(payload) > MOST_BYTES:
        raise ValueError(f"it has {len(payload)} bytes; {MOST_BYTES} are the most")
    told: Any = None
    with suppress(ValueError, RecursionError):
        told = json.loads(payload)
    if not isinstance(told, dict) or "active" not in told:
        raise ValueError('it is not of the form {"active": true, "ttl_s": 60}')
    for key, value in told.items():
        wanted = KEYS.get(key)
        if wanted is None:
            raise ValueError(f"it has something unknown; use {', '.join(KEYS)} only")
        if not isinstance(value, wanted) or (key == "ttl_s" and isinstance(value, bool)):
            raise ValueError(f"`{key}` is of the wrong type")
    return InputRequest(**{"name": name, "who": "mqtt", **told})
