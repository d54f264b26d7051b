"""Watches one camera as the service does, and notes when which frame came."""

import threading
import time
from dataclasses import dataclass
from itertools import groupby, pairwise

from edge.metrics import Metrics
from edge.stream import source_for
from edge.stream.slots import Slots
from edge.stream.supervisor import CameraThread

TICK_S = 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame that reached analysis."""

    at: float  # monotonic
    pts: float
    session: int
    size: tuple[int, int]
    clock: str


class Watch:
    """A supervised camera and everything it gave, while the block is entered."""

    def __init__(self, name, url, **options):
        self._slots = Slots([name])
        self.source = source_for(name, url, **options)
        self._thread = CameraThread(name, self.source, self._slots, metrics=Metrics())
        self._reader = threading.Thread(target=self._read, name=f"watch-{name}", daemon=True)
        self.seen = []

    def __enter__(self):
        self.began = time.monotonic()
        self._reader.start()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._thread.stop()
        self._thread.join(30)
        self._slots.close()
        self._reader.join(30)

    def health(self):
        return self._thread.health()

    def wait(self, holds, *, within):
        """Whether it holds before the time is over."""
        deadline, pause = time.monotonic() + within, threading.Event()
        while not holds():
            if time.monotonic() > deadline:
                return False
            pause.wait(TICK_S)
        return True

    def after(self, moment, *, session=0):
        """The first frame after a moment, of this session or a later one; None: none yet."""
        later = (one for one in self.seen if one.at > moment and one.session >= session)
        return next(later, None)

    def gap(self, begin, end):
        """The longest time without a frame between two moments."""
        inside = [one.at for one in list(self.seen) if begin < one.at < end]
        return max(b - a for a, b in pairwise([begin, *inside, end]))

    def backwards(self):
        """How often the pts did not rise within a session."""
        return sum(b.pts <= a.pts for one in self.sessions() for a, b in pairwise(one))

    def drift(self):
        """How far pts and arrival come apart within a session, at most."""
        spans = ([one.pts - one.at for one in session] for session in self.sessions())
        return max((max(span) - min(span) for span in spans), default=0.0)

    def sessions(self):
        return [list(frames) for _, frames in groupby(list(self.seen), key=lambda one: one.session)]

    def _read(self):
        while not self._slots.closed:
            for frame in self._slots.take(0.2):
                seen = (frame.pts, frame.session, frame.size, str(frame.clock))
                self.seen.append(Seen(time.monotonic(), *seen))
