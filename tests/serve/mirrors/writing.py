"""Reports an outbox to a file of JSON lines until it is killed."""

import sys
import threading
from pathlib import Path

from edge.events import relay as module
from edge.events.relay import Relay
from edge.metrics import Metrics
from edge.serve.mirrors.jsonl import JsonLinesSink
from tests.events.make_events import message, open_outbox


def main(folder, name):
    folder = Path(folder)
    module.BATCH = 7
    with open_outbox(folder, rows=1_000_000, size=2**30) as outbox:
        sink = JsonLinesSink("lines", folder / "events.jsonl", max_bytes=40_000, keep=1000)
        Relay(outbox, sink, metrics=Metrics()).start()
        for number in range(10**9):
            one = message(f"{name}-{number}", note="x" * 500)
            one.event_id = f"{name}-{number}"
            outbox.append([one])
            if number == 3:
                print("ready", flush=True)
            if number >= 5000:
                threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
