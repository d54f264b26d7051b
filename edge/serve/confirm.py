"""Waits for what the analysis confirms, without a thread of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any, TypeVar

from edge.errors import Refusal, RefusalError

T = TypeVar("T")
CONFIRM_S = 15.0  # longer than a detector may hang


async def confirmed(future: Future[T], *, within_s: float = CONFIRM_S) -> T:
    """The answer; raises what it raises, or RefusalError where there is none in time."""
    asked = asyncio.wrap_future(future)
    asked.add_done_callback(_heard)
    await asyncio.wait([asked], timeout=within_s)  # whoever stops waiting cancels nothing
    if asked.done():
        return asked.result()
    raise RefusalError(
        f"not confirmed within {within_s:.0f} s; it may be done yet",
        "ask again with the same request_id",
        kind=Refusal.LATER,
        reason="NOT_CONFIRMED",
    )


def _heard(asked: asyncio.Future[Any]) -> None:
    """An error that nobody waited for is none."""
    if not asked.cancelled():
        asked.exception()
