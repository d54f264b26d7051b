"""A configuration that was changed while the box runs: what stays, what goes, what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from edge.box import Box
from edge.cameras import rules_for, seen
from edge.changes import Change
from edge.config import Loaded
from edge.gates import alarms_for, alike, every_rule, gates_for
from edge.grades import grades_for, grades_of_rules
from edge.rules.alarms import Alarm
from edge.rules.armed import Armed
from edge.settings import Camera, Config


class Takeover:
    """Called by one thread, with settings that differ only in what can be changed."""

    def __init__(self, box: Box, settings: Config) -> None:
        self._box, self._before = box, settings
        self._alarms = box.alarms.rules
        self._rules: Mapping[str, Sequence[Armed]] = {
            camera.name: _armed(box, camera.name) for camera in settings.cameras
        }

    def __call__(self, loaded: Loaded) -> None:
        """From the next turn of the analysis on the box is as it is configured now."""
        box, after = self._box, loaded.settings
        before = {camera.name: camera for camera in self._before.cameras}
        rules = {
            camera.name: self._after(before[camera.name], camera, after) for camera in after.cameras
        }
        alarms = _kept(self._alarms, _of_the_box(self._before), _of_the_box(after), after)
        origin = replace(box.origin, config_revision=loaded.revision)
        gates = gates_for(after)

        def apply() -> None:
            for camera in after.cameras:
                for rule, made in zip(seen(camera), rules[camera.name], strict=True):
                    made.gate = gates[camera.name, rule.name]
            box.arming.inputs.configure(after.inputs)
            box.arming.configure(gates)

        grades, urgent = grades_for(after), grades_of_rules(after)
        box.analysis.take_over(Change(rules, alarms, origin, grades, urgent, apply))
        box.settings, box.origin = after, origin
        self._before, self._rules, self._alarms = after, rules, alarms

    def _after(self, before: Camera, camera: Camera, settings: Config) -> list[Armed]:
        """The rules of a camera; those that are the same go on."""
        pairs = zip(seen(before), self._rules[camera.name], strict=True)
        return rules_for(camera, settings, {alike(rule): made for rule, made in pairs})


def _armed(box: Box, camera: str) -> list[Armed]:
    return [rule for rule in box.analysis.rules(camera) if isinstance(rule, Armed)]


def _of_the_box(settings: Config) -> dict[tuple[str, str], str]:
    """The rules of all cameras and of none, as far as they would have to be made anew."""
    return {(camera, rule.name): alike(rule) for camera, rule in every_rule(settings)}


def _kept(
    alarms: Mapping[tuple[str, str], Alarm],
    before: Mapping[tuple[str, str], str],
    after: Mapping[tuple[str, str], str],
    settings: Config,
) -> dict[tuple[str, str], Alarm]:
    fresh = alarms_for(settings)
    return {
        of: alarms[of] if of in alarms and before[of] == after[of] else made
        for of, made in fresh.items()
    }
