"""Whether a camera still shows what it should: dark, bright, frozen, blurred, covered, moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from edge.rules.image_measures import Comparison, Eye, Look, Reference, sharp
from edge.rules.moment import TICK_S, moment
from edge.rules.view import View
from edge.types import Event, Frame, Kind, State

RULE = "image-health"
KINDS = {
    "dark": Kind.IMAGE_DARK,
    "bright": Kind.IMAGE_BRIGHT,
    "frozen": Kind.IMAGE_FROZEN,
    "blurred": Kind.IMAGE_BLURRED,
    "covered": Kind.CAMERA_COVERED,
    "moved": Kind.SCENE_CHANGED,
}
GAP_S = 5.0  # a longer time without pictures counts as this long
LAYOUT = 0.5  # brightness over the picture still lies as it did: out of focus, not covered


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What makes an alert; times are seconds in which pictures came. The defaults suit most."""

    after_s: float = 10.0  # dark, bright, blurred, covered for so long raises
    frozen_s: float = 20.0  # identical for so long raises; above the camera's longest key interval
    moved_s: float = 15.0  # another scene for so long raises; above what a truck takes to pass
    clear_s: float = 5.0  # healthy for so long clears
    learn_s: float = 15.0  # healthy pictures before blurred, covered, moved are judged
    accept_s: float = 600.0  # a new scene that stays for so long becomes the usual one
    look_s: float = 0.5  # between two looks, at least
    dark_level: float = 28.0  # brightness, 0..255; dark if only 2 % of the picture exceed it
    bright_share: float = 0.6  # of the picture, 0..1; bright if so much of it is overexposed
    blurred_share: float = 0.45  # of the usual sharpness, 0..1; blurred below it
    blurred_floor: float = 0.06  # fine to coarse structure, 0..1; blurred below, until learned
    kept_share: float = 0.55  # of the picture, 0..1; covered or moved if less is where it was
    off: frozenset[str] = frozenset()  # of dark, bright, frozen, blurred, covered, moved

    def __post_init__(self) -> None:
        if unknown := self.off - KINDS.keys():
            raise ValueError(
                f"off: unknown {', '.join(sorted(unknown))}; choose from {', '.join(KINDS)}"
            )

    @property
    def patience(self) -> dict[str, float]:
        """Seconds after which each trouble is raised."""
        own = {"frozen": self.frozen_s, "moved": self.moved_s}
        return {key: own.get(key, self.after_s) for key in KINDS}


