"""`fenceline replay --explain`: each alert of a recording in words and pictures; what was near."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from edge.album import Album, Film, Page, filming
from edge.app import detector_for
from edge.artist import Artist
from edge.cameras import lane_for, rules_for, seen
from edge.config import Loaded
from edge.explain import headline, reasons
from edge.pipeline import Step
from edge.replay import camera_of, recording_of, steps
from edge.replay_inputs import inputs_of
from edge.settings import Camera
from edge.types import Scene, State
from edge.variants import Aside, loosened
from edge.written import worded

MOST_PAGES = 999  # pictures; of later alerts none is drawn
PAGE = re.compile(r"alert-\d{3}-[\w-]+\.jpg")
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose rules explain a recording, and where to what is drawn."""

    camera: str | None  # None: the first
    start: float  # Unix seconds of the first frame
    pictures: Path  # a folder
    film: Path | None = None  # a file; None: no film
    inputs: Sequence[str] = ()  # that are active, see `inputs_of`


def explained(loaded: Loaded, video: Path, asked: Asked) -> Iterator[str]:
    """Yield lines for people: each event, why it came to be, and where its picture is.

    At the end, for each rule: how many alerts it raised, and would have without one of its limits.
    Pictures of an earlier replay in the folder are deleted. Raises FencelineError.
    """
    camera, at = camera_of(loaded, asked.camera), inputs_of(asked.inputs, loaded.settings.inputs)
    near = Near(camera, loaded)
    with ExitStack() as stack:
        film = stack.enter_context(filming(asked.film)) if asked.film else None
        telling = Telling(camera, asked.pictures, film)
        lane = lane_for(camera, loaded.settings, beside=[near.aside])
        source = recording_of(camera, video, start=asked.start)
        detector = detector_for(loaded.settings)
        for step in steps(source, loaded.settings, detector=detector, lane=lane, inputs=at):
            yield from telling.tell(step)
        telling.close()
    yield from near.told(telling.raised)
    yield from telling.where(asked)


class Telling:
    """Words each event of a replay, and gives the album what is drawn of it."""

    def __init__(self, camera: Camera, folder: Path, film: Film | None) -> None:
        self.raised: Counter[str] = Counter()  # alerts by rule
        self._folder, self._film = folder, film
        self._artist, self._album = Artist(camera), Album(film)
        self._pages = self._left_out = 0
        self._last: Scene | None = None
        _empty(folder)

    def tell(self, step: Step) -> Iterator[str]:
        """Yield the lines of a frame's events."""
        self._artist.see(step)
        pages: list[Page] = []
        width, height = step.scene.frame.size
        for event in step.events:
            text = [headline(event), *(INDENT + line for line in reasons(event, width / height))]
            yield from text
            if event.state is State.RAISED:
                self.raised[event.rule] += 1
                page = self._page(event.rule)
                if page is not None:
                    pages.append((page, self._artist.page(event, step.scene, text)))
                    yield f"{INDENT}picture {page}"
        self._show(step.scene, pages)

    def close(self) -> None:
        """Write what waits to be written."""
        self._album.close()

    def where(self, asked: Asked) -> Iterator[str]:
        """Yield where pictures and film are."""
        more = f"; of {self._left_out} more alerts none" if self._left_out else ""
        yield f"{self._pages} pictures in {asked.pictures}{more}"
        if asked.film is not None and self._film is not None:
            left_out = self._film.left_out
            more = f"; it is full, the last {left_out} pictures are left out" if left_out else ""
            yield f"film in {asked.film}{more}"

    def _page(self, rule: str) -> Path | None:
        if self._pages >= MOST_PAGES:
            self._left_out += 1
            return None
        self._pages += 1
        return self._folder / f"alert-{self._pages:03}-{rule}.jpg"

    def _show(self, scene: Scene, pages: Sequence[Page]) -> None:
        fresh, self._last = scene is not self._last, scene  # the end comes with the last scene
        film = self._film is not None and fresh and self._film.lets(scene.frame.pts)
        self._album.see(scene, pages, self._artist.shot(scene) if film else None)


class Near:
    """What each rule of a camera would have raised without one of its limits."""

    def __init__(self, camera: Camera, loaded: Loaded) -> None:
        self._rules = seen(camera)
        looser = [(rule.name, *one) for rule in self._rules for one in loosened(rule)]
        self._tried = [(name, limit, words) for name, limit, words, _ in looser]
        others = camera.model_copy(update={"rules": tuple(other for *_, other in looser)})
        self.aside = Aside(rules_for(others, loaded.settings))

    def told(self, raised: Counter[str]) -> Iterator[str]:
        """Yield for each rule how many alerts it raised, and how many it would have."""
        for rule in self._rules:
            now = raised[rule.name]
            yield f"{rule.name} ({rule.type}): {now} alert{'' if now == 1 else 's'}"
            same: list[str] = []
            for (name, limit, words), found in zip(self._tried, self.aside.raised, strict=True):
                if name == rule.name and len(found) != now:
                    yield f"{INDENT}{len(found)} with {words}"
                elif name == rule.name:
                    same.append(limit)
            if same:
                yield f"{INDENT}as many without {', or without '.join(same)}"


def _empty(folder: Path) -> None:
    """Make the folder, or delete the pictures of an earlier replay there."""
    with worded(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if PAGE.fullmatch(path.name):
                path.unlink()
