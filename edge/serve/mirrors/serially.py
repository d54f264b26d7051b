"""One event after the other, since a broker keeps the order of what it was told in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from edge.errors import SinkError
from edge.rpc import event_pb2 as pb
from edge.types import Receipt

Worded = Callable[[SinkError], SinkError]


def serially(
    events: Sequence[pb.Event], publish: Callable[[pb.Event], str], worded: Worded
) -> Receipt:
    """Publish them; why one is refused for good, or nothing, is what `publish` returns.

    What comes after one that was not taken is not tried. Raises SinkError where that is the first.
    """
    acked, rejected = events[0].sequence - 1, dict[int, str]()
    with saying(worded):
        for event in events:
            try:
                refusal = publish(event)
            except SinkError:
                if event is events[0]:
                    raise
                break
            if refusal:
                rejected[event.sequence] = refusal
            acked = event.sequence
    return Receipt(acked, rejected)


@contextmanager
def saying(worded: Worded) -> Iterator[None]:
    """Have what fails within say which sink it is about."""
    try:
        yield
    except SinkError as error:
        raise worded(error) from error
