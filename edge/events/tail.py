"""The newest committed events, in memory: whoever has kept up reads them without the disk."""

from __future__ import annotations

from collections.abc import Sequence

from edge.rpc import event_pb2 as pb

MOST = 1000


class Tail:
    """One thread adds, any reads; the run is replaced, never changed."""

    def __init__(self) -> None:
        self._run: list[pb.Event] = []  # of sequences without a hole

    def add(self, events: Sequence[pb.Event], *, first: int) -> None:
        """What was committed behind all before; what is below the first is not kept any more."""
        run = [*self._run, *events][-MOST:]
        gone = first - run[0].sequence if run else 0
        self._run = run[max(0, gone) :]

    def read(self, after: int, limit: int) -> list[pb.Event]:
        """The next ones behind a sequence; none where that is not in the run, or is its end."""
        run = self._run
        at = after + 1 - run[0].sequence if run else -1
        return run[at : at + limit] if at >= 0 else []
