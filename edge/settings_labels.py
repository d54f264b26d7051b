"""What somebody has seen in clips: labels, against which the alerts of a rule are scored."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from edge.settings_base import Name, Seconds, Settings


class Label(Settings):
    """Something that happens in a clip and is to be an alert."""

    rule: Name
    at: Seconds = Field(description="of the clip, when it happens or begins")
    until: Seconds | None = Field(None, description="of the clip; an alert may come until then")
    direction: Literal["inward", "outward"] | None = Field(None, description="either without one")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.at:
            raise ValueError("until is before at; give the end of what begins at `at`")
        return self


class LabelledClip(Settings):
    """A recording, whose camera it is of, and all that happens in it."""

    clip: Path = Field(description="relative to the file of the labels")
    camera: Name | None = Field(None, description="the one that has the rule without a name")
    events: tuple[Label, ...] = Field((), description="none: every alert is a false one")
