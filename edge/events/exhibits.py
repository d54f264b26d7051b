"""What is shown of an alert: the moment it was raised, the best view, its end, a short clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
import structlog

from edge import privacy
from edge.errors import FencelineError
from edge.events.evidence import JPEG
from edge.events.reel import Clip, Reel
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.types import Event, Scene

T = TypeVar("T")
BETTER = 1.4  # times as good, before a view replaces the one before: a JPEG costs
PAUSE_S = 1.0  # between two views of one alert
MOST_AREA = 0.1  # of the picture: somebody nearer shows no more
CUT_OFF = 0.5  # what the border cuts off is worth half
MOST_FOLLOWED = 16  # open alerts of a camera that get more than the picture of their moment


class Shelf(Protocol):
    """Where evidence is kept; raises OSError or ValueError."""

    def write(self, scene: Scene, role: pb.EvidenceRole) -> pb.Evidence:
        """Store a picture."""

    def keep(self, data: bytes, media_type: str, role: pb.EvidenceRole) -> pb.Evidence:
        """Store what is masked and pixelated already."""

    def sweep(self) -> None:
        """Delete what is past retention."""


@dataclass(frozen=True, slots=True)
class Clips:
    """How clips are made."""

    encoder: Callable[[tuple[int, int], float], Clip]  # of a size, at so many pictures a second
    before_s: float = 4.0
    after_s: float = 8.0
    width: int = 480
    fps: float = 5.0

    def reel(self) -> Reel:
        """A reel of one camera."""
        return Reel(
            lambda size: self.encoder(size, self.fps),
            before_s=self.before_s,
            after_s=self.after_s,
            width=self.width,
            fps=self.fps,
        )


@dataclass(slots=True)
class _Followed:
    """An open alert, and the best view of its object so far, pixelated."""

    camera: str
    track: int | None  # None: there is no object
    quality: float
    pts: float
    jpeg: bytes | None = None  # None: the moment it was raised is the best


@dataclass(slots=True)
class _Filming:
    """One camera's reel and the alerts that its clip belongs to."""

    reel: Reel
    alerts: list[str] = field(default_factory=list)


