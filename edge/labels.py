"""Labelled clips of a rule: what really happens in each, and whose camera it is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge.config import Loaded, load_list
from edge.config_checks import Found
from edge.errors import ConfigError
from edge.scoring import WAYS, Happening
from edge.settings import Camera
from edge.settings_labels import Label, LabelledClip
from edge.settings_rules import Rule
from edge.types import Direction


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording, and all that happens in it for one rule of its camera."""

    name: str  # as it was written
    path: Path
    camera: Camera
    rule: Rule
    truth: tuple[Happening, ...]


def labelled(path: Path, loaded: Loaded, rule: str) -> tuple[Clip, ...]:
    """The clips of cameras that have this rule.

    Raises ConfigError, for the rule's name, or for everything that is wrong with the file.
    """
    owners = [one for one in loaded.settings.cameras if rule_of(one, rule)]
    if not owners:
        names = sorted({one.name for camera in loaded.settings.cameras for one in camera.rules})
        remedy = f"choose from {', '.join(names)}" if names else "add one"
        raise ConfigError(f"{loaded.path}: no camera has a rule '{rule}'", remedy)
    clips = load_list(
        path, LabelledClip, partial(_problems, path=path, loaded=loaded, owners=owners)
    )
    cameras = {camera.name: camera for camera in owners}
    found = [
        _clip(one, path, cameras[one.camera or owners[0].name], rule)
        for one in clips
        if one.camera is None or one.camera in cameras
    ]
    if not found:
        raise ConfigError(f"{path}: no clip is of a camera with a rule '{rule}'", "label some")
    return tuple(found)


def rule_of(camera: Camera, name: str) -> Rule | None:
    """Its rule of this name."""
    return next((rule for rule in camera.rules if rule.name == name), None)


def _clip(one: LabelledClip, path: Path, camera: Camera, name: str) -> Clip:
    rule = rule_of(camera, name)
    assert rule is not None  # noqa: S101 - cameras without it were left out
    truth = tuple(_happening(label) for label in one.events if label.rule == name)
    return Clip(str(one.clip), path.parent / one.clip.expanduser(), camera, rule, truth)


def _happening(label: Label) -> Happening:
    way = WAYS[Direction(label.direction) if label.direction else None]
    return Happening(label.rule, way, label.at, until=label.until)


def _problems(
    clips: Sequence[LabelledClip], *, path: Path, loaded: Loaded, owners: Sequence[Camera]
) -> Iterator[Found]:
    cameras = {camera.name: camera for camera in loaded.settings.cameras}
    for index, clip in enumerate(clips):
        if not (path.parent / clip.clip.expanduser()).is_file():
            remedy = "check the path; it is relative to this file"
            yield (index, "clip"), "no such file", remedy
        if clip.camera is None and len(owners) > 1:
            names = ", ".join(camera.name for camera in owners)
            yield (index, "camera"), "is missing", f"several have the rule; say one of {names}"
        elif clip.camera is not None and clip.camera not in cameras:
            yield (index, "camera"), "no such camera", f"choose from {', '.join(cameras)}"
        else:
            camera = owners[0] if clip.camera is None else cameras[clip.camera]
            for label, found in enumerate(clip.events):
                yield from _about(found, camera, (index, "events", label))


def _about(label: Label, camera: Camera, at: tuple[str | int, ...]) -> Iterable[Found]:
    rule = rule_of(camera, label.rule)
    if rule is None:
        names = ", ".join(one.name for one in camera.rules)
        yield (*at, "rule"), f"camera '{camera.name}' has no such rule", f"choose from {names}"
    elif label.direction and not hasattr(rule, "direction"):
        yield (*at, "direction"), f"a rule of type {rule.type} has none", "leave it out"
