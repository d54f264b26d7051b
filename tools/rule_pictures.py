"""Draw the pictures of docs/rules.md anew: `python -m tools.rule_pictures`.

Each is the page that `fenceline replay --explain` draws of one alert of the golden replays: people
in blocks, the rule, the way, the numbers that decided. Recordings whose terms don't let their
pictures be passed on are drawn on grey. Needs the public datasets (FENCELINE_DATA) and the model.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.datasets import dataset
from benchmarks.stage import table, yard
from edge.app import detector_for
from edge.cameras import lane_for
from edge.config import load
from edge.explain_command import Telling
from edge.picture import Still
from edge.pipeline import Step
from edge.replay import recording_of, steps
from edge.settings import Camera
from edge.stream import Source
from edge.types import Image

ROOT = Path(__file__).parents[1]
SITES = ROOT / "tests" / "rules" / "golden"
OUT = ROOT / "docs" / "images" / "rules"
GREY = 96


# The rule's type -> whose alert it is: site, the rule's name, and which of its alerts, from 1.
PICTURES: Mapping[str, tuple[str, str, int]] = {
    "tripwire": ("table", "goes-out", 1),
    "zone": ("table", "at-table", 3),
    "loitering": ("table", "lingers", 1),
    "sequence": ("table", "table-then-out", 2),
    "wrong_way": ("yard", "one-way", 2),
    "stopped": ("table", "stands", 1),
    "left_object": ("table", "case", 1),
    "occupancy": ("table", "never-alone", 1),
    "exclusion": ("crossroads", "off-the-van", 1),
    "tailgating": ("table", "one-at-a-time", 1),
}


def crossroads(camera: Camera) -> Source:
    """People at a crossroads, and a van."""
    return recording_of(camera, dataset("pets09_s2l1", "vtest.avi"))


SOURCES: Mapping[str, Callable[[Camera], Source]] = {
    "table": table,
    "yard": yard,
    "crossroads": crossroads,
}
ON_GREY = {"crossroads"}  # recordings whose pictures may not be passed on


def draw(site: str, folder: Path) -> None:
    """Explain a recording: a picture of each alert in the folder."""
    loaded = load(SITES / f"{site}.yaml")
    (camera,) = loaded.settings.cameras
    detector, lane = detector_for(loaded.settings), lane_for(camera, loaded.settings)
    telling = Telling(camera, folder, None)
    for step in steps(SOURCES[site](camera), loaded.settings, detector=detector, lane=lane):
        for _ in telling.tell(_on_grey(step) if site in ON_GREY else step):
            pass
    telling.close()


def _on_grey(step: Step) -> Step:
    width, height = step.scene.frame.size
    plain: Image = np.full((height, width, 3), GREY, np.uint8)
    frame = replace(step.scene.frame, picture=Still(plain))
    return replace(step, scene=replace(step.scene, frame=frame))


def _keep(site: str, folder: Path) -> Iterator[Path]:
    """Copy those of the folder's pictures that the docs show."""
    for kind, (where, rule, number) in PICTURES.items():
        if where == site:
            drawn = sorted(folder.glob(f"alert-*-{rule}.jpg"))
            yield Path(shutil.copyfile(drawn[number - 1], OUT / f"{kind}.jpg"))


def main() -> None:
    """Draw all of them."""
    OUT.mkdir(parents=True, exist_ok=True)
    for site in SOURCES:
        with tempfile.TemporaryDirectory() as name:
            draw(site, Path(name))
            for path in _keep(site, Path(name)):
                print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
