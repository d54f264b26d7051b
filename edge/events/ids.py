"""Identities: UUIDv7 (RFC 9562), random for the service, counted for a replay."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from itertools import count

BYTES, AT_ONCE = 10, 64  # of noise in an id, and ids


def uuid7(time: float) -> str:
    """A random UUIDv7 of a Unix time."""
    return _layout(time, os.urandom(BYTES))


class Uuid7:
    """The same for one thread that makes many: the system is asked for noise once in a while."""

    def __init__(self) -> None:
        self._noise: list[bytes] = []

    def __call__(self, time: float) -> str:
        """A random UUIDv7 of a Unix time."""
        if not self._noise:
            noise = os.urandom(BYTES * AT_ONCE)
            self._noise = [noise[at : at + BYTES] for at in range(0, len(noise), BYTES)]
        return _layout(time, self._noise.pop())


def replay_ids(seed: str) -> Callable[[float], str]:
    """A factory of UUIDv7 that gives the same ids each time it is made with this seed."""
    numbers = count()

    def made(time: float) -> str:
        return _layout(time, hashlib.sha256(f"{seed}/{next(numbers)}".encode()).digest()[:10])

    return made


def _layout(time: float, noise: bytes) -> str:
    milliseconds = max(0, int(time * 1000)) & (2**48 - 1)
    bits = (milliseconds << 80) | int.from_bytes(noise)
    bits = bits & ~(0xF << 76) | (7 << 76)
    bits = bits & ~(0b11 << 62) | (0b10 << 62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
