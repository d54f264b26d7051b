"""What a command centre has taken over, in memory: for trying, and for who stores elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from edge.rpc import event_pb2 as pb


class Ledger:
    """Boxes report in order, so one number per box tells what repeats."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}

    async def newest(self, box_id: str) -> int:
        """The newest sequence this box has reported; 0 where it has not."""
        return self._newest.get(box_id, 0)

    async def add(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Those that are new, in order per box."""
        new = []
        for event in events:
            if event.sequence > self._newest.get(event.box_id, 0):
                self._newest[event.box_id] = event.sequence
                new.append(event)
        return new

    async def tend(self) -> None:
        """Nothing is kept that could grow old."""

    async def close(self) -> None:
        """Nothing is open."""
