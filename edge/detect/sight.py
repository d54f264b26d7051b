"""The eyes of the box: looks at parts of many cameras' pictures in as few model calls as it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.detect import Detector
from edge.detect.canvas import Canvas, pack, taken_apart
from edge.detect.gaze import Glance
from edge.types import Detections


@dataclass(slots=True)
class Tally:
    """What was spent so far."""

    calls: int = 0  # of the network, one input each
    computed: float = 0.0  # in inputs of the full size
    filled: float = 0.0  # of that with parts of pictures


class Sight:
    """Detections of glances, whatever camera they are of."""

    def __init__(self, detector: Detector, *, alone: bool = False) -> None:
        """With `alone` every part has a network input of its own."""
        self._detector, self._alone = detector, alone
        self.tally = Tally()

    @property
    def area(self) -> int:
        """Pixels of one network input."""
        width, height = self._detector.sizes[0]
        return width * height

    def see(self, glances: Sequence[Glance]) -> list[Detections]:
        """The detections of each glance, in pixels of its picture; raises ModelError."""
        wanted = [(row, look) for row, glance in enumerate(glances) for look in glance.looks]
        sizes = self._detector.sizes
        if self._alone:
            canvases = [canvas for one in wanted for canvas in pack([one], sizes[:1])]
        else:
            canvases = pack(wanted, sizes)
        pictures = [glance.frame.picture for glance in glances]
        found = self._detector.infer([canvas.image(pictures) for canvas in canvases])
        self._count(canvases)
        return taken_apart(canvases, found, pictures)

    def _count(self, canvases: Sequence[Canvas]) -> None:
        self.tally.calls += len(canvases)
        for canvas in canvases:
            self.tally.computed += canvas.size[0] * canvas.size[1] / self.area
            self.tally.filled += sum(one.look.cost for one in canvas.placed) / self.area
