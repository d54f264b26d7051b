"""What the box counts, in Prometheus terms; one object, handed to whoever counts."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """Every metric of one running box, on a registry of its own."""

    def __init__(self) -> None:  # noqa: PLR0915 - one for each metric
        self.registry = CollectorRegistry()
        camera = ["camera"]
        self.frames = self._counter("frames", "Frames analysed", camera)
        self.dropped = self._counter("frames_dropped", "Frames replaced by newer ones", camera)
        self.reconnects = self._counter("reconnects", "Attempts to reconnect a camera", camera)
        self.decode_errors = self._counter("decode_errors", "Damaged pictures", camera)
        self.streaming = self._gauge("camera_streaming", "1 while a camera streams", camera)
        self.staleness = self._gauge(
            "staleness_seconds", "Age of the newest analysed frame", camera
        )
        self.model_info = self._gauge(
            "model_info",
            "1 for what pictures are analysed with",
            ["model", "sha256", "provider", "precision"],
        )
        self.degraded = self._gauge("degraded", "1 while the box does less for it", ["cause"])
        self.disarmed = self._gauge("rules_disarmed", "Rules that somebody has disarmed")
        self.detect_seconds = self._histogram("detect_seconds", "One detector call")
        self.load = self._gauge("load", "Share of the time that the analysis is busy")
        self.step_seconds = self._histogram("analysis_seconds", "Track, rules and outbox per frame")
        self.events = self._counter("events", "Events committed", ["camera", "rule", "state"])
        self.events_refused = self._counter("events_refused", "Events that could not be stored")
        self.escalations_dropped = self._counter(
            "escalations_dropped", "Alerts that will not rise, as too many wait"
        )
        self.evidence_errors = self._counter("evidence_errors", "Pictures that could not be stored")
        self.outbox_rows = self._gauge("outbox_rows", "Events in the outbox")
        self.outbox_bytes = self._gauge("outbox_bytes", "Bytes of events in the outbox")
        self.outbox_damaged = self._counter(
            "outbox_damaged", "Times that the outbox was found damaged and begun anew"
        )
        self.pruned_unsent = self._counter(
            "outbox_pruned_unsent", "Events past retention before a consumer had them", ["consumer"]
        )
        self.dead_letters = self._counter(
            "outbox_dead_letters", "Events that a consumer refused for good", ["consumer"]
        )
        self.sent = self._counter("sink_acknowledged", "Events acknowledged", ["sink"])
        self.rejected = self._counter("sink_rejected", "Events refused for good", ["sink"])
        self.filtered = self._counter("sink_filtered", "Events that are not for a sink", ["sink"])
        self.sink_connected = self._gauge(
            "sink_connected", "1 while the last delivery succeeded", ["sink"]
        )
        self.sink_reconnects = self._counter(
            "sink_reconnects", "Times that a sink took events again after a failure", ["sink"]
        )
        self.sink_backlog = self._gauge(
            "sink_backlog", "Events behind the oldest that a sink has not acknowledged", ["sink"]
        )
        self.sink_errors = self._counter("sink_errors", "Failed deliveries", ["sink"])
        self.canary = self._gauge(
            "canary_confirmed_timestamp_seconds", "When the newest was seen confirmed", ["sink"]
        )
        self.unsent_age = self._gauge(
            "oldest_unsent_seconds", "Age of the oldest unsent event", ["sink"]
        )

        self.inputs_connected = self._gauge("mqtt_inputs_connected", "1 while inputs can be heard")
        self.inputs_refused = self._counter("mqtt_inputs_refused", "Messages about inputs, refused")

    def text(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, labels: list[str] | None = None) -> Counter:
        return Counter(f"fenceline_{name}", text, labels or (), registry=self.registry)

    def _gauge(self, name: str, text: str, labels: list[str] | None = None) -> Gauge:
        return Gauge(f"fenceline_{name}", text, labels or (), registry=self.registry)

    def _histogram(self, name: str, text: str) -> Histogram:
        buckets = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
        return Histogram(f"fenceline_{name}", text, registry=self.registry, buckets=buckets)
