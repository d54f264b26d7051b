"""External inputs over MQTT, where they are configured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edge.config import Loaded
from edge.metrics import Metrics
from edge.orders import InputRequest
from edge.sinks import broker_for, topic_of

STOP_S = 1.0


@contextmanager
def hearing(
    loaded: Loaded, box_id: str, *, tell: Callable[[InputRequest], object], metrics: Metrics
) -> Iterator[None]:
    """Listen while the block runs."""
    wanted = loaded.settings.mqtt_inputs
    if wanted is None:
        yield
        return
    from edge.serve.mqtt_inputs import MqttInputs  # noqa: PLC0415 - its library is an extra

    topic = topic_of(loaded.settings, wanted.prefix)
    broker = broker_for(wanted, loaded)
    thread = MqttInputs(broker, topic, box_id=box_id, tell=tell, metrics=metrics)
    thread.start()
    try:
        yield
    finally:
        thread.stop()
        thread.join(STOP_S)
