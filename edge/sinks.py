"""Where events are pushed: one relay per configured sink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.config import Loaded
from edge.events import Sink
from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.events.route import Route
from edge.metrics import Metrics
from edge.serve.mirrors.jsonl import JsonLinesSink
from edge.serve.mirrors.webhook import WebhookSink
from edge.serve.push import PushSink
from edge.settings import Config
from edge.settings_life import Routed
from edge.settings_report import (
    GrpcSinkSettings,
    JsonLinesSettings,
    MqttBroker,
    MqttSettings,
    NatsSettings,
    WebhookSettings,
)
from edge.settings_report import Sink as SinkSettings

if TYPE_CHECKING:  # its library is an extra
    from edge.serve.mirrors.broker import Broker


def relays_for(loaded: Loaded, outbox: Outbox, metrics: Metrics) -> list[Relay]:
    """Not started yet."""
    make = _Make(loaded, outbox.box_id)
    return [
        Relay(outbox, make.sink(sink), route=_route(sink), metrics=metrics)
        for sink in loaded.settings.report
    ]


@dataclass(frozen=True, slots=True)
class _Make:
    """Settings to sinks, of one box."""

    loaded: Loaded
    box_id: str

    def sink(self, wanted: SinkSettings) -> Sink:  # noqa: PLR0911 - one each
        """The libraries of MQTT and NATS are extras, so they are loaded where they are wanted."""
        match wanted:
            case GrpcSinkSettings():
                return self._push(wanted)
            case WebhookSettings():
                return self._webhook(wanted)
            case MqttSettings():
                return self._mqtt(wanted)
            case NatsSettings():
                return self._nats(wanted)
            case JsonLinesSettings():
                return self._jsonl(wanted)

    def _push(self, wanted: GrpcSinkSettings) -> Sink:
        file = self.loaded.file
        return PushSink(
            wanted.name,
            wanted.target,
            ca=file(wanted.ca),
            cert=file(wanted.cert),
            key=file(wanted.key),
            insecure=wanted.insecure,
        )

    def _webhook(self, wanted: WebhookSettings) -> Sink:
        file = self.loaded.file
        return WebhookSink(
            wanted.name,
            wanted.url.get_secret_value(),
            secret=wanted.secret.get_secret_value() if wanted.secret else None,
            ca=file(wanted.ca),
            cert=file(wanted.cert),
            key=file(wanted.key),
            timeout_s=wanted.timeout_s,
        )

    def _mqtt(self, wanted: MqttSettings) -> Sink:
        from edge.serve.mirrors.mqtt import MqttSink  # noqa: PLC0415 - an extra

        return MqttSink(
            wanted.name,
            broker_for(wanted, self.loaded),
            topic_of(self.loaded.settings, wanted.prefix),
            box_id=self.box_id,
            timeout_s=wanted.timeout_s,
            wait_for_subscriber=wanted.wait_for_subscriber,
        )

    def _nats(self, wanted: NatsSettings) -> Sink:
        from edge.serve.mirrors.nats import NatsSink  # noqa: PLC0415 - an extra

        file = self.loaded.file
        return NatsSink(
            wanted.name,
            [server.get_secret_value() for server in wanted.servers],
            topic_of(self.loaded.settings, wanted.prefix).replace("/", "."),
            username=wanted.username,
            password=wanted.password.get_secret_value() if wanted.password else None,
            creds=file(wanted.creds),
            ca=file(wanted.ca),
            cert=file(wanted.cert),
            key=file(wanted.key),
            timeout_s=wanted.timeout_s,
        )

    def _jsonl(self, wanted: JsonLinesSettings) -> Sink:
        return JsonLinesSink(
            wanted.name,
            self.loaded.resolve(wanted.path),
            max_bytes=wanted.max_bytes,
            keep=wanted.keep,
            max_age_s=wanted.max_days * 86_400,
        )


def topic_of(settings: Config, prefix: str) -> str:
    """Where all that a box publishes begins; names have no characters that brokers treat."""
    return f"{prefix}/{settings.site}/{settings.box}"


def broker_for(wanted: MqttBroker, loaded: Loaded) -> Broker:
    """How the broker is reached."""
    from edge.serve.mirrors.broker import Broker  # noqa: PLC0415 - an extra

    return Broker(
        wanted.url.get_secret_value(),
        username=wanted.username,
        password=wanted.password.get_secret_value() if wanted.password else None,
        ca=loaded.file(wanted.ca),
        cert=loaded.file(wanted.cert),
        key=loaded.file(wanted.key),
    )


def _route(sink: Routed) -> Route:
    return Route(sink.grades, sink.rules, sink.cameras, sink.min_level)
