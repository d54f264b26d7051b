"""Gap linking: somebody who ended behind a post and somebody who began beside it are one.

A track that is confirmed is compared with those that are lost: both are followed towards each
other over the gap, and where they meet, and nobody fits better, the new one is the lost one, and
goes on under its id. For a while that can be taken back: who fits the lost one much better takes
its place. Place, speed, size and kind (people, two wheels,
vehicles) decide; nothing else is known of anybody.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from edge.track.numbers import BETTER, LEAST_GAP_S, MEET, MEET_PER_S, SCALE, SETTLED_S


@dataclass(frozen=True, slots=True)
class End:
    """Where a trajectory ends or begins, pixels and seconds."""

    pts: float
    place: tuple[float, float]  # of the box's centre
    velocity: tuple[float, float]  # per second
    height: float


@dataclass(frozen=True, slots=True)
class New:
    """A track that is to be confirmed now."""

    birth: int  # its number among the camera's tracks
    start: End
    now: float
    kind: int = 0  # of its class: people, two wheels and vehicles are never each other

    @property
    def moves(self) -> bool:
        """Whether it was seen for long enough to know its velocity."""
        return self.now - self.start.pts > SETTLED_S


@dataclass(frozen=True, slots=True)
class Lost:
    """A track that has an id and is not seen."""

    id: int
    end: End
    kind: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A link that may be taken back."""

    lost: Lost
    birth: int  # of the track that goes on for it
    misfit: float
    pts: float  # when it was made
    again: bool  # in the place of another link


class Linker:
    """The links of one camera session."""

    def __init__(self, link_s: float) -> None:
        self._link_s = link_s
        self._made: list[Made] = []

    @property
    def idle(self) -> bool:
        """Whether no link can be taken back any more."""
        return not self._made

    def link(
        self, new: Sequence[New], lost: Sequence[Lost], alive: Collection[int], now: float
    ) -> list[Made]:
        """The links that these new tracks make, at most one each, the best first.

        `alive` has the ids of tracks that have not ended. A link that is made `again` takes the
        place of one that was made a while ago.
        """
        self._made = [
            made for made in self._made if now - made.pts <= self._link_s and made.lost.id in alive
        ]
        gone = {one.id for one in lost}  # whose newest end is the one that counts
        held = {made.lost.id: made for made in self._made if made.lost.id not in gone}
        ends = [*lost, *(made.lost for made in held.values())]
        options = [
            (misfit, track, end)
            for track in new
            for end in ends
            if end.kind == track.kind
            and (misfit := self._misfit(end.end, track)) < self._limit(held.get(end.id))
        ]
        links: list[Made] = []
        for misfit, track, end in sorted(options, key=lambda option: option[0]):
            if not any(made.birth == track.birth or made.lost.id == end.id for made in links):
                links.append(Made(end, track.birth, misfit, now, end.id in held))
        made_now = {made.lost.id for made in links}
        self._made = [made for made in self._made if made.lost.id not in made_now] + links
        return links

    def _limit(self, held: Made | None) -> float:
        return 1.0 if held is None else held.misfit * BETTER

    def _misfit(self, end: End, track: New) -> float:
        """How far they miss each other in the middle of the gap, as a part of what is allowed."""
        start, gap = track.start, track.start.pts - end.pts
        if not LEAST_GAP_S < gap <= self._link_s:
            return math.inf
        one, other = max(end.height, 1.0), max(start.height, 1.0)
        if max(one, other) > SCALE * min(one, other):
            return math.inf
        after = start.velocity if track.moves else end.velocity
        across, down = (
            end.place[axis] + gap / 2 * (end.velocity[axis] + after[axis]) - start.place[axis]
            for axis in (0, 1)
        )
        return math.hypot(across, down) / ((one + other) / 2 * (MEET + MEET_PER_S * gap))
