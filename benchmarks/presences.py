"""Which labelled presences the tracks of a run show, and where they show nobody's."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from benchmarks.result import Cell
from benchmarks.scenes import Presence, SceneSet

Tracked = Mapping[tuple[int, int], AbstractSet[int]]  # camera and frame: classes of its tracks


def presences(tracked: Tracked, scene: SceneSet) -> dict[str, Cell]:
    """How many labelled presences a confirmed track shows, and tracks where none is labelled."""
    false = 0
    for number, shot in enumerate(scene.shots):
        labelled = {at for one in shot.presences for at in _span(one)}
        # A second after them a track that is lost may come back.
        near = {at + late for at in labelled for late in range(11)}
        false += sum(
            bool(tracked[number, frame.index]) for frame in shot.frames if frame.index not in near
        )
    total = sum(len(shot.presences) for shot in scene.shots)
    return {"presences": f"{len(shown(tracked, scene))} of {total}", "false": false}


def shown(tracked: Tracked, scene: SceneSet) -> set[tuple[int, int]]:
    """The labelled presences, by camera and place, that a confirmed track of their class shows."""
    return {
        (number, place)
        for number, shot in enumerate(scene.shots)
        for place, one in enumerate(shot.presences)
        if any(one.class_id in tracked.get((number, at), ()) for at in _span(one))
    }


def _span(one: Presence) -> range:
    return range(one.first - one.tolerance, one.last + one.tolerance + 1)
