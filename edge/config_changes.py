"""What differs between two configurations, and what of it can be changed while the box runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edge.settings import Camera, Config

WHILE_IT_RUNS = frozenset({"cameras", "schedules", "timezone", "alarms", "inputs", "arming"})
OF_A_CAMERA = frozenset({"rules"})


def needs_restart(before: Config, after: Config) -> list[str]:
    """The keys that differ and are only read at the start; empty: all can be taken over now."""
    return [*_needs_restart(before, after)]


def _needs_restart(before: Config, after: Config) -> Iterator[str]:
    yield from _differing(dict(before), dict(after), besides=WHILE_IT_RUNS)
    cameras = {camera.name: camera for camera in before.cameras}
    if [*cameras] != [camera.name for camera in after.cameras]:
        yield "cameras"
        return
    for camera in after.cameras:
        old: Camera = cameras[camera.name]
        for key in _differing(dict(old), dict(camera), besides=OF_A_CAMERA):
            yield f"cameras[{camera.name}].{key}"


def _differing(
    before: Mapping[str, Any], after: Mapping[str, Any], *, besides: frozenset[str]
) -> Iterator[str]:
    return (key for key in after if key not in besides and before.get(key) != after[key])
