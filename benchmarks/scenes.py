"""Cameras' pictures for the region benchmark: eight at once, from the public clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame

from benchmarks import pets
from benchmarks.intel import CAR, PERSON, labels_of, path_of
from edge.stream import source_for
from edge.stream.decoded import Decoded, Scalers
from edge.types import CLASSES, Frame, Image

CAMERAS = 8
SIZE = (768, 432)  # of the Intel clips
TILES = 2  # along each side of a sparse picture
SPARSE = 160  # frames of each sparse camera
ACTIVE = 0.4  # of them with somebody in the picture, at most
CLEAR = 6  # frames from a labelled presence that are certainly empty


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody in the picture, as a person labelled it."""

    class_id: int
    first: int  # frames of the camera, from 0
    last: int
    tolerance: int


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """What one camera sees; its frames are told by the number they have in the clip."""

    frames: Sequence[Frame]
    presences: Sequence[Presence] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SceneSet:
    """Eight cameras at once."""

    name: str
    shots: Sequence[Shot]


def busy(*, quick: bool = False) -> SceneSet:
    """PETS 2009 S2.L1 in eight consecutive pieces: somebody is always there."""
    frames = _frames(pets.load().clip, pets.FPS)[: 200 if quick else None]
    return SceneSet("PETS, always busy", [Shot(piece) for piece in _pieces(frames)])


def everywhere() -> SceneSet:
    """All of PETS before every camera, each beginning an eighth later: to count alerts by.

    Where the clip begins again it is another session: nobody is there twice.
    """
    pieces = [*_pieces(_frames(pets.load().clip, pets.FPS))]
    shots = []
    for first in range(len(pieces)):
        later = [frame for piece in pieces[first:] for frame in piece]
        again = [replace(frame, session=1) for piece in pieces[:first] for frame in piece]
        shots.append(Shot([*later, *again]))
    return SceneSet("PETS, all of it at every camera", shots)


def one_by_one(*, quick: bool = False) -> SceneSet:
    """People one after the other, in eight consecutive pieces."""
    return _labelled(PERSON, "one by one", quick=quick)


def cars(*, quick: bool = False) -> SceneSet:
    """Cars under a changing exposure, in eight consecutive pieces."""
    return _labelled(CAR, "cars", quick=quick)


def sparse(*, quick: bool = False) -> SceneSet:
    """A wide view of small things: each picture is a mosaic of four small ones.

    Three of them loop empty stretches of the Intel clips, back and forth; the fourth does, too, but
    plays one labelled presence in less than half of the frames. Each camera has another presence.
    """
    clips = [_clip(name) for name in (PERSON, CAR)]
    images = [[_tile(frame.image) for frame in frames] for frames, _ in clips]
    empty = [_empty(small, presences) for small, (_, presences) in zip(images, clips, strict=True)]
    found = [(row, one) for row, (_, presences) in enumerate(clips) for one in presences]
    count = SPARSE // 3 if quick else SPARSE
    return SceneSet(
        "sparse",
        [
            _mosaic(images[row], empty, one, camera, count)
            for camera, (row, one) in enumerate(found[:CAMERAS])
        ],
    )


SCENES: Mapping[str, Callable[..., SceneSet]] = {
    "busy": busy,
    "one by one": one_by_one,
    "cars": cars,
    "sparse": sparse,
}


def _labelled(name: str, title: str, *, quick: bool) -> SceneSet:
    frames, presences = _clip(name)
    if quick:
        frames = frames[: len(frames) // 3]
    shots = [
        Shot(piece, [one for one in presences if _within(one, piece)]) for piece in _pieces(frames)
    ]
    return SceneSet(title, shots)


def _within(one: Presence, piece: Sequence[Frame]) -> bool:
    """Whether enough of a presence lies in the piece to be found there."""
    first, last = piece[0].index, piece[-1].index
    return min(one.last, last) - max(one.first, first) > 2 * one.tolerance + CLEAR


def _clip(name: str) -> tuple[list[Frame], list[Presence]]:
    of_clip = labels_of(name)
    presences = [
        Presence(CLASSES[one["class"]], one["first"], one["last"], of_clip["tolerance_frames"])
        for one in of_clip["presence"]
    ]
    return _frames(path_of(name), of_clip["fps"]), presences


def _frames(path: Path, fps: float) -> list[Frame]:
    source = source_for("benchmark", str(path), realtime=False, frame_rate=fps, start=0.0)
    return list(source.frames(0))


def _pieces(frames: Sequence[Frame]) -> Iterator[Sequence[Frame]]:
    size = -(-len(frames) // CAMERAS)
    return (frames[start : start + size] for start in range(0, len(frames), size))


def _tile(image: Image) -> Image:
    size = (SIZE[0] // TILES, SIZE[1] // TILES)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _empty(images: Sequence[Image], presences: Sequence[Presence]) -> list[Image]:
    """The longest stretch without anybody."""
    taken = np.zeros(len(images) + 1, bool)
    taken[-1] = True
    for one in presences:
        margin = one.tolerance + CLEAR
        taken[max(0, one.first - margin) : one.last + margin + 1] = True
    ends = np.flatnonzero(taken)
    starts = np.concatenate(([0], ends[:-1] + 1))
    longest = int((ends - starts).argmax())
    return list(images[starts[longest] : ends[longest]])


def _mosaic(
    images: Sequence[Image],
    empty: Sequence[Sequence[Image]],
    one: Presence,
    camera: int,
    count: int,
) -> Shot:
    scalers = Scalers()
    active = min(int(ACTIVE * count), one.last - one.first)
    start = count - active
    frames = []
    for index in range(count):
        tiles = [_swinging(empty[tile % len(empty)], index + 7 * tile) for tile in range(TILES**2)]
        if index >= start:
            tiles[camera % TILES**2] = images[one.first + index - start]
        else:
            own = empty[0] if images[0] is empty[0][0] else empty[-1]
            tiles[camera % TILES**2] = _swinging(own, index)
        rows = [np.hstack(tiles[row : row + TILES]) for row in range(0, TILES**2, TILES)]
        planes = cv2.cvtColor(np.vstack(rows), cv2.COLOR_BGR2YUV_I420)
        picture = Decoded(
            VideoFrame.from_ndarray(np.asarray(planes, np.uint8), format="yuv420p"), scalers
        )
        frames.append(Frame("benchmark", index, index / 10, index / 10, picture))
    return Shot(frames, [Presence(one.class_id, start, count - 1, one.tolerance)])


def _swinging(images: Sequence[Image], index: int) -> Image:
    """Back and forth, so that nothing jumps."""
    place = index % (2 * len(images))
    return images[min(place, 2 * len(images) - 1 - place)]
