"""The newest picture of each camera as the console may see it, encoded once however many look."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from edge import privacy
from edge.serve.answers import SeenObject
from edge.types import CLASSES, Scene

KEPT = 4  # so that a viewer who was told of a picture still gets just that one


@dataclass(frozen=True, slots=True)
class Picture:
    """One analysed picture: people pixelated, masks burned in, and what was seen in it."""

    session: int
    index: int
    time: float  # Unix seconds
    width: int
    height: int
    objects: tuple[SeenObject, ...]
    jpeg: bytes

    @property
    def name(self) -> str:
        """What tells it from every other picture of its camera."""
        return f"{self.session}-{self.index}"


@dataclass(slots=True)
class _Shelf:
    lock: Lock = field(default_factory=Lock)
    pictures: deque[Picture] = field(default_factory=lambda: deque(maxlen=KEPT))


class Pictures:
    """The last few pictures that somebody looked at, per camera."""

    def __init__(self, scene_of: Callable[[str], Scene | None]) -> None:
        self._scene_of = scene_of
        self._shelves: dict[str, _Shelf] = {}

    def newest(self, camera: str) -> Picture | None:
        """The newest analysed picture; None before the first."""
        shelf = self._shelves.setdefault(camera, _Shelf())
        with shelf.lock:
            scene = self._scene_of(camera)
            if scene is None:
                return None
            if not shelf.pictures or not _shows(shelf.pictures[-1], scene):
                shelf.pictures.append(_picture(scene))
            return shelf.pictures[-1]

    def named(self, camera: str, name: str) -> Picture | None:
        """The picture of this name; None when it is no longer kept."""
        shelf = self._shelves.setdefault(camera, _Shelf())
        with shelf.lock:
            return next((one for one in shelf.pictures if one.name == name), None)


def _shows(picture: Picture, scene: Scene) -> bool:
    return (picture.session, picture.index) == (scene.frame.session, scene.frame.index)


def _picture(scene: Scene) -> Picture:
    frame = scene.frame
    width, height = frame.size
    return Picture(
        session=frame.session,
        index=frame.index,
        time=frame.time,
        width=width,
        height=height,
        objects=_objects(scene, width, height),
        jpeg=privacy.jpeg(frame.image, scene.people),
    )


def _objects(scene: Scene, width: int, height: int) -> tuple[SeenObject, ...]:
    """Class, score and box; track ids stay inside."""
    names = {number: name for name, number in CLASSES.items()}
    tracks = scene.tracks
    boxes = (tracks.xyxy / (width, height, width, height)).clip(0, 1).round(4)
    return tuple(
        SeenObject(names[int(class_id)], round(float(score), 3), tuple(box.tolist()))
        for class_id, score, box in zip(tracks.class_id, tracks.score, boxes, strict=True)
    )
