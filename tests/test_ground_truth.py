"""Tracker and rules alone, on a real scene: its true boxes in, its true crossings out.

PETS09-S2L1 with the people's boxes as annotated (MOT15), every one taken for a detection of
score 1: whatever is missed or made up here is the tracker's or the rules' own fault.
"""

import numpy as np
import pytest

from benchmarks import pets
from benchmarks.result import SkipBenchmark
from edge.picture import Still
from edge.pipeline import Pipeline
from edge.rules.tripwire import Tripwire
from edge.rules.zone import Zone
from edge.scoring import Happening, score
from edge.track import Tracking
from edge.types import Detections, Direction, Frame, State
from tests.rules.make_rules import built

pytestmark = pytest.mark.data
# The events' `dir` is +1 where somebody goes to the left in the picture over a line that is drawn
# downwards (all 36 of them; the 28 of -1 go to the right): from the left hand of who looks along
# the line to the right hand, which is our inward.
WAYS = {Direction.INWARD: 1, Direction.OUTWARD: -1, None: 0}


@pytest.fixture(scope="module")
def scene():
    try:
        return pets.load()
    except SkipBenchmark as reason:
        pytest.skip(str(reason))


def boxes(scene):
    """For each frame the annotated boxes."""
    table = np.loadtxt(scene.ground_truth, delimiter=",")
    corners = np.hstack((table[:, 2:4], table[:, 2:4] + table[:, 4:6])).astype(np.float32)
    return [corners[table[:, 0] == number] for number in range(1, pets.FRAMES + 1)]


def unit(corners):
    return tuple((x / pets.WIDTH, y / pets.HEIGHT) for x, y in corners)


def pipeline(scene, **options):
    lines = [
        built(Tripwire, camera="pets", name=name, line=unit(line), **options)
        for name, line in scene.lines.items()
    ]
    zones = [
        built(Zone, camera="pets", name=name, polygon=unit(corners), dwell_s=pets.DWELL_S)
        for name, corners in scene.zones.items()
    ]
    return Pipeline(Tracking().open, [*lines, *zones])


def replay(scene, *, every=1, **options):
    one, events = pipeline(scene, **options), []
    picture = np.zeros((pets.HEIGHT, pets.WIDTH, 3), np.uint8)
    for index, found in list(enumerate(boxes(scene)))[::every]:
        count = len(found)
        seen = Detections(found, np.ones(count, np.float32), np.zeros(count, np.int64))
        events += one.step(Frame("pets", index, index / pets.FPS, 0.0, Still(picture)), seen).events
    return events + one.finish("session_ended").events


def scored(events, scene, names):
    said = [
        Happening(event.rule, WAYS[event.direction], event.pts)
        for event in events
        if event.state is State.RAISED and event.rule in names
    ]
    return score(said, [event for event in scene.events if event.rule in names])


def test_every_true_crossing_is_reported_once_and_nothing_else(scene):
    result = scored(replay(scene), scene, scene.lines)
    assert (result.hits, result.false, result.missed) == (64, 0, 0)


def test_without_a_wait_every_crossing_is_reported_at_its_very_frame(scene):
    result = scored(replay(scene, settle_s=0.0), scene, scene.lines)
    assert (result.hits, result.false, result.missed) == (64, 0, 0)
    assert max(map(abs, result.delays)) <= 1 / pets.FPS + 1e-6


@pytest.mark.parametrize("options", [{}, {"settle_s": 0.0}])
@pytest.mark.parametrize("every", [2, 3])
def test_crossings_are_found_at_low_rates_too(scene, every, options):
    result = scored(replay(scene, every=every, **options), scene, scene.lines)
    assert result.f1 >= 0.95, result


@pytest.mark.parametrize("every", [1, 2, 3])
def test_every_true_stay_in_the_zone_is_reported_and_nothing_else(scene, every):
    result = scored(replay(scene, every=every), scene, scene.zones)
    assert (result.hits, result.false, result.missed) == (9, 0, 0)


def test_everything_raised_is_cleared_and_replays_bit_for_bit(scene):
    events = replay(scene)
    raised = [event.key for event in events if event.state is State.RAISED]
    cleared = [event.key for event in events if event.state is State.CLEARED]
    assert sorted(raised) == sorted(cleared)
    assert events == replay(scene)
