"""Where events are pushed: one relay per configured sink."""

from __future__ import annotations

from edge.config import Loaded
from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.events.route import Route
from edge.metrics import Metrics
from edge.serve.push import PushSink
from edge.settings import GrpcSinkSettings
from edge.settings_life import Routed


def relays_for(loaded: Loaded, outbox: Outbox, metrics: Metrics) -> list[Relay]:
    """Not started yet."""
    return [
        Relay(outbox, _sink(sink, loaded), route=_route(sink), metrics=metrics)
        for sink in loaded.settings.report
    ]


def _sink(sink: GrpcSinkSettings, loaded: Loaded) -> PushSink:
    return PushSink(
        sink.name,
        sink.target,
        ca=loaded.file(sink.ca),
        cert=loaded.file(sink.cert),
        key=loaded.file(sink.key),
        insecure=sink.insecure,
    )


def _route(sink: Routed) -> Route:
    return Route(sink.grades, sink.rules, sink.cameras, sink.min_level)
