"""From boxes to alerts, without pictures: whoever tracks them, our rules watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import peers, pets
from benchmarks.alerts_truth import Shapes
from benchmarks.ruled import CAMERA, rules_of
from benchmarks.sequences import MotSequence
from edge.picture import Still
from edge.pipeline import Pipeline
from edge.rules import Rule
from edge.rules.view import View
from edge.scoring import WAYS, Happening
from edge.settings import Track
from edge.track import Tracking
from edge.trajectories import tracking_for
from edge.types import CLASSES, Boxes, Detections, Event, Frame, Ids, State, Tracks

LOST_S = 2.0  # a peer's track that was not seen for so long has ended: none comes back so late
Follow = Callable[[MotSequence], Sequence[Tracks]]


@dataclass(frozen=True, slots=True, eq=False)
class Guarded:
    """A sequence, where its lines and zones are, and what really happens there."""

    sequence: MotSequence
    size: tuple[int, int]
    shapes: Shapes
    events: tuple[Happening, ...]

    @property
    def hours(self) -> float:
        """How long it is."""
        sequence = self.sequence
        return len(sequence.found) / sequence.fps / 3600


def ours(sequence: MotSequence) -> list[Tracks]:
    """What our tracker tells of each frame."""
    session = tracking_for(Track()).open()
    frames = zip(sequence.found, sequence.times, strict=True)
    told = [session.update(found, pts) for found, pts in frames]
    session.close()
    return told


def peers_of(make: peers.Make) -> Follow:
    """What another tracker tells of each frame, as ours would."""
    return lambda sequence: [*_told(sequence, make)]


def alerts(guarded: Guarded, tracks: Iterable[Tracks]) -> list[Happening]:
    """What the service's rules raise, with their defaults, where somebody is tracked so."""
    picture = Still(np.zeros((guarded.size[1], guarded.size[0], 3), np.uint8))
    rules, events = _rules(guarded.shapes), list[Event]()
    for index, (one, pts) in enumerate(zip(tracks, guarded.sequence.times, strict=True)):
        view = View(one, Frame(CAMERA, index, pts, pts, picture))
        events += [event for rule in rules for event in rule.update(view)]
    raised = [event for event in events if event.state is State.RAISED]
    return [Happening(event.rule, WAYS[event.direction], event.pts) for event in raised]


def sure(guarded: Guarded, tracks: Iterable[Tracks]) -> list[tuple[Happening, float]]:
    """The same alerts, each with its confidence, which the service's pipeline knows."""
    picture = Still(np.zeros((guarded.size[1], guarded.size[0], 3), np.uint8))
    pipeline, nobody = Pipeline(Tracking().open, _rules(guarded.shapes)), Detections.empty()
    events = list[Event]()
    for index, (one, pts) in enumerate(zip(tracks, guarded.sequence.times, strict=True)):
        frame = Frame(CAMERA, index, pts, pts, picture)
        events += pipeline.step(frame, nobody, tracks=one).events
    return [
        (Happening(event.rule, WAYS[event.direction], event.pts), event.confidence or 0.0)
        for event in events
        if event.state is State.RAISED
    ]


def _rules(shapes: Shapes) -> Sequence[Rule]:
    lines = [
        {"type": "tripwire", "name": name, "line": list(line)}
        for name, line in shapes.lines.items()
    ]
    zones = [
        {"type": "zone", "name": name, "polygon": list(zone), "dwell_s": pets.DWELL_S}
        for name, zone in shapes.zones.items()
    ]
    return rules_of([*lines, *zones])[0]


def _told(sequence: MotSequence, make: peers.Make) -> Iterator[Tracks]:
    peer = make(peers.Rate(sequence.fps, sequence.source_fps))
    seen: dict[int, float] = {}
    for found, pts in zip(sequence.found, sequence.times, strict=True):
        ids, xyxy = peer.told(peer.update(peer.given(found), pts))
        seen |= dict.fromkeys(ids.tolist(), pts)
        ended = [track for track, last in seen.items() if pts - last > LOST_S]
        for track in ended:
            del seen[track]
        yield _tracks(ids, xyxy, ended)


def _tracks(ids: Ids, xyxy: Boxes, ended: Sequence[int]) -> Tracks:
    """A peer's ids begin at 0, which is no track of ours; it tells no score of a track."""
    rows = len(ids)
    return Tracks(
        ids + 1,
        xyxy,
        np.ones(rows, np.float32),
        np.full(rows, CLASSES["person"], np.int64),
        np.zeros((rows, 2), np.float32),
        np.array(ended, np.int64) + 1,
    )
