"""The reporting half of a box, all of it the service's own code: outbox, relay, gRPC."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from edge.events import relay as relay_module
from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.serve.push import PushSink
from tests.serve.make_serve import servers

PATIENCE_S = 0.3  # for an answer
STATES = (pb.STATE_RAISED, pb.STATE_UPDATED, pb.STATE_CLEARED)


def hurry():
    """Pauses between attempts as a test can wait for."""
    relay_module.FIRST_PAUSE_S, relay_module.LONGEST_PAUSE_S = 0.02, 0.1


class ReportingBox:
    """Appends what it is told to; pushes to `push` and serves pull on `port`, where wanted."""

    def __init__(self, folder: Path, *, push=None, port=None, rows=10**6, **options):
        self.folder, self.push, self.port, self.rows = folder, push, port, rows
        self.options, self.metrics, self.made = options, Metrics(), 0

    def __enter__(self):
        with ExitStack() as stack:
            limits = {"max_rows": self.rows, "max_bytes": 2**30, "max_age_s": 30 * 86_400.0}
            made = Outbox(
                self.folder / "outbox.db",
                box="box",
                metrics=self.metrics,
                **limits,
                **self.options,
            )
            self.outbox = stack.enter_context(made)
            if self.port is not None:
                listeners = servers(self.outbox, grpc_listen=f"127.0.0.1:{self.port}")
                listeners.start()
                stack.callback(listeners.stop, 0.0)
                self.port = listeners.grpc_port
            self.relay = None
            if self.push is not None:
                sink = PushSink(
                    "centre", f"127.0.0.1:{self.push}", insecure=True, timeout_s=PATIENCE_S
                )
                self.relay = Relay(self.outbox, sink, metrics=self.metrics)
                self.relay.start()
                stack.callback(self.relay.join, 10)
                stack.callback(self.relay.stop)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def append(self, count, name="run"):
        """A batch that begins and ends alerts; returns what was stored."""
        first = self.outbox.last_sequence + 1
        batch = [event(f"{name}-{first + place}", first + place) for place in range(count)]
        return self.outbox.append(batch)


def event(event_id, number):
    alert, state = divmod(number, len(STATES))
    return pb.Event(
        event_id=event_id,
        alert_id=f"alert-{alert}",
        camera="gate",
        rule="fence",
        reason="crossed",
        state=STATES[state],
        object=pb.Object(class_name="person", path=[pb.PathPoint() for _ in range(20)]),
    )