class ImageHealth:
    """One alert at a time about the picture of one camera, whatever it suffers from.

    It lives through the camera's sessions: what is open stays open, and a camera that comes back
    looking elsewhere has moved. Where several troubles explain a look, the first of dark or
    bright, frozen, blurred or covered, moved is told; dark comes before frozen because black
    has no noise. The reference learns only from looks that have no trouble.
    """

    def __init__(
        self, camera: str, *, thresholds: Thresholds | None = None, rule: str = RULE
    ) -> None:
        self._camera, self._rule = camera, rule
        self._thresholds = thresholds or Thresholds()
        self._eye, self._reference = Eye(), Reference()
        self._candidate: Reference | None = None  # the new scene, while the camera is moved
        self._before: Look | None = None
        self._looked: tuple[int, float] | None = None  # session and pts
        self._standing = Standing(self._thresholds.patience, clear_s=self._thresholds.clear_s)

    def update(self, view: View) -> list[Event]:
        """Look, if it is time to, and tell what begins or ends."""
        frame = view.frame
        dt = self._since_last(frame)
        if dt is None:
            return []
        look = self._eye.look(frame.picture)
        trouble = self._trouble(look, dt)
        self._before = look
        if trouble is None:
            self._reference.learn(look, dt)
        accepted = self._study(trouble, look, dt)
        told = trouble if trouble not in self._thresholds.off and not accepted else None
        return list(self._tell(told, frame, dt=dt, accepted=accepted))

    def close(self, frame: Frame, reason: str) -> list[Event]:
        """Clear what is open. What the camera usually shows is not forgotten."""
        key, self._looked = self._standing.reset(), None
        return [self._event(State.CLEARED, key, reason, frame)] if key else []

    def _since_last(self, frame: Frame) -> float | None:
        """Seconds since the last look; None: too soon. 0 across sessions: pts began anew."""
        if self._looked is None or self._looked[0] != frame.session:
            dt = 0.0
        else:
            dt = frame.pts - self._looked[1]
            if 0 <= dt < self._thresholds.look_s - TICK_S:
                return None
        self._looked = (frame.session, frame.pts)
        return min(max(dt, 0.0), GAP_S)

    def _trouble(self, look: Look, dt: float) -> str | None:
        compared = self._reference.compare(look, dt)  # first: it follows every look
        if plain := self._plain(look):
            return plain
        if self._reference.age_s >= self._thresholds.learn_s - TICK_S:
            return self._against(compared) if compared else None
        focus = sharp(look.fine[look.valid], look.coarse[look.valid])
        return "blurred" if focus < self._thresholds.blurred_floor else None

    def _plain(self, look: Look) -> str | None:
        """What is seen without knowing the camera."""
        if look.high < self._thresholds.dark_level:
            return "dark"
        if look.clipped >= self._thresholds.bright_share:
            return "bright"
        if self._before is not None and np.array_equal(look.detail, self._before.detail):
            return "frozen"
        return None

    def _against(self, seen: Comparison) -> str | None:
        """What keeps the picture from being the usual one."""
        soft = seen.sharpness < self._thresholds.blurred_share
        if seen.kept >= self._thresholds.kept_share:
            return "blurred" if soft else None
        if seen.smooth:
            return "blurred" if soft and seen.layout >= LAYOUT else "covered"
        return "moved"

    def _study(self, trouble: str | None, look: Look, dt: float) -> bool:
        """Learn the new scene of a moved camera; whether it was taken for the usual one now."""
        if trouble is None:
            self._candidate = None
        if trouble != "moved":
            return False
        new = self._candidate or Reference()
        seen = new.compare(look, dt)
        known = new.age_s >= self._thresholds.learn_s
        if known and seen is not None and seen.kept < self._thresholds.kept_share:
            new = Reference()  # it moved again
        new.learn(look, dt)
        self._candidate = new
        if new.age_s < self._thresholds.accept_s - TICK_S:
            return False
        self._reference, self._candidate = new, None
        return True

    def _tell(
        self, trouble: str | None, frame: Frame, *, dt: float, accepted: bool
    ) -> Iterator[Event]:
        if accepted and self._standing.key == "moved":
            self._standing.reset()
            yield self._event(State.CLEARED, "moved", "accepted", frame)
        cleared, raised = self._standing.step(trouble, dt)
        if cleared:
            yield self._event(State.CLEARED, cleared, "superseded" if raised else "restored", frame)
        if raised:
            yield self._event(State.RAISED, raised, raised, frame)

    def _event(self, state: State, key: str, reason: str, frame: Frame) -> Event:
        return Event(
            kind=KINDS[key],
            camera=self._camera,
            rule=self._rule,
            state=state,
            key=key,
            reason=reason,
            **moment(frame),
        )


class Standing:
    """The one alert that is open, if any, and how long each trouble was seen."""

    def __init__(self, patience: Mapping[str, float], *, clear_s: float) -> None:
        self._patience, self._clear_s = patience, clear_s
        self.key: str | None = None
        self._held: dict[str, float] = {}
        self._healthy: float | None = None

    def step(self, trouble: str | None, dt: float) -> tuple[str | None, str | None]:
        """What is cleared and what is raised after one more look, `dt` after the last.

        Troubles that take turns add up, each on its own; an open alert gives way to another
        trouble only where that one lasted without the open one being seen in between.
        """
        if trouble is None or trouble == self.key:
            self._held.clear()
        if trouble is None:
            return self._recover(dt), None
        if trouble == self.key:
            self._healthy = None
            return None, None
        self._held[trouble] = self._held.get(trouble, -dt) + dt
        if self._held[trouble] < self._patience[trouble] - TICK_S:
            return None, None
        cleared = self.reset()
        self.key = trouble
        return cleared, trouble

    def reset(self) -> str | None:
        """Forget everything; returns what was open."""
        was, self.key, self._healthy = self.key, None, None
        self._held.clear()
        return was

    def _recover(self, dt: float) -> str | None:
        if self.key is None:
            return None
        self._healthy = 0.0 if self._healthy is None else self._healthy + dt
        return self.reset() if self._healthy >= self._clear_s - TICK_S else None
