"""Other people's trackers behind one small adapter: no appearance, no camera motion, no GPL."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from benchmarks.mot import Trails
from benchmarks.result import SkipBenchmark
from benchmarks.sequences import MotSequence
from benchmarks.walkers import FPS
from edge.types import Boxes, Detections, Ids

SURE = 0.5  # the least score for those that have no threshold of their own
DELAY = 2  # frames in which a track is seen before it is told, for those that ask
BYTE = "supervision ByteTrack"


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames a second that a tracker gets, and that the recording had."""

    fps: float
    source_fps: float


class Peer(Protocol):
    """One tracker of one camera."""

    def given(self, found: Detections) -> Any:
        """The detections as its update takes them."""

    def update(self, given: Any, pts: float) -> Any:
        """What it answers to one frame; this alone is timed."""

    def told(self, answer: Any) -> tuple[Ids, Boxes]:
        """The ids and boxes of an answer."""


Make = Callable[[Rate], Peer]


class Supervised:
    """Takes and gives supervision's Detections; with `timed` also the time of the frame."""

    def __init__(self, update: Callable[..., Any], *, timed: bool = False) -> None:
        self._update, self._timed = update, timed
        self._detections = _imported("supervision").Detections

    def given(self, found: Detections) -> Any:
        """See `Peer`."""
        return self._detections(
            xyxy=found.xyxy.copy(), confidence=found.score.copy(), class_id=found.class_id.copy()
        )

    def update(self, given: Any, pts: float) -> Any:
        """See `Peer`."""
        return self._update(given, timestamp=pts) if self._timed else self._update(given)

    def told(self, answer: Any) -> tuple[Ids, Boxes]:
        """See `Peer`; what it does not track has the id -1."""
        tracked = answer.tracker_id >= 0
        return answer.tracker_id[tracked].astype(np.int64), answer.xyxy[tracked].astype(np.float32)


class Norfair:
    """norfair with the overlap of boxes; these thresholds did well of a few that were tried."""

    def __init__(self, fps: float) -> None:
        self._norfair, self._frame = _imported("norfair"), 0
        self._tracker = self._norfair.Tracker(
            distance_function="iou",
            distance_threshold=0.8,
            hit_counter_max=max(DELAY + 1, round(fps)),  # a second, as the others'
            initialization_delay=DELAY,
        )

    def given(self, found: Detections) -> Any:
        """See `Peer`."""
        self._frame += 1
        boxes = found.xyxy[found.score >= SURE].reshape(-1, 2, 2).astype(np.float64)
        return [self._norfair.Detection(points=box, data=self._frame) for box in boxes]

    def update(self, given: Any, pts: float) -> Any:  # noqa: ARG002 - it knows frames only
        """See `Peer`."""
        return self._tracker.update(detections=given)

    def told(self, answer: Any) -> tuple[Ids, Boxes]:
        """See `Peer`: the boxes as detected, which score better than its estimates."""
        seen = [one for one in answer if one.last_detection.data == self._frame]
        return _rows([one.id for one in seen], [one.last_detection.points for one in seen])


class Motpy:
    """motpy, whose tracks are told when they were seen twice and are seen now."""

    def __init__(self, fps: float) -> None:
        self._motpy = _imported("motpy")
        self._numbers: dict[str, int] = {}  # its ids are UUIDs
        active = {"min_steps_alive": DELAY, "max_staleness": 1}
        self._tracker = self._motpy.MultiObjectTracker(dt=1 / fps, active_tracks_kwargs=active)

    def given(self, found: Detections) -> Any:
        """See `Peer`."""
        sure = found[found.score >= SURE]
        rows = zip(sure.xyxy.astype(np.float64), sure.score.tolist(), strict=True)
        return [self._motpy.Detection(box=box, score=score) for box, score in rows]

    def update(self, given: Any, pts: float) -> Any:  # noqa: ARG002 - it knows frames only
        """See `Peer`."""
        return self._tracker.step(given)

    def told(self, answer: Any) -> tuple[Ids, Boxes]:
        """See `Peer`: its estimates, for it does not say which detection is whose."""
        ids = [self._numbers.setdefault(one.id, len(self._numbers)) for one in answer]
        return _rows(ids, [one.box for one in answer])


