"""What of a rule can be drawn into a picture: its lines and areas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.settings_rules import Rule

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A line or an area; points are 0..1.

    A line's direction is that which its crossing is told of; a course goes along its points.
    """

    points: Corners
    direction: str | None = None  # None: an area
    course: bool = False


def shapes_of(rule: Rule) -> Iterator[Shape]:
    """In the order of the rule's steps, where it has some."""
    for part in (rule, *getattr(rule, "steps", ())):
        course = getattr(part, "course", None)
        if line := getattr(part, "line", None) or course:
            way = getattr(part, "direction", "inward")
            yield Shape(line, way, course=course is not None)
        if polygon := getattr(part, "polygon", None):
            yield Shape(polygon)
