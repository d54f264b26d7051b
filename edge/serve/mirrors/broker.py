"""An MQTT 5 broker: how it is reached, and one connection to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import SinkError
from edge.serve.mirrors import tls

PORTS = {"mqtt": 1883, "mqtts": 8883}
KEEPALIVE_S = 30
SLOW_S = 30.0  # between attempts where somebody must see to the configuration
FAREWELL_S = 0.5
AT_LEAST_ONCE = 1
CONFIGURATION = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x90})  # version, name, login, topic
REMEDY = "check the address, the certificates and the network"


@dataclass(frozen=True, slots=True)
class Broker:
    """Without `ca` the system's roots are trusted."""

    url: str
    username: str | None = None
    password: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or PORTS[parts.scheme]

    def client(self, client_id: str) -> Client:
        """Not connected yet; it never connects again by itself."""
        made = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        if urlsplit(self.url).scheme == "mqtts":
            made.tls_set_context(tls.context(self.ca, self.cert, self.key))
        if self.username is not None:
            made.username_pw_set(self.username, self.password)
        return made


def trouble(code: ReasonCode, doing: str) -> SinkError:
    """What a broker's reason code means for people."""
    what = f"the broker answers '{code.getName()}' to {doing}"
    if code.value in CONFIGURATION:
        return SinkError(what, "correct the login or the broker's rules", wait_s=SLOW_S)
    return SinkError(what, "look at the broker; it is tried again")


class Link:
    """One connection, from its opening to its end; `close` may be called by any thread."""

    def __init__(
        self,
        broker: Broker,
        client: Client,
        *,
        timeout_s: float,
        opened: Callable[[Client], None] = lambda _: None,
    ) -> None:
        """`opened` is called once the broker has let the client in."""
        self.largest = 0  # bytes of a packet; 0: whatever the client can send
        self._broker, self._client, self._opened = broker, client, opened
        self._timeout_s = timeout_s
        self._told = SimpleQueue[tuple[int, ReasonCode] | SinkError]()  # mid 0: connected
        self._ended = threading.Event()
        self._closing = False
        self._refused: ReasonCode | None = None
        self._why: SinkError | None = None  # it has ended
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_publish = self._on_publish
        client.connect_timeout = timeout_s

    def open(self) -> None:
        """Connect; raises SinkError where the broker does not want it, or in time."""
        threading.Thread(target=self._connect, name="mqtt-connect", daemon=True).start()
        self._await(0)

    @property
    def ended(self) -> bool:
        """Whether it is of no use any more."""
        return self._ended.is_set()

    def wait(self) -> None:
        """Until it has ended; raises SinkError that says why."""
        self._ended.wait()
        if self._why is not None:
            raise self._why

    def publish(self, topic: str, payload: bytes, properties: Properties) -> ReasonCode:
        """Publish at least once and wait for the broker's word; raises SinkError without any."""
        if self._why is not None:
            raise self._why
        told = self._client.publish(topic, payload, qos=AT_LEAST_ONCE, properties=properties)
        return self._await(_sent(told))

    def close(self) -> None:
        """Say goodbye so that the broker publishes the will: nobody is there any more."""
        self._closing = True
        if not self.ended:
            self._told.put(SinkError("closed"))
            will = ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")
            self._client.disconnect(will)
            self._ended.wait(FAREWELL_S)

    def _connect(self) -> None:
        """On a thread of its own: a name server or a silent host keeps it waiting."""
        try:
            self._client.connect(*self._broker.address, keepalive=KEEPALIVE_S, clean_start=True)
        except (OSError, ValueError) as error:
            self._end(SinkError(getattr(error, "strerror", None) or str(error), REMEDY))
            return
        self._client.loop_start()

    def _await(self, mid: int) -> ReasonCode:
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                told = self._told.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise SinkError("no answer in time", REMEDY) from None
            if isinstance(told, SinkError):
                raise told
            if told[0] == mid:
                return told[1]

    def _end(self, why: SinkError) -> None:
        self._why = self._why or why
        self._ended.set()
        self._told.put(why)

    def _on_connect(
        self,
        client: Client,
        _data: Any,
        _flags: ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if code.is_failure:
            self._end(trouble(code, "connecting"))
            return
        if self._closing:  # while it was being opened
            client.disconnect()
            return
        self.largest = getattr(properties, "MaximumPacketSize", 0)
        self._opened(client)
        self._told.put((0, code))

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,
        flags: DisconnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if self._refused:  # mosquitto 2.0 hangs up on whoever it has refused something
            self._end(trouble(self._refused, "what the box has published last"))
        elif flags.is_disconnect_packet_from_server:
            self._end(trouble(code, "this box"))
        else:
            self._end(SinkError("the connection has ended", REMEDY))

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, code: ReasonCode, _properties: Properties
    ) -> None:
        self._refused = code if code.is_failure else None
        self._told.put((mid, code))


def _sent(told: MQTTMessageInfo) -> int:
    if told.rc not in {MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN}:
        raise SinkError(f"it can't be sent: {told.rc.name}", "look at the broker")
    return told.mid
