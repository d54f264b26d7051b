"""A camera's rules as the service makes them of its configuration."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.fleet import site_of
from edge.cameras import ground_of, rules_for
from edge.rules import Rule
from edge.types import Homography

CAMERA = "ruled"
Point = tuple[float, float]
Settings = Mapping[str, object]


def rules_of(
    rules: Sequence[Settings], ground: Sequence[Settings] = ()
) -> tuple[Sequence[Rule], Homography | None]:
    """The rules of one camera, all that are in the table, and its homography where it has one."""
    camera = {
        "name": CAMERA,
        "url": "rtsp://127.0.0.1/unused",
        "ground": list(ground),
        "rules": list(rules),
    }
    with tempfile.TemporaryDirectory() as folder:
        settings = site_of(Path(folder), [camera]).settings
    return rules_for(settings.cameras[0], settings), ground_of(settings.cameras[0])
