"""Identities: UUIDv7 (RFC 9562), random for the service, counted for a replay."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from itertools import count


def uuid7(time: float) -> str:
    """A random UUIDv7 of a Unix time."""
    return _layout(time, os.urandom(10))


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
