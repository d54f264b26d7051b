"""Opens and loses a camera many times, and looks at what stays behind."""

import contextlib
from dataclasses import dataclass

from benchmarks.machine import held
from edge.errors import StreamError
from edge.stream import source_for

FRAMES = 3  # of each session
LOSE_EVERY = 2  # every second session is broken by the camera, the others end by themselves


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds after so many sessions."""

    sessions: int
    rss_mib: float
    fds: int


def reconnect(camera, times, *, place="h264/again", transport="tcp", every=10):
    """Samples after every so many sessions, the first one before all."""
    url = camera.url(place)
    source = source_for("again", url, transport=transport, fps=60.0, stall_s=5.0)
    samples = [sample(0)]
    for session in range(1, times + 1):
        hold(source, camera, place, session)
        if session % every == 0:
            samples.append(sample(session))
    return samples


def hold(source, camera, place, session):
    """One session: a few frames, then an end of one kind or the other."""
    frames = source.frames(session)
    for _ in range(FRAMES):
        next(frames)
    if session % LOSE_EVERY == 0:
        camera.reset(place)
        with contextlib.suppress(StreamError):
            for _ in frames:
                pass
    frames.close()


def sample(sessions):
    """What this process holds now."""
    return Sample(sessions, *held())
