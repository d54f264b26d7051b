"""Far ends of the mirrors, each the real thing: HTTP server, file, mosquitto, nats-server."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import nats
from google.protobuf.json_format import Parse, ParseDict
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.rpc import event_pb2 as pb
from edge.serve.mirrors.broker import Broker
from edge.serve.mirrors.jsonl import JsonLinesSink
from edge.serve.mirrors.mqtt import MqttSink
from edge.serve.mirrors.nats import NatsSink
from edge.serve.mirrors.webhook import WebhookSink
from tests.brokers import mosquitto, nats_server
from tests.events.make_events import eventually
from tests.events.make_sinks import UNWANTED, Centre

SECRET = "whsec_" + "QUFB" * 8
TOPIC = "fenceline/quarry/box"
SUBJECT = "fenceline.quarry.box"
LARGE = "x" * 30_000  # the note of an event that brokers find too large


class FileCentre(Centre):
    """Whoever reads the files; away while their folder is."""

    def __init__(self, folder, **options):
        super().__init__()
        self.folder, self.options = folder, options
        self.path = folder / "events.jsonl"
        folder.mkdir()

    def sink(self, **options):
        return JsonLinesSink("lines", self.path, **self.options, **options)

    def down(self):
        self.folder.rename(self.folder.with_name("elsewhere"))

    def up(self):
        self.folder.with_name("elsewhere").rename(self.folder)

    @property
    def arrived(self):
        found = sorted(self.folder.glob("events.jsonl*"), key=_age) if self.folder.exists() else []
        lines = [line for path in found for line in path.read_text().split("\n")[:-1]]
        return [Parse(line, pb.Event()) for line in lines]

    @arrived.setter
    def arrived(self, _nothing):
        """What has arrived is in the files."""


def _age(path):
    """The oldest first; the file that is written to has no number."""
    return -int(path.suffix[1:]) if path.suffix[1:].isdecimal() else 0


class HttpCentre(Centre):
    """Takes CloudEvents; remembers the requests."""

    def __init__(self, answer=None):
        super().__init__(why=f"422 Unprocessable Entity: {UNWANTED}")
        self.answer = answer or (lambda event: (422 if event.note == UNWANTED else 204, {}))
        self.port, self.requests, self.connections = 0, [], set()
        self._ended = threading.Event()
        self.up()

    def sink(self, **options):
        options = {"secret": SECRET, "timeout_s": 5} | options
        return WebhookSink("hook", f"http://127.0.0.1:{self.port}/alerts?k=v", **options)

    def up(self):
        centre = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                centre.connections.add(self.connection)

            def log_message(self, *_):
                """Nothing is said."""

            def do_POST(self):
                centre.take(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # they are reset on purpose
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def down(self):
        self._server.shutdown()
        self._server.server_close()
        for one in list(self.connections):  # as when a process dies
            with_reset(one)
        self.connections.clear()

    def end(self):
        self._ended.set()
        self.down()

    def take(self, request):
        body = request.rfile.read(int(request.headers["content-length"]))
        self.requests.append((request.path, dict(request.headers.items()), body))
        event = ParseDict(json.loads(body)["data"], pb.Event())
        self.heard += 1
        if self.silent:
            self._ended.wait(30)
        status, headers = self.answer(event)
        if status < 300:
            self.arrived.append(event)
        said = event.note.encode() if status == 422 else b""
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(said)))
        request.end_headers()
        request.wfile.write(said)


def with_reset(connection):
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.shutdown(socket.SHUT_RDWR)


class BrokerCentre(Centre):
    """What both brokers have in common: a process that is killed, paused, started again."""

    def __init__(self, server, why):
        super().__init__(unwanted=LARGE, why=why)
        self.server = server

    def down(self):
        self.server.kill()

    def up(self):
        self.server.start()

    def end(self):
        self.server.kill()

    @property
    def silent(self):
        return self._silent

    @silent.setter
    def silent(self, silent):
        self._silent = silent
        if silent:
            self.server.pause()

    @property
    def heard(self):
        return self.server.heard

    @heard.setter
    def heard(self, _nothing):
        """What it has heard is the kernel's affair."""


class MqttCentre(BrokerCentre):
    """A mosquitto with a subscriber whose session lasts."""

    def __init__(self, folder, more="allow_anonymous true", **login):
        super().__init__(mosquitto(folder, more), "larger than the broker takes")
        self.messages, self.login = [], login
        self.subscriber = subscriber(self.server.port, self._on_message, **login)

    def sink(self, **options):
        url = f"mqtt://127.0.0.1:{self.server.port}"
        options = {"box_id": "box-1", "timeout_s": 5} | options
        return MqttSink("broker", Broker(url, **self.login), TOPIC, **options)

    def end(self):
        self.subscriber.disconnect()
        self.subscriber.loop_stop()
        super().end()

    def _on_message(self, _client, _data, told):
        self.messages.append(told)
        if told.topic == f"{TOPIC}/events":
            self.arrived.append(Parse(told.payload, pb.Event()))


def subscriber(port, heed, *, topic="fenceline/#", name="centre", **login):
    """Subscribed when it returns; it connects again by itself, to the same session."""
    made = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
    ready = threading.Event()
    made.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
    made.on_subscribe = lambda *_: ready.set()
    made.on_message = heed
    made.reconnect_delay_set(1, 1)
    if login:
        made.username_pw_set(**login)
    lasts = Properties(PacketTypes.CONNECT)
    lasts.SessionExpiryInterval = 3600
    made.connect("127.0.0.1", port, clean_start=False, properties=lasts)
    made.loop_start()
    assert ready.wait(10)
    return made


class NatsCentre(BrokerCentre):
    """A nats-server with a stream on its disk."""

    STREAM = "FENCELINE"

    def __init__(self, folder, more="", *, stream=True):
        super().__init__(nats_server(folder, more), "larger than the stream takes")
        self._kept = []
        if stream:
            self.create()

    def create(self):
        asyncio.run(self._create())

    def sink(self, **options):
        options = {"timeout_s": 5} | options
        return NatsSink("stream", [f"nats://127.0.0.1:{self.server.port}"], SUBJECT, **options)

    @property
    def arrived(self):
        """What was read of the stream so far, and the rest while the server is there."""
        with suppress(OSError, NatsError, TimeoutError):
            asyncio.run(self._read())
        return [Parse(one.data, pb.Event()) for one in self._kept]

    @arrived.setter
    def arrived(self, _nothing):
        """What has arrived is in the stream."""

    @property
    def messages(self):
        """The stream's messages as they are, with subject and headers."""
        assert self.arrived
        return self._kept

    async def _create(self):
        async with await self._client() as client:
            await client.jetstream().add_stream(
                name=self.STREAM, subjects=["fenceline.>"], max_msg_size=20_000
            )

    async def _read(self):
        async with await self._client() as client:
            stream = client.jetstream()
            while True:
                try:
                    one = await stream.get_msg(self.STREAM, seq=len(self._kept) + 1)
                except NotFoundError:
                    return
                self._kept.append(one)

    async def _client(self):
        return await nats.connect(
            f"nats://127.0.0.1:{self.server.port}",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            connect_timeout=2,
            reconnect_time_wait=0.05,
            error_cb=_quiet,
        )


async def _quiet(_error):
    """That it is away is what is tested."""


def wait_for(found, count):
    eventually(lambda: len(found) >= count)
    return found
