"""What is drawn of a replay: a sheet for each alert, and one for each picture of its film."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from edge.explain import headline, kind_of
from edge.geometry import unit_foot_points
from edge.pipeline import Step
from edge.settings import Camera
from edge.settings_rules import Rule
from edge.shapes import shapes_of
from edge.sketch import COLOURS, WHITE, Colour, Figure, Outline, Sheet
from edge.types import Event, Gap, PathPoint, Scene, Sighting, State, Tracks

TRAIL_S, TRAIL_POINTS = 4.0, 64  # of the way so far, behind somebody in a film
GAP_S = 0.5  # not seen for longer is a gap
ROWS = 4  # lines of text in a film, the time among them


class Artist:
    """Knows a camera's rules, which alerts are open, and where everybody came from."""

    def __init__(self, camera: Camera) -> None:
        self._outlines = {rule.name: [*_outlines(rule)] for rule in camera.rules}
        self._colours = {rule.name: COLOURS[rule.grade] for rule in camera.rules}
        self._open: dict[tuple[str, str], Event] = {}
        self._trails: dict[int, deque[PathPoint]] = {}

    def see(self, step: Step) -> None:
        """Take in what a frame led to; call once for each."""
        self._follow(step.scene.tracks, step.scene)
        for event in step.events:
            if event.state is State.CLEARED:
                self._open.pop((event.rule, event.key), None)
            else:
                self._open[event.rule, event.key] = event

    def page(self, event: Event, scene: Scene, text: Sequence[str]) -> Sheet:
        """The alert alone: its rule, whom it is about and how he came there; others small."""
        figures = [*self._others(scene, event.sighting)]
        if event.sighting is not None:
            figures.append(self._figure(event, event.sighting))
        return Sheet(self._outlines.get(event.rule, ()), figures, text)

    def shot(self, scene: Scene) -> Sheet:
        """All rules, everybody with his way so far, and the open alerts."""
        colours = self._alarming()
        figures = [
            replace(one, colour=colours.get(track, WHITE), bold=track in colours)
            for track, one in self._everybody(scene)
        ]
        figures += [
            self._figure(event, event.sighting)
            for event in self._open.values()
            if event.sighting and not event.sighting.track
        ]
        outlines = [one for some in self._outlines.values() for one in some]
        text = [f"{scene.frame.pts:.2f} s", *map(headline, reversed(self._open.values()))]
        if len(text) > ROWS:
            text = [*text[: ROWS - 1], f"and {len(text) - ROWS + 1} more open alerts"]
        return Sheet(outlines, figures, text, rows=ROWS)

    def _figure(self, event: Event, seen: Sighting) -> Figure:
        name = f"{kind_of(seen.class_id)} {seen.track or ''}".strip()
        colour = self._colours.get(event.rule, WHITE)
        return Figure(seen.box, colour, name, event.path, event.gaps, bold=True)

    def _others(self, scene: Scene, seen: Sighting | None) -> Iterator[Figure]:
        for track, figure in self._everybody(scene):
            if seen is None or track != seen.track:
                yield replace(figure, path=(), gaps=())

    def _everybody(self, scene: Scene) -> Iterator[tuple[int, Figure]]:
        tracks, (width, height) = scene.tracks, scene.frame.size
        rows = zip(tracks.id.tolist(), tracks.xyxy.tolist(), tracks.class_id.tolist(), strict=True)
        for track, (x1, y1, x2, y2), kind in rows:
            box = x1 / width, y1 / height, x2 / width, y2 / height
            trail = [*self._trails.get(track, ())]
            yield track, Figure(box, WHITE, f"{kind_of(kind)} {track}", trail, _gaps(trail))

    def _alarming(self) -> dict[int, Colour]:
        """Whom the open alerts are about."""
        seen = [(one.rule, one.sighting) for one in self._open.values()]
        return {one.track: self._colours.get(rule, WHITE) for rule, one in seen if one}

    def _follow(self, tracks: Tracks, scene: Scene) -> None:
        pts, feet = scene.frame.pts, unit_foot_points(tracks.xyxy, scene.frame.size).tolist()
        for old, new in tracks.split.items():
            self._trails[new] = self._trails.pop(old, deque())
            for key, event in self._open.items():
                if event.sighting and event.sighting.track == old:
                    self._open[key] = event.but(sighting=replace(event.sighting, track=new))
        for track, (x, y) in zip(tracks.id.tolist(), feet, strict=True):
            trail = self._trails.setdefault(track, deque(maxlen=TRAIL_POINTS))
            trail.append(PathPoint(x, y, pts))
            while pts - trail[0].pts > TRAIL_S:
                trail.popleft()
        for track in tracks.ended.tolist():
            self._trails.pop(track, None)


def _outlines(rule: Rule) -> Iterator[Outline]:
    """With its name; the steps of a sequence are numbered."""
    for number, shape in enumerate(shapes_of(rule), 1):
        name = f"{rule.name} {number}" if getattr(rule, "steps", ()) else rule.name
        yield Outline(shape, COLOURS[rule.grade], name)


def _gaps(trail: Sequence[PathPoint]) -> list[Gap]:
    return [Gap(a.pts, b.pts) for a, b in pairwise(trail) if b.pts - a.pts > GAP_S]
