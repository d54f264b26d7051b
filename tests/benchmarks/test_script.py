"""The baseline must be given its due: same lines, same directions, same zone."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.pets import Pets
from benchmarks.script import Watch, careful
from edge.rules.tripwire import Tripwire
from edge.rules.view import View
from edge.types import Direction
from tests.make import frame, tracks
from tests.rules.make_rules import built

# supervision 0.29 computes with what NumPy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:supervision")
SITE = Pets(
    clip=Path("none"),
    ground_truth=Path("none"),
    lines={"fence": ((50.0, 10.0), (50.0, 90.0))},
    zones={"yard": ((100.0, 0.0), (199.0, 0.0), (199.0, 99.0), (100.0, 99.0))},
    events=(),
)
BOX = (8.0, 20.0)  # width, height


def walk(xs, *, y=60.0):
    """Foot points at one position per frame, as rows of a run."""
    return [(i + 1, 7, x - BOX[0] / 2, y - BOX[1], *BOX) for i, x in enumerate(xs)]


def people(sv, row):
    _, track, x, y, width, height = row
    box = np.array([[x, y, x + width, y + height]], np.float32)
    return sv.Detections(xyxy=box, class_id=np.zeros(1, int), tracker_id=np.array([track]))


def alerts(sv, rows, **options):
    watch = Watch(sv, SITE, **options)
    return [alert for row in rows for alert in watch.alerts(people(sv, row), row[0] / 7)]


@pytest.mark.parametrize("xs", [range(20, 90, 5), range(90, 20, -5)])
def test_directions_are_those_of_our_tripwire(sv, xs):
    (said,) = alerts(sv, walk(xs))
    line = ((50 / 200, 0.1), (50 / 200, 0.9))
    rule = built(Tripwire, line=line, settle_s=0)
    events = [
        event
        for index, x in enumerate(xs)
        for event in rule.update(View(tracks({7: (x, 60)}), frame(index)))
    ]
    assert said.way == (1 if events[0].direction is Direction.INWARD else -1)


def test_a_zone_is_told_when_it_is_entered_and_again_after_it_was_left(sv):
    said = alerts(sv, walk([90, 120, 130, 140, 90, 120]))
    assert [(one.rule, one.way) for one in said] == [("yard", 0), ("yard", 0)]
    assert said[0].time == pytest.approx(2 / 7)


def test_a_zone_that_waits_is_told_after_its_dwell_time_without_a_break(sv):
    stays = [90, 120, 130, 90, 120, 120, 120, 120, 120, 120]
    (said,) = alerts(sv, walk(stays), dwell_s=0.5)
    assert said.time == pytest.approx(9 / 7)


def test_the_careful_script_watches_foot_points(sv):
    sideways = walk([45, 47, 53, 55])  # the corners never leave the line altogether
    wide = [(f, i, x - 40, y, w + 80, h) for f, i, x, y, w, h in sideways]
    assert alerts(sv, wide) == []
    (said,) = careful(SITE, wide)
    assert (said.rule, abs(said.way)) == ("fence", 1)
    assert said.time == pytest.approx(2 / 7)
