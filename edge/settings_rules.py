"""What can be configured of rules: one model for each, its fields the rule's own arguments."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.settings_base import (
    ClassName,
    Course,
    Name,
    Polygon,
    Polyline,
    Seconds,
    Settings,
    Unit,
)
from edge.types import Grade

RESERVED = frozenset(  # alerts of the box itself
    {"camera-offline", "image-health", "box-degraded", "arming", "delivery", "canary"}
)
PEOPLE: tuple[ClassName, ...] = ("person",)
VEHICLES: tuple[ClassName, ...] = ("bicycle", "car", "motorcycle", "bus", "truck")
MERGE = "an object that was lost for so long at most and is found nearby is the same alert; 0: none"
Long = Annotated[Seconds, Field(gt=0)]
Merging = Annotated[Seconds, Field(le=10)]  # longer, and it would be anybody
Length = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class AlertSettings(Settings):
    """What every rule has: how grave an alert is, when it is armed, what counts as the same."""

    name: Name
    grade: Grade = Grade.YELLOW
    armed: Name | None = Field(None, description="name of a schedule; always armed without one")
    while_input: Name | None = Field(None, description="armed while this input is active, only")
    unless_input: Name | None = Field(None, description="not armed while this input is active")
    cooldown_s: Seconds = Field(0.0, description="after an alert, before the next is raised")

    @model_validator(mode="after")
    def _own_name(self) -> Self:
        if self.name in RESERVED:
            raise ValueError(f"the name {self.name} is the box's own; choose another")
        return self


class RuleSettings(AlertSettings):
    """What every rule about objects has: which of them count."""

    merge_s: Merging = Field(0.0, description=MERGE)
    classes: tuple[ClassName, ...] = Field(PEOPLE, min_length=1)
    min_height: Unit = Field(0.0, description="of the box, as a part of the picture's height")
    max_height: Unit = Field(1.0, description="of the box, as a part of the picture's height")
    min_score: Unit = Field(0.0, description="of the detection")
    min_width_m: Length = Field(0.0, description="of the box, metres; needs the camera's ground")
    max_width_m: Length | None = Field(None, description="of the box, metres")
    min_speed: Length = Field(
        0.0,
        description="beyond doubt; metres per second, without ground picture heights per second",
    )
    max_speed: Length | None = Field(None, description="beyond doubt; as min_speed")

    @model_validator(mode="after")
    def _limits(self) -> Self:
        for what in ("height", "width_m", "speed"):
            least, most = getattr(self, f"min_{what}"), getattr(self, f"max_{what}")
            if most is not None and least >= most:
                raise ValueError(f"min_{what} must be smaller than max_{what}")
        return self


class TripwireSettings(RuleSettings):
    """Report each crossing of a line."""

    type: Literal["tripwire"]
    line: Polyline
    direction: Literal["inward", "outward", "both"] = "both"
    settle_s: Seconds = Field(0.3, description="time on the far side before it counts")
    beyond: Unit = Field(
        0.0, description="distance from the line before it counts, a part of the picture's height"
    )


class ZoneSettings(RuleSettings):
    """Report each stay in a polygon, from its dwell time on, until it is left."""

    type: Literal["zone"]
    merge_s: Merging = Field(2.0, description=MERGE)
    polygon: Polygon
    event: Literal["stay", "enter", "leave"] = Field("stay", description="what is reported")
    overlap: Unit = Field(0.0, description="part of the box that must be inside; 0: its foot")
    dwell_s: Seconds = Field(0.0, description="time inside before the alert is raised")
    leave_s: Seconds = Field(1.0, description="time outside before the stay is over")
    update_s: Long = Field(10.0, description="between updates")


class LoiteringSettings(RuleSettings):
    """Report who stays about in a polygon, leaving it for a moment or not."""

    type: Literal["loitering"]
    merge_s: Merging = Field(2.0, description=MERGE)
    polygon: Polygon
    dwell_s: Long = Field(60.0, description="time about before the alert is raised")
    grace_s: Seconds = Field(10.0, description="time outside, or unseen, that interrupts nothing")
    radius_m: Length | None = Field(
        None,
        gt=0,
        description="who gets farther than that from where the time began begins anew, metres; "
        "needs the camera's ground",
    )
    update_s: Long = Field(30.0, description="between updates")


class Step(Settings):
    """A line to be crossed or a polygon to be in."""

    line: Polyline | None = None
    polygon: Polygon | None = None
    direction: Literal["inward", "outward", "both"] = "both"

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.line is None) == (self.polygon is None):
            raise ValueError("a step is a line or a polygon; give one of the two")
        return self


class SequenceSettings(RuleSettings):
    """Report who takes all the steps, in their order."""

    type: Literal["sequence"]
    steps: tuple[Step, ...] = Field(min_length=2, max_length=8)
    within_s: Long = Field(60.0, description="from the first step to the last, at most")
    settle_s: Seconds = Field(
        0.3, description="time on the far side of a line, or in a polygon, before it counts"
    )


class WrongWaySettings(RuleSettings):
    """Report who goes against the permitted course."""

    type: Literal["wrong_way"]
    polygon: Polygon
    course: Course = Field(
        description="two points: the permitted way is from the first to the other"
    )
    tolerance_deg: float = Field(
        90.0,
        ge=10,
        le=170,
        description="off the course, that is permitted; in the picture, or on "
        "the ground where the camera's is known",
    )
    for_s: Seconds = Field(0.5, description="going that way for so long")
    distance: Unit = Field(
        0.05, description="and by then that far from where it came, a part of the picture's height"
    )


class StoppedSettings(RuleSettings):
    """Report what stands still for long in a polygon."""

    type: Literal["stopped"]
    classes: tuple[ClassName, ...] = Field(VEHICLES, min_length=1)
    polygon: Polygon
    after_s: Long = Field(60.0, description="at rest before the alert is raised")
    still: Unit = Field(0.25, description="part of its box's height that it may move about by")
    learn_s: Seconds = Field(
        600.0,
        description="at rest for so long is parked: its alert is cleared, and none is raised "
        "for what is found in the same place again until it was seen to go; 0: never",
    )

    @model_validator(mode="after")
    def _parked_later(self) -> Self:
        if 0 < self.learn_s <= self.after_s:
            raise ValueError(
                "what is parked is no alert; learn_s must be longer than after_s, or 0"
            )
        return self


class LeftObjectSettings(AlertSettings):
    """Report something new that stays where somebody was, after he has gone."""

    type: Literal["left_object"]
    polygon: Polygon
    after_s: Long = Field(30.0, description="alone and still before the alert is raised")
    min_size: Unit = Field(0.02, description="its longer side, as a part of the picture's height")
    max_size: Unit = Field(0.3, description="its longer side, as a part of the picture's height")
    near: Unit = Field(
        0.1,
        description="from a person who may have brought it, or attends to it, as a part of the "
        "picture's height",
    )

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.min_size >= self.max_size:
            raise ValueError("min_size must be smaller than max_size")
        return self


class OccupancySettings(RuleSettings):
    """Report too many, too few, or never just so many in a polygon."""

    type: Literal["occupancy"]
    polygon: Polygon
    most: int | None = Field(None, ge=0, le=1000, description="more is an alert")
    fewest: int | None = Field(None, ge=1, le=1000, description="fewer is one: a post is unmanned")
    never: int | None = Field(
        None, ge=1, le=1000, description="just so many is one; 1: the two-person rule"
    )
    for_s: Seconds = Field(3.0, description="so long before the alert is raised, or cleared")
    update_s: Long = Field(30.0, description="between updates")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.most is None and self.fewest is None and self.never is None:
            raise ValueError("no limit; give most, fewest or never")
        if self.most is not None and self.fewest is not None and self.most < self.fewest:
            raise ValueError("most is smaller than fewest; nothing would be right")
        return self


class ExclusionSettings(RuleSettings):
    """Report a person too near to a vehicle."""

    type: Literal["exclusion"]
    polygon: Polygon | None = Field(None, description="where the person stands; anywhere without")
    vehicles: tuple[ClassName, ...] = Field(VEHICLES, min_length=1)
    distance_m: Length = Field(5.0, gt=0, description="metres; needs the camera's ground")
    moving: Length = Field(
        0.0, description="only vehicles at least so fast, metres per second, beyond doubt"
    )
    for_s: Seconds = Field(0.5, description="so near for so long")
    clear_s: Seconds = Field(2.0, description="apart for so long before it is cleared")


class TailgatingSettings(RuleSettings):
    """Report who crosses a line too soon behind another."""

    type: Literal["tailgating"]
    line: Polyline
    direction: Literal["inward", "outward", "both"] = "both"
    settle_s: Seconds = Field(0.3, description="time on the far side before it counts")
    most: int = Field(1, ge=1, le=100, description="crossings within that time that are permitted")
    within_s: Long = Field(5.0, description="of one another")


class ManualSettings(AlertSettings):
    """An alarm that a person gives, through `Box.RaiseAlarm` or the HTTP API."""

    type: Literal["manual"]
    clear_s: Long = Field(3600.0, description="cleared by itself so long after it was last raised")


class InputSettings(AlertSettings):
    """Report that an external input is active."""

    type: Literal["input"]
    input: Name


Rule = Annotated[
    TripwireSettings
    | ZoneSettings
    | LoiteringSettings
    | SequenceSettings
    | WrongWaySettings
    | StoppedSettings
    | LeftObjectSettings
    | OccupancySettings
    | ExclusionSettings
    | TailgatingSettings
    | ManualSettings
    | InputSettings,
    Field(discriminator="type"),
]