class Cameras:
    """So many cameras, each with a tracker of its own."""

    def __init__(self, count: int, *, make: Make) -> None:
        self._peers = [make(Rate(FPS, FPS)) for _ in range(count)]

    def given(self, found: Sequence[Detections]) -> list[Any]:
        """The cameras' detections as their updates take them."""
        return [peer.given(one) for peer, one in zip(self._peers, found, strict=True)]

    def update(self, given: Sequence[Any], pts: float) -> list[Any]:
        """What the trackers answer; this alone is timed."""
        return [peer.update(one, pts) for peer, one in zip(self._peers, given, strict=True)]


def byte_track(rate: Rate, **options: float) -> Peer:
    """Make supervision's ByteTrack."""
    tracker = _imported("supervision").ByteTrack(frame_rate=rate.fps, **options)
    return Supervised(tracker.update_with_detections)


def roboflow(rate: Rate, *, name: str, timed: bool = False, **options: bool) -> Peer:
    """Make a tracker of the package trackers; `timed`: in frames of the source, by time."""
    fps = rate.source_fps if timed else rate.fps
    tracker = getattr(_imported("trackers"), name)(frame_rate=fps, **options)
    return Supervised(tracker.update, timed=timed)


# The libraries' own defaults but for the frame rate, and what is said beside them.
PEERS: dict[str, Make] = {
    BYTE: byte_track,
    "trackers ByteTrack": partial(roboflow, name="ByteTrackTracker"),
    "trackers SORT": partial(roboflow, name="SORTTracker"),
    "trackers OC-SORT": partial(roboflow, name="OCSORTTracker"),
    "trackers C-BIoU": partial(roboflow, name="CBIoUTracker"),
    "trackers BoT-SORT": partial(roboflow, name="BoTSORTTracker", enable_cmc=False),
    "norfair": lambda rate: Norfair(rate.fps),
    "motpy": lambda rate: Motpy(rate.fps),
}
# The same code with other settings: scored, but not timed again.
VARIANTS: dict[str, Make] = {
    f"{BYTE}, MOT17 settings": partial(
        byte_track, track_activation_threshold=0.6, minimum_matching_threshold=0.9
    ),
    "trackers C-BIoU, timestamps": partial(roboflow, name="CBIoUTracker", timed=True),
    "trackers BoT-SORT, timestamps": partial(
        roboflow, name="BoTSORTTracker", timed=True, enable_cmc=False
    ),
}
REMEDIES = {
    "supervision": "it comes with the extra `bench`",
    "trackers": "it comes with the extra `bench`",
    "motpy": "it comes with the extra `bench`",
    "norfair": "its own bounds shut out our NumPy: pip install --no-deps norfair filterpy",
}


def present(known: Mapping[str, Make]) -> tuple[dict[str, Make], dict[str, str]]:
    """Those that are installed, and of the others why they are not here."""
    here, absent = {}, {}
    for name, make in known.items():
        try:
            make(Rate(30.0, 30.0))
        except SkipBenchmark as reason:
            absent[name] = str(reason)
        else:
            here[name] = make
    return here, absent


def trails(sequence: MotSequence, *, make: Make) -> Trails:
    """What a fresh peer says of a sequence, frame by frame."""
    peer = make(Rate(sequence.fps, sequence.source_fps))
    told = [
        peer.told(peer.update(peer.given(found), pts))
        for found, pts in zip(sequence.found, sequence.times, strict=True)
    ]
    ids = [np.zeros(0, np.int64), *(ids for ids, _ in told)]
    boxes = [np.zeros((0, 4), np.float32), *(boxes for _, boxes in told)]
    frame = np.repeat(np.arange(len(told)), [len(ids) for ids, _ in told])
    return Trails(frame, np.concatenate(ids), np.concatenate(boxes))


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise SkipBenchmark(f"{name} is not installed; {REMEDIES[name]}") from None


def _rows(ids: list[int], boxes: list[Any]) -> tuple[Ids, Boxes]:
    return np.array(ids, np.int64), np.array(boxes, np.float32).reshape(-1, 4)
