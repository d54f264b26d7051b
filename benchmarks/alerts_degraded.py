"""Boxes and tracks made worse by a stated amount: missed, shaken, split."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.alerts_replay import LOST_S
from benchmarks.sequences import MotSequence
from edge.types import Detections, Tracks


@dataclass(frozen=True, slots=True)
class Level:
    """How much worse; the same in every run."""

    missed: float = 0.0  # part of the detections that is not there
    shaken: float = 0.0  # of the box's height: standard deviation of each of its edges
    split_s: float = 0.0  # a track goes on under another id after so long on average; 0: never


AS_THEY_ARE = "as they are"
JITTERY = "shaken by 0.05"
LEVELS: Mapping[str, Level] = {
    AS_THEY_ARE: Level(),
    "1 in 10 missed": Level(missed=0.1),
    "3 in 10 missed": Level(missed=0.3),
    "5 in 10 missed": Level(missed=0.5),
    "shaken by 0.02": Level(shaken=0.02),
    JITTERY: Level(shaken=0.05),
    "shaken by 0.10": Level(shaken=0.1),
    "split after 10 s": Level(split_s=10.0),
    "split after 3 s": Level(split_s=3.0),
    "split after 1 s": Level(split_s=1.0),
    "3 in 10 missed, shaken by 0.05, split after 3 s": Level(0.3, 0.05, 3.0),
}


def worse(sequence: MotSequence, level: Level) -> MotSequence:
    """Its detections, missed and shaken."""
    rng = _rng(sequence.name)
    found = [_shaken(_missed(one, level, rng), level, rng) for one in sequence.found]
    return replace(sequence, found=found)


def split(tracks: Sequence[Tracks], times: Sequence[float], level: Level) -> Sequence[Tracks]:
    """Tracks of which each goes on as another one from time to time, which nobody is told."""
    return [*_split(tracks, times, level.split_s)] if level.split_s else tracks


def _missed(found: Detections, level: Level, rng: np.random.Generator) -> Detections:
    return found[rng.uniform(size=len(found)) >= level.missed]


def _shaken(found: Detections, level: Level, rng: np.random.Generator) -> Detections:
    height = found.xyxy[:, 3:] - found.xyxy[:, 1:2]
    edges = found.xyxy + rng.normal(size=found.xyxy.shape) * level.shaken * height
    low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
    return replace(found, xyxy=np.hstack((low, high)).astype(np.float32))


def _split(tracks: Sequence[Tracks], times: Sequence[float], split_s: float) -> Iterator[Tracks]:
    """The lifetime of an id has no memory; that of one that was left ends LOST_S later."""
    rng, last = _rng("split"), 1 + max((int(one.id.max(initial=0)) for one in tracks), default=0)
    new: dict[int, int] = {}  # by the tracker's id
    until: dict[int, float] = {}  # by the tracker's id: when it is split
    left: dict[int, float] = {}  # by id: when it ends
    for one, pts in zip(tracks, times, strict=True):
        for track in one.id.tolist():
            if pts >= until.setdefault(track, pts + rng.exponential(split_s)):
                left[new.get(track, track)] = pts + LOST_S
                new[track], last = last, last + 1
                until[track] = pts + rng.exponential(split_s)
        ended = [new.get(track, track) for track in one.ended.tolist()]
        ended += [track for track, at in left.items() if at <= pts]
        left = {track: at for track, at in left.items() if at > pts}
        yield _renamed(one, new, ended)


def _renamed(one: Tracks, new: Mapping[int, int], ended: Sequence[int]) -> Tracks:
    ids = [new.get(track, track) for track in one.id.tolist()]
    return replace(
        one,
        id=np.array(ids, np.int64),
        ended=np.array(ended, np.int64),
        past={new.get(track, track): past for track, past in one.past.items()},
        split={new.get(a, a): new.get(b, b) for a, b in one.split.items()},
    )


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))
