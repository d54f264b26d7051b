"""What a schema can't say of a configuration: repeated names, missing schedules and files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Found = tuple[tuple[str | int, ...], str, str]  # where, reason, remedy


def repeated_names(values: dict[str, Any]) -> Iterator[Found]:
    """Cameras, a camera's rules, and sinks go by their names."""
    yield from _repeated(_maps(values, "cameras"), ("cameras",))
    for index, camera in _maps(values, "cameras"):
        yield from _repeated(_maps(camera, "rules"), ("cameras", index, "rules"))
    sinks = [(index, {"name": "centre", **sink}) for index, sink in _maps(values, "report")]
    yield from _repeated(sinks, ("report",))


def unknown_schedules(values: dict[str, Any]) -> Iterator[Found]:
    """A rule's `armed` names one of the schedules."""
    known = values.get("schedules") or {}
    for c, camera in _maps(values, "cameras"):
        for r, rule in _maps(camera, "rules"):
            armed = rule.get("armed")
            if armed is not None and armed not in known:
                remedy = f"choose from {', '.join(known)}" if known else "add it under schedules"
                yield ("cameras", c, "rules", r, "armed"), "no such schedule", remedy


def unreadable_files(values: dict[str, Any], folder: Path) -> Iterator[Found]:
    """Recordings, certificates and keys must be there and readable."""
    for index, camera in _maps(values, "cameras"):
        url = camera.get("url")
        if isinstance(url, str) and url and _is_path(url):
            path = url.removeprefix("file://")
            yield from _unreadable(folder, path, ("cameras", index, "url"))
        if isinstance(camera.get("ca"), str):
            yield from _unreadable(folder, camera["ca"], ("cameras", index, "ca"))
    owners: list[tuple[tuple[str | int, ...], Any]] = [
        (("report", index), sink) for index, sink in _maps(values, "report")
    ]
    serve = values.get("serve")
    owners.append((("serve", "grpc"), serve.get("grpc") if isinstance(serve, dict) else None))
    for at, owner in owners:
        for key in ("ca", "cert", "key", "client_ca"):
            value = owner.get(key) if isinstance(owner, dict) else None
            if isinstance(value, str):
                yield from _unreadable(folder, value, (*at, key))


def _is_path(url: str) -> bool:
    return url.startswith("file://") or "://" not in url


def _unreadable(folder: Path, path: str, at: tuple[str | int, ...]) -> Iterator[Found]:
    full = folder / Path(path).expanduser()
    if not (full.is_file() or (at[-1] == "url" and full.is_dir())):
        yield at, "no such file", "check the path; it is relative to this file"
    elif not os.access(full, os.R_OK):
        yield at, "the file can't be read", "give the service's user the right to read it"


def _maps(values: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    """The mappings in a list, with their places; whatever else is there is the schema's affair."""
    items = values.get(key)
    listed = items if isinstance(items, list) else []
    return [(index, item) for index, item in enumerate(listed) if isinstance(item, dict)]


def _repeated(
    named: list[tuple[int, dict[str, Any]]], at: tuple[str | int, ...]
) -> Iterator[Found]:
    seen: dict[Any, int] = {}
    for index, item in named:
        name = item.get("name")
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            where = f"{at[-1]}[{seen[name]}]"
            yield (*at, index, "name"), f"the name {name} is taken by {where}", "choose another"
