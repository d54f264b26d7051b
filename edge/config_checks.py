"""What a schema can't say of a configuration: names that are repeated or missing, and files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.rules import degraded, delivery, image_health, offline, ordered
from edge.settings import Config

OF_THE_BOX = (offline.RULE, image_health.RULE, degraded.RULE, ordered.RULE, delivery.RULE)
METRIC = ("radius_m", "distance_m", "min_width_m", "max_width_m")  # settings that need the ground
BY_DEFAULT = {"exclusion": "distance_m"}  # rules that are in metres whatever is set

BY_TYPE = {"grpc": "centre"}  # what sinks are called that have no name; others go by their type
EXTRAS = {"mqtt": "paho.mqtt", "nats": "nats"}  # the library that a type of sink needs

Found = tuple[tuple[str | int, ...], str, str]  # where, reason, remedy


def repeated_names(values: dict[str, Any]) -> Iterator[Found]:
    """Cameras, a camera's rules, and sinks go by their names."""
    yield from _repeated(_maps(values, "cameras"), ("cameras",))
    for index, camera in _maps(values, "cameras"):
        yield from _repeated(_maps(camera, "rules"), ("cameras", index, "rules"))
    yield from _repeated(_maps(values, "alarms"), ("alarms",))
    sinks = [
        (index, {"name": BY_TYPE.get(str(sink.get("type")), sink.get("type")), **sink})
        for index, sink in _maps(values, "report")
    ]
    yield from _repeated(sinks, ("report",))


def unknown_schedules(values: dict[str, Any]) -> Iterator[Found]:
    """A rule's `armed` names one of the schedules."""
    listed = values.get("schedules")
    known = [str(name) for name in listed] if isinstance(listed, dict) else []
    for at, _, rule in _rules(values):
        armed = rule.get("armed")
        if isinstance(armed, str) and armed not in known:
            remedy = f"choose from {', '.join(known)}" if known else "add it under schedules"
            yield (*at, "armed"), "no such schedule", remedy


def unknown_inputs(values: dict[str, Any]) -> Iterator[Found]:
    """An input that a rule names is one of `inputs`; and one can't both arm and disarm."""
    listed = values.get("inputs")
    known = [str(one) for one in listed] if isinstance(listed, list) else []
    for at, _, rule in _rules(values):
        for key in ("while_input", "unless_input", "input"):
            if rule.get(key) is not None and rule[key] not in known:
                remedy = f"choose from {', '.join(known)}, or " if known else ""
                yield (*at, key), "no such input", f"{remedy}add it under inputs"
        if rule.get("while_input") is not None and rule["while_input"] == rule.get("unless_input"):
            reason = "while_input is the same, so that the rule is never armed"
            yield (*at, "unless_input"), reason, "leave one of them out"


def unknown_routes(values: dict[str, Any]) -> Iterator[Found]:
    """The cameras and rules that a sink names are there, lest it is sent nothing by mistake."""
    known = {
        "cameras": [str(camera.get("name")) for _, camera in _maps(values, "cameras")],
        "rules": [*(str(rule.get("name")) for _, _, rule in _rules(values)), *OF_THE_BOX],
    }
    for index, sink in _maps(values, "report"):
        for key, names in known.items():
            listed = sink.get(key)
            for at, name in enumerate(listed if isinstance(listed, list) else ()):
                if name not in names:
                    remedy = f"choose from {', '.join(dict.fromkeys(names))}"
                    yield ("report", index, key, at), f"no such {key[:-1]}", remedy


def missing_libraries(values: dict[str, Any]) -> Iterator[Found]:
    """What needs a library that not everybody has; and inputs that could not be set."""
    for index, sink in _maps(values, "report"):
        extra = str(sink.get("type"))
        if extra in EXTRAS and not _is_installed(EXTRAS[extra]):
            reason = f"{extra} needs the library {EXTRAS[extra].partition('.')[0]}"
            yield ("report", index, "type"), reason, f"pip install 'fenceline[{extra}]'"
    if values.get("mqtt_inputs") and not _is_installed(EXTRAS["mqtt"]):
        yield ("mqtt_inputs",), "it needs the library paho", "pip install 'fenceline[mqtt]'"
    if values.get("mqtt_inputs") and not values.get("inputs"):
        yield ("mqtt_inputs",), "there is no input to be heard of", "list them under inputs"


def shared_files(values: dict[str, Any], folder: Path) -> Iterator[Found]:
    """Each file of JSON lines has one sink that writes it, and a folder that is there."""
    seen: dict[Path, int] = {}
    for index, sink in _maps(values, "report"):
        if sink.get("type") != "jsonl" or not isinstance(sink.get("path"), str):
            continue
        at, path = ("report", index, "path"), (folder / Path(sink["path"])).absolute()
        if seen.setdefault(path, index) != index:
            yield at, f"report[{seen[path]}] writes this file already", "give another path"
        if not path.parent.is_dir():
            yield at, "there is no such folder", "create it, or correct the path"


def without_ground(values: dict[str, Any]) -> Iterator[Found]:
    """Metres are known only where the camera is calibrated."""
    for at, camera, rule in _rules(values):
        if camera is None or camera.get("ground"):
            continue
        always = BY_DEFAULT.get(str(rule.get("type")))
        for key in METRIC:
            if rule.get(key) or key == always:
                reason = "metres are not known, as the camera is not calibrated"
                yield (*at, key), reason, "give the camera's `ground`"


def skipped_times(settings: Config) -> Iterator[Found]:
    """The times of exceptions are times that the local clock shows."""
    for name, schedule in settings.schedules.items():
        zone = ZoneInfo(schedule.timezone or settings.timezone)
        for index, one in enumerate(schedule.exceptions):
            at = ("schedules", name, "exceptions", index)
            for key, time in (("from", one.since), ("until", one.until)):
                if not _shown(time, zone):
                    reason = f"the clocks of {zone.key} skip this time that day"
                    yield (*at, key), reason, "take a time after it, or before"


def _shown(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks show it: there and back it is the same."""
    try:
        there = local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:  # the last day of the calendar: it is shown somewhere
        return True
    return there.astimezone(zone).replace(tzinfo=None) == local


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
    owners.append((("mqtt_inputs",), values.get("mqtt_inputs")))
    listeners = serve if isinstance(serve, dict) else {}
    owners += [(("serve", which), listeners.get(which)) for which in ("grpc", "http")]
    for at, owner in owners:
        for key in ("ca", "cert", "key", "client_ca", "creds"):
            value = owner.get(key) if isinstance(owner, dict) else None
            if isinstance(value, str):
                yield from _unreadable(folder, value, (*at, key))


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def _is_path(url: str) -> bool:
    return url.startswith("file://") or "://" not in url


def _unreadable(folder: Path, path: str, at: tuple[str | int, ...]) -> Iterator[Found]:
    try:
        full = folder / Path(path).expanduser()
    except RuntimeError:  # there is no such user
        full = folder / path
    if not (full.is_file() or (at[-1] == "url" and full.is_dir())):
        yield at, "no such file", "check the path; it is relative to this file"
    elif not os.access(full, os.R_OK):
        yield at, "the file can't be read", "give the service's user the right to read it"


def _rules(
    values: dict[str, Any],
) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any] | None, dict[str, Any]]]:
    """Every rule: where it stands, its camera (None: it has none), and itself."""
    for c, camera in _maps(values, "cameras"):
        for r, rule in _maps(camera, "rules"):
            yield ("cameras", c, "rules", r), camera, rule
    for a, rule in _maps(values, "alarms"):
        yield ("alarms", a), None, rule


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
