"""Requests that were answered: one that is repeated does nothing and is answered the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from edge.errors import Refusal, RefusalError

MOST = 1000  # the oldest are forgotten

Answer = TypeVar("Answer")


class Once(Generic[Answer]):
    """The answers of the newest requests that have an id; the owner sees to its lock."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[str, tuple[Hashable, Answer]] = OrderedDict()

    def answer(self, request_id: str, request: Hashable) -> Answer | None:
        """What was answered; None: it is new. Raises RefusalError where the id was another's."""
        known = self._known.get(request_id)
        if known is None:
            return None
        if known[0] != request:
            raise reused(request_id)
        return known[1]

    def keep(self, request_id: str, request: Hashable, answer: Answer) -> None:
        """Remember an answer; without an id there is nothing to know it by."""
        if request_id:
            self._known[request_id] = request, answer
            while len(self._known) > self._most:
                self._known.popitem(last=False)


def reused(request_id: str) -> RefusalError:
    """The refusal of an id that was used for something else."""
    return RefusalError(
        f"the request_id '{request_id}' was used for another request",
        "make a new one for each request; repeat one only with the same content",
        kind=Refusal.INVALID,
        reason="REQUEST_ID_REUSED",
    )
