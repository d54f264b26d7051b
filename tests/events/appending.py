"""Appends to an outbox until it is killed; says each identity once it is committed."""

import random
import sys
from pathlib import Path

from tests.events.make_events import CLEARED, message, open_outbox


def main(folder, name):
    with open_outbox(Path(folder), rows=1_000_000, size=2**30) as outbox:
        for number in range(10**9):
            alert = f"{name}-{number}"
            batch = [message(alert) for _ in range(random.randint(1, 3))]
            batch += [message(alert, CLEARED)] * random.randint(0, 1)
            for place, one in enumerate(batch):
                one.event_id = f"{alert}-{place}"
            stored = outbox.append(batch)
            lines = (f"{one.sequence} {one.event_id}\n" for one in stored)
            print("".join(lines), end="", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
