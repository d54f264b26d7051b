"""Identities: UUIDv7 (RFC 9562), random for the service, counted for a replay."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from itertools import count

BYTES, AT_ONCE = 10, 64  # of noise in an id, and ids


def uuid7(time: float) -> str:
    """A random UUIDv7 of a Unix time."""
    return _begin(time) + _rest(os.urandom(BYTES))


class Uuid7:
    """The same for who makes many: the system is asked for noise once in a while. Any thread."""

    def __init__(self) -> None:
        self._rests: list[str] = []

    def __call__(self, time: float) -> str:
        """A random UUIDv7 of a Unix time."""
        try:
            rest = self._rests.pop()
        except IndexError:
            noise = os.urandom(BYTES * AT_ONCE)
            rests = [_rest(noise[at : at + BYTES]) for at in range(0, len(noise), BYTES)]
            rest, self._rests = rests.pop(), rests
        return _begin(time) + rest


def replay_ids(seed: str) -> Callable[[float], str]:
    """A factory of UUIDv7 that gives the same ids each time it is made with this seed."""
    numbers = count()

    def made(time: float) -> str:
        noise = hashlib.sha256(f"{seed}/{next(numbers)}".encode()).digest()
        return _begin(time) + _rest(noise[:BYTES])

    return made


def _begin(time: float) -> str:
    """48 bits: milliseconds."""
    milliseconds = max(0, int(time * 1000)) & (2**48 - 1)
    return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}"


def _rest(noise: bytes) -> str:
    """80 bits, of which version and variant are set."""
    bits = int.from_bytes(noise)
    bits = bits & ~(0xF << 76) | (7 << 76)
    bits = bits & ~(0b11 << 62) | (0b10 << 62)
    text = f"{bits:020x}"
    return f"-{text[:4]}-{text[4:8]}-{text[8:]}"
