"""One camera's settings to what reads it and what its frames go through."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.analysis import Lane
from edge.attention import Attention
from edge.config import Loaded
from edge.detect import Detector
from edge.detect.gaze import Gaze
from edge.detect.sight import Sight
from edge.gates import alike, gate_for, schedules_for
from edge.geometry import homography
from edge.grades import grades_of_rules
from edge.idle import Idle
from edge.metrics import Metrics
from edge.pipeline import Pipeline
from edge.rules import RULES, Rule
from edge.rules.armed import Armed
from edge.rules.image_health import ImageHealth, Thresholds
from edge.rules.merged import merged
from edge.rules.plan import Plan
from edge.rules.schedule import Schedule
from edge.rules.steps import Step
from edge.rules.subjects import Subjects
from edge.second_stream import SUFFIX, SecondStreams
from edge.settings import Camera, Config
from edge.settings import ImageHealth as ImageHealthSettings
from edge.settings_rules import AlertSettings, ExclusionSettings, SequenceSettings
from edge.settings_rules import Rule as RuleSettings
from edge.settings_rules import RuleSettings as ObjectRuleSettings
from edge.stream import Source, source_for
from edge.stream.options import never
from edge.stream.slots import Slots
from edge.stream.supervisor import CameraThread
from edge.track import Tracking
from edge.trajectories import tracking_for
from edge.types import CLASSES, Points

FILTERS = {field.name for field in dataclasses.fields(Subjects)} - {"classes"}
NOT_THE_RULES = {"type", "classes", *FILTERS, *AlertSettings.model_fields, "merge_s"} - {"name"}

NO_RULES: Mapping[str, Armed] = {}


def lane_for(
    camera: Camera,
    settings: Config,
    tracking: Tracking | None = None,
    *,
    beside: Sequence[Rule] = (),
) -> Lane:
    """What the frames of one camera go through; `tracking` is shared by those of a box.

    Rules `beside` see what the camera's own see.
    """
    tracking = tracking or tracking_for(settings.track)
    rules = [*rules_for(camera, settings), *beside]
    watches: list[Rule] = []
    if camera.image_health is not None:
        watches.append(ImageHealth(camera.name, thresholds=thresholds_for(camera.image_health)))
    return Lane(Pipeline(tracking.open, rules, watches, ground=ground_of(camera)), masks_of(camera))


def ground_of(camera: Camera) -> NDArray[np.float64] | None:
    """The homography from the camera's picture, 0..1, to metres; None where none is known."""
    if not camera.ground:
        return None
    points = camera.ground
    return homography([one.at for one in points], [one.metres for one in points])


def gaze_for(settings: Config, detector: Detector) -> Gaze:
    """One camera's attention."""
    return Gaze(detector.fit, mode=settings.detect.mode, sweep_s=settings.detect.sweep_s)


def sight_for(settings: Config, detector: Detector) -> Sight:
    """What looks."""
    return Sight(detector, alone=settings.detect.mode == "tiles")


def attention_for(settings: Config, detector: Detector) -> Attention:
    """The attention of all cameras."""
    gazes = {camera.name: gaze_for(settings, detector) for camera in settings.cameras}
    return Attention(sight_for(settings, detector), gazes, grades_of_rules(settings))


def thresholds_for(wanted: ImageHealthSettings) -> Thresholds:
    """What makes an alert of the picture itself."""
    options = wanted.model_dump(exclude={"grade", "off"})
    return Thresholds(**options, off=frozenset(wanted.off))


def seen(camera: Camera) -> list[RuleSettings]:
    """The rules of one camera that are about what is in its picture."""
    return [rule for rule in camera.rules if rule.type in RULES]


def rules_for(
    camera: Camera, settings: Config, known: Mapping[str, Armed] = NO_RULES
) -> list[Armed]:
    """Those rules; one that is `known`, by `alike`, is not made anew, and keeps its gate."""
    plan, schedules = Plan(), schedules_for(settings)
    rules = []
    for rule in seen(camera):
        made = known.get(alike(rule))
        rules.append(made or _rule(rule, camera.name, plan=plan, schedules=schedules))
    return rules


def _rule(
    rule: RuleSettings, camera: str, *, plan: Plan, schedules: Mapping[str, Schedule]
) -> Armed:
    made: Rule = RULES[rule.type](camera=camera, plan=plan, **arguments(rule))
    made = merged(made, merge_s=getattr(rule, "merge_s", 0.0), cooldown_s=rule.cooldown_s)
    return Armed(made, gate_for(rule, schedules))


def arguments(rule: RuleSettings) -> dict[str, Any]:
    """A rule's own settings as it takes them."""
    options = rule.model_dump(exclude=NOT_THE_RULES)
    if isinstance(rule, ObjectRuleSettings):
        options["subjects"] = subjects_for(rule)
    if isinstance(rule, SequenceSettings):
        options["steps"] = tuple(Step(**step.model_dump()) for step in rule.steps)
    if isinstance(rule, ExclusionSettings):
        options["vehicles"] = _ids(rule.vehicles)
    return options


def subjects_for(rule: ObjectRuleSettings) -> Subjects:
    """Which objects count."""
    wanted = {name: getattr(rule, name) for name in FILTERS}
    limits = {name: math.inf if value is None else value for name, value in wanted.items()}
    return Subjects(classes=_ids(rule.classes), **limits)


def _ids(classes: Iterable[str]) -> frozenset[int]:
    return frozenset(CLASSES[name] for name in classes)


def thread_for(
    camera: Camera,
    loaded: Loaded,
    slots: Slots,
    metrics: Metrics,
    *,
    armed: Callable[[float], bool],
) -> CameraThread:
    """Who reads one camera; `armed` is whether any of its rules is at a Unix time."""
    url = camera.url.get_secret_value()
    if "://" not in url:
        url = str(loaded.resolve(Path(url)))
    source = source_for(
        camera.name,
        url,
        transport=camera.transport,
        fps=camera.fps,
        stall_s=camera.stall_s,
        realtime=camera.realtime,
        loop=camera.loop,
        frame_rate=camera.frame_rate,
        frozen_s=camera.frozen_s,
        decode=camera.decode,
        ca=loaded.file(camera.ca),
        idle=never if camera.when_disarmed == "all" else Idle([armed], time.time),
    )
    return CameraThread(camera.name, source, slots, metrics=metrics)


def second_streams(loaded: Loaded, detector: Detector, metrics: Metrics) -> SecondStreams:
    """What reads the larger streams of the cameras that have one."""
    wanted = [
        (camera, camera.evidence_url.get_secret_value())
        for camera in loaded.settings.cameras
        if camera.evidence_url is not None
    ]
    slots = Slots([camera.name + SUFFIX for camera, _ in wanted])
    threads = [
        CameraThread(
            camera.name + SUFFIX,
            _second_source(camera, url, loaded),
            slots,
            metrics=metrics,
        )
        for camera, url in wanted
    ]
    masks = {camera.name: masks_of(camera) for camera, _ in wanted}
    return SecondStreams(slots, detector, masks, threads)


def _second_source(camera: Camera, url: str, loaded: Loaded) -> Source:
    return source_for(
        camera.name + SUFFIX,
        url,
        transport=camera.transport,
        fps=60,
        stall_s=camera.stall_s,
        frozen_s=0,
        decode=camera.decode,
        ca=loaded.file(camera.ca),
        idle=lambda: True,
    )


def masks_of(camera: Camera) -> tuple[Points, ...]:
    """Its masks as arrays."""
    return tuple(np.array(mask, np.float32) for mask in camera.masks)
