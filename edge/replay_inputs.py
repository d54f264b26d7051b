"""Which external inputs are active at which time of a recording, as the command line says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from edge.errors import ConfigError

InputsAt: TypeAlias = Callable[[float], AbstractSet[str]]  # of seconds of the recording
SAID = re.compile(r"(?P<name>[^@]+)(@(?P<since>\d+(\.\d+)?)-(?P<until>\d+(\.\d+)?)?)?")
NONE: AbstractSet[str] = frozenset()


class Active(NamedTuple):
    """An input that is active from a time on, and until another."""

    name: str
    since: float
    until: float


def no_inputs(_pts: float) -> AbstractSet[str]:
    """None is active."""
    return NONE


def inputs_of(said: Sequence[str], known: Collection[str]) -> InputsAt:
    """NAME all the time, NAME@FROM-TO or NAME@FROM- in seconds; raises ConfigError."""
    active = [_active(one, known) for one in said]
    return lambda pts: {one.name for one in active if one.since <= pts < one.until}


def _active(said: str, known: Collection[str]) -> Active:
    found = SAID.fullmatch(said)
    name, since, until = found.group("name", "since", "until") if found else ("", None, None)
    one = Active(name, float(since or 0.0), float(until or "inf"))
    if not name or one.since >= one.until:
        raise ConfigError(
            f"--input {said}: that is no input and no time",
            "say NAME, or NAME@FROM-TO in seconds of the recording, FROM before TO",
        )
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise ConfigError(
            f"--input {said}: there is no input '{name}'", f"configured under `inputs`: {names}"
        )
    return one