class Exhibits:
    """Gathers evidence of all cameras; used by one thread.

    What can't be made or stored is left out, counted, and logged once until something can be: an
    event is never held up or lost for it.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        clips: Clips | None,
        metrics: Metrics,
        larger: Callable[[Scene], Scene | None] = lambda _scene: None,
    ) -> None:
        self._shelf, self._clips, self._metrics = shelf, clips, metrics
        self._larger = larger
        self._filming: dict[str, _Filming] = {}
        self._followed: dict[str, _Followed] = {}  # by alert
        self._pictures: dict[str, pb.Evidence | None] = {}  # of what is seen now, by what they show
        self._works = True

    def see(self, scene: Scene) -> Mapping[str, pb.Evidence]:
        """Called first, with every analysed picture; the clips that are ready now, by alert."""
        self._pictures = {}
        self._look(scene)
        if self._clips is None:
            return {}
        camera = scene.frame.camera
        if camera not in self._filming:
            self._filming[camera] = _Filming(self._clips.reel())
        mine = self._filming[camera]
        self._film(mine, lambda: mine.reel.see(scene))
        return self._finish(mine) if mine.reel.is_over else {}

    def open(self, alert_id: str, event: Event, scene: Scene) -> pb.Evidence | None:
        """An alert was raised: its picture."""
        mine = sum(one.camera == event.camera for one in self._followed.values())
        if mine < MOST_FOLLOWED:
            self._follow(alert_id, event, scene)
        return self._picture(scene, pb.EVIDENCE_ROLE_RAISED)

    def large(self, scene: Scene) -> list[pb.Evidence]:
        """The moment in the camera's larger stream, where it has one; shared like the picture."""
        picture = self._shared("larger", lambda: self._write_larger(scene))
        return [] if picture is None else [picture]

    def close(
        self, alert_id: str, event: Event, scene: Scene | None
    ) -> tuple[list[pb.Evidence], Mapping[str, pb.Evidence]]:
        """An alert was cleared: what else there is of it; and its clip, by whom else it shows."""
        followed = self._followed.pop(alert_id, None)
        if followed is None:
            return [], {}
        filming = self._filming.get(event.camera)
        ready = dict(self._finish(filming)) if filming and alert_id in filming.alerts else {}
        found = [ready.pop(alert_id, None), self._best(followed)]
        if scene is not None and scene.frame.time == event.time:  # not of another session
            found.append(self._picture(scene, pb.EVIDENCE_ROLE_CLEARED))
        return [one for one in found if one is not None], ready

    def forget(self, alert_id: str) -> None:
        """The alert never came to be."""
        self._followed.pop(alert_id, None)
        for mine in self._filming.values():
            mine.alerts = [one for one in mine.alerts if one != alert_id]

    def sweep(self) -> None:
        """Delete what is past retention."""
        try:
            self._shelf.sweep()
        except OSError:
            self._metrics.evidence_errors.inc()

    def _follow(self, alert_id: str, event: Event, scene: Scene) -> None:
        track, frame = event.sighting.track if event.sighting else None, scene.frame
        quality = _qualities(scene).get(track, 0.0)
        self._followed[alert_id] = _Followed(event.camera, track, quality, frame.pts)
        mine = self._filming.get(event.camera)
        if mine is not None:
            self._film(mine, lambda: mine.reel.begin(frame.pts))
            if mine.reel.running:
                mine.alerts.append(alert_id)

    def _look(self, scene: Scene) -> None:
        """Is this a better view of somebody?"""
        frame, jpeg = scene.frame, None
        followed = [one for one in self._followed.values() if one.camera == frame.camera]
        if not followed:
            return
        qualities = _qualities(scene)
        for one in followed:
            quality = qualities.get(one.track, 0.0)
            if quality > BETTER * one.quality and frame.pts - one.pts >= PAUSE_S:
                jpeg = jpeg or self._try(lambda: privacy.jpeg(frame.image, scene.people))
                if jpeg is None:
                    return
                one.quality, one.pts, one.jpeg = quality, frame.pts, jpeg

    def _best(self, followed: _Followed) -> pb.Evidence | None:
        jpeg = followed.jpeg
        if jpeg is None:
            return None
        return self._try(lambda: self._shelf.keep(jpeg, JPEG, pb.EVIDENCE_ROLE_BEST))

    def _picture(self, scene: Scene, role: pb.EvidenceRole) -> pb.Evidence | None:
        return self._shared(pb.EvidenceRole.Name(role), lambda: self._shelf.write(scene, role))

    def _write_larger(self, scene: Scene) -> pb.Evidence | None:
        larger = self._larger(scene)
        return None if larger is None else self._shelf.write(larger, pb.EVIDENCE_ROLE_RAISED)

    def _shared(self, what: str, make: Callable[[], pb.Evidence | None]) -> pb.Evidence | None:
        """Alerts of one moment share its pictures."""
        if what not in self._pictures:
            self._pictures[what] = self._try(make)
        return self._pictures[what]

    def _finish(self, mine: _Filming) -> Mapping[str, pb.Evidence]:
        """End the clip and store it, unless nobody wants it any more."""
        alerts, mine.alerts = mine.alerts, []
        if not alerts:
            mine.reel.drop()
            return {}
        made = self._film(mine, mine.reel.finish)
        if made is None:
            return {}
        data, media_type = made
        clip = self._try(lambda: self._shelf.keep(data, media_type, pb.EVIDENCE_ROLE_CLIP))
        return {} if clip is None else dict.fromkeys(alerts, clip)

    def _film(self, mine: _Filming, do: Callable[[], T]) -> T | None:
        """Do it, or lose the clip."""
        done, failed = None, True
        with self._counted():
            done, failed = do(), False
        if failed:
            mine.reel.drop()
            mine.alerts = []
        return done

    def _try(self, do: Callable[[], T | None]) -> T | None:
        """Do it, or count that it can't be done; None where there was nothing to do."""
        with self._counted():
            done = do()
            self._works = self._works or done is not None
            return done
        return None

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, FencelineError) as error:
            if self._works:
                structlog.get_logger().warning("evidence is missing", reason=str(error))
            self._works = False
            self._metrics.evidence_errors.inc()


def _qualities(scene: Scene) -> dict[int | None, float]:
    """How well each track can be seen."""
    tracks, (width, height) = scene.tracks, scene.frame.size
    x1, y1, x2, y2 = tracks.xyxy.T
    size = np.minimum(MOST_AREA, (x2 - x1) * (y2 - y1) / (width * height))
    cut = (x1 <= 1) | (y1 <= 1) | (x2 >= width - 1) | (y2 >= height - 1)
    quality = tracks.score * size * np.where(cut, CUT_OFF, 1.0)
    return dict(zip(tracks.id.tolist(), quality.tolist(), strict=True))
