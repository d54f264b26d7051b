"""A camera's second, larger stream: key pictures of it, for evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.detect import Detector
from edge.geometry import rescaled
from edge.pipeline import People, Seen
from edge.privacy import masked
from edge.stream.slots import Slots
from edge.stream.supervisor import CameraThread
from edge.types import Frame, Points, Scene, Tracks

SUFFIX = "/evidence"  # of the names of the second streams, in logs and metrics
MOST_APART_S = 3.0  # an older picture shows another moment


@dataclass(slots=True)
class SecondStreams:
    """Keeps the newest key picture of each; used by the analysis thread.

    Who is in it is found by the detector, and where people were in the analysed picture is
    hidden too: the two were not taken at the same moment.
    """

    slots: Slots
    detector: Detector
    masks: Mapping[str, Sequence[Points]]  # by camera
    threads: Sequence[CameraThread] = ()
    _newest: dict[str, Frame] = field(default_factory=dict)

    def scene(self, like: Scene) -> Scene | None:
        """The picture nearest to this one, as a scene; None where there is none near enough."""
        for frame in self.slots.take(0):
            self._newest[frame.camera.removesuffix(SUFFIX)] = frame
        camera = like.frame.camera
        newest = self._newest.get(camera)
        if newest is None or abs(newest.box_time - like.frame.box_time) > MOST_APART_S:
            return None
        frame = masked(newest, self.masks[camera])
        found = self.detector.detect([frame.picture])[0]
        people = People().update(Tracks.empty(), Seen(found), frame.pts)
        there = rescaled(like.people, like.frame.size, frame.size)
        return Scene(frame, Tracks.empty(), np.vstack((people, there)))
