"""Why there was an alert, in plain words and the numbers that decided."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from edge.types import CLASSES, Event, Fact, Gap, Motion, PathPoint, Sighting, State

NAMES = {number: name for name, number in CLASSES.items()}
UNITS = {
    "s": " s",
    "m": " m",
    "m/s": " m/s",
    "deg": " degrees",
    "heights": " of the picture's height",
    "heights/s": " picture heights a second",
}
WAYS = ("up", "up right", "right", "down right", "down", "down left", "left", "up left")
NO_HEADING = 180.0  # of this uncertainty: it stands still
DIGITS = 3


def headline(event: Event) -> str:
    """What happened, when, and to whom, in one line."""
    what = event.reason.replace("_", " ")
    if event.direction is not None and event.state is not State.CLEARED:
        what = f"{what} {event.direction}"
    parts = [f"{event.pts:.2f} s  {event.rule}: {event.state}, {what}"]
    seen = event.sighting
    if seen is not None:
        parts.append(f"{kind_of(seen.class_id)}{_tracked(seen)}")
    if event.confidence is not None:
        parts.append(f"confidence {number(event.confidence)}")
    return "; ".join(parts)


def reasons(event: Event, aspect: float) -> list[str]:
    """The numbers that decided, a line each; `aspect` is the picture's width by its height."""
    ended = event.state is State.CLEARED
    facts = () if ended else event.facts  # they are of what goes on
    lines = [_fact(fact) for fact in facts]
    if event.dwell_s is not None and all(fact.name != "dwell" for fact in facts):
        lines.append(f"dwell {number(event.dwell_s)} s")
    if event.state is State.RAISED:
        lines.append(f"margin {number(event.margin)}, where 0 is only just and 1 is clear")
    lines += _path(event.path, aspect)
    lines += [_gap(gap) for gap in event.gaps]
    if event.motion is not None and not ended:
        lines += [*_motion(event.motion)]
    return lines


def kind_of(class_id: int | None) -> str:
    """What it is, in a word."""
    return "object" if class_id is None else NAMES.get(class_id, "object")


def number(value: float) -> str:
    """A number with no digits that say nothing."""
    text = f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _tracked(seen: Sighting) -> str:
    """Nothing of a thing that nobody tracks."""
    return f", track {seen.track}, score {number(seen.score)}" if seen.track else ""


def _fact(fact: Fact) -> str:
    unit = UNITS.get(fact.unit, f" {fact.unit}".rstrip())
    said = f"{fact.name.replace('_', ' ')} {number(fact.value)}{unit}"
    limits = []
    if fact.least:
        limits.append(f"at least {number(fact.least)}")
    if fact.most is not None:
        limits.append(f"at most {number(fact.most)}")
    return f"{said}, had to be {' and '.join(limits)}" if limits else said


def _path(path: Sequence[PathPoint], aspect: float) -> Iterator[str]:
    if len(path) < 2:  # noqa: PLR2004 - a way has two ends
        return
    length, unit = length_of(path, aspect)
    took = number(path[-1].pts - path[0].pts)
    yield f"path {number(length)} {unit} long in {took} s, {len(path)} points"


def length_of(path: Sequence[PathPoint], aspect: float) -> tuple[float, str]:
    """In metres where all of it is on the ground, else in heights of the picture."""
    ground = [point.ground for point in path if point.ground is not None]
    if len(ground) == len(path):
        return sum(math.dist(a, b) for a, b in pairwise(ground)), "m"
    flat = [(point.x * aspect, point.y) for point in path]
    return sum(math.dist(a, b) for a, b in pairwise(flat)), "picture heights"


def _gap(gap: Gap) -> str:
    return (
        f"not seen from {gap.lost:.2f} s to {gap.found:.2f} s ({number(gap.found - gap.lost)} s): "
        "found again, or somebody new was taken for it"
    )


def _motion(motion: Motion) -> Iterator[str]:
    unit = UNITS["m/s" if motion.on_ground else "heights/s"]
    yield f"moves at {number(motion.speed)}{unit}, give or take {number(motion.speed_sd)}"
    if motion.heading_sd >= NO_HEADING:
        yield "heading unknown: it stands still"
        return
    way = "on the ground" if motion.on_ground else WAYS[round(motion.heading / 45) % len(WAYS)]
    heading = f"{motion.heading:.0f} degrees"
    yield f"heading {heading} ({way}), give or take {motion.heading_sd:.0f}"
