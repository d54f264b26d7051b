"""Speeds of real people: they are those of walking, and as sure as they are said to be."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from benchmarks.datasets import dataset
from benchmarks.result import SkipBenchmark
from benchmarks.sequences import PEDESTRIAN, perfect, read_sequence, thinned
from edge.geometry import foot_points, homography, iou
from edge.motchallenge import corners
from edge.picture import Still
from edge.settings import Track
from edge.track import Tracking
from edge.track.paths import GAP_S, MOST_GAPS, Paths
from edge.track.steps import TICK_S
from edge.trajectories import followed, tracking_for
from edge.types import Frame, Tracks

pytestmark = pytest.mark.data
PETS_SIZE, STREET_SIZE = (768, 576), (1920, 1080)
SURE = 0.6  # score, and overlap with the true box


def data(*parts):
    try:
        return dataset("mot", *parts)
    except SkipBenchmark as reason:
        pytest.skip(str(reason))


def shown(size, pts):
    return Frame("street", 0, pts, 0.0, Still(np.zeros((size[1], size[0], 3), np.uint8)))


def pets_ground(folder):
    """From the annotated places of people, metres."""
    table = np.loadtxt(folder / "gt" / "gt.txt", delimiter=",")
    feet = foot_points(corners(table[:, 2:6])) / np.array(PETS_SIZE)
    return homography(feet.tolist(), table[:, 7:9].tolist())


def tracks_of(ids, xyxy):
    count = len(ids)
    zeros = np.zeros(count, np.float32)
    ended = np.zeros(0, np.int64)
    return Tracks(ids, xyxy, zeros, np.zeros(count, np.int64), np.zeros((count, 2)), ended)


def measured(sequence):
    """For each frame its pts, and of whom a sure detection tells: id, true box, detected box."""
    table = sequence.truth.table
    table = table[(table[:, 6] != 0) & (table[:, 7] == PEDESTRIAN)]
    frames = zip(sequence.truth.frames, sequence.times, sequence.found, strict=True)
    for number, pts, found in frames:
        true, boxes = table[table[:, 0] == number], found.xyxy[found.score > SURE]
        shared = iou(corners(true[:, 2:6]), boxes)
        rows, columns = linear_sum_assignment(-shared)
        same = shared[rows, columns] > SURE
        one, other = true[rows[same]], boxes[columns[same]]
        yield pts, one[:, 1].astype(np.int64), corners(one[:, 2:6]), other


def test_people_walk_at_the_speed_of_walking():
    folder = data("gt", "MOT15", "PETS09-S2L1")
    found = data("det", "MOT15_frcnn", "PETS09-S2L1", "det", "det.txt")
    sequence = perfect(read_sequence(folder, found))
    paths, session, speeds = Paths(pets_ground(folder)), Tracking().open(), {}
    for found, pts in zip(sequence.found, sequence.times, strict=True):
        tracks = session.update(found, pts)
        paths.update(tracks, shown(PETS_SIZE, pts))
        for track in tracks.id.tolist():
            if moved := paths.motion(track):
                assert moved.on_ground
                speeds.setdefault(track, []).append(moved.speed)
        paths.forget(tracks.ended)
    usual = np.array([np.median(one) for one in speeds.values()])
    assert len(usual) >= 19
    assert np.mean((usual > 0.3) & (usual < 3)) > 0.9
    assert max(map(max, speeds.values())) < 3


# At these rates links are made, and some of them taken back.
@pytest.mark.parametrize(
    ("name", "fps"), [("PETS09-S2L1", 7), ("ETH-Bahnhof", 8), ("ADL-Rundle-6", 5), ("KITTI-13", 5)]
)
def test_a_path_and_its_gaps_are_those_that_the_whole_recording_tells(name, fps):
    folder = data("gt", "MOT15", name)
    found = data("det", "MOT15_frcnn", name, "det", "det.txt")
    sequence = thinned(read_sequence(folder, found), fps)
    frames = [*zip(sequence.times, sequence.found, strict=True)]
    paths, session = Paths(), tracking_for(Track()).open()
    for pts, found in frames:
        paths.update(session.update(found, pts), shown(PETS_SIZE, pts))
    whole = followed(frames)
    for track in np.unique(whole.id).tolist():
        times = [sequence.times[frame] for frame in sorted(whole.frame[whole.id == track])]
        points = [point.pts for point in paths.path(track)]
        assert points == sorted(set(points) & set(times))
        assert (points[0], points[-1]) == (times[0], times[-1])
        told = {(gap.lost, gap.found) for gap in paths.gaps(track)}
        assert told <= set(pairwise(times))
        unseen = {(lost, found) for lost, found in pairwise(times) if found - lost > GAP_S + TICK_S}
        assert unseen <= told or len(told) == MOST_GAPS


@pytest.mark.parametrize("fps", [30, 10])
def test_a_speed_is_as_sure_as_it_says(fps):
    detections = data("det", "MOT17_yolox_x_ablation", "MOT17-04.txt")
    street = read_sequence(data("gt", "MOT17", "MOT17-04"), detections, second_half=True)
    true, seen, hits = Paths(), Paths(), []
    for pts, ids, right, found in measured(thinned(street, fps)):
        true.update(tracks_of(ids, right), shown(STREET_SIZE, pts))
        seen.update(tracks_of(ids, found), shown(STREET_SIZE, pts))
        for track in ids.tolist():
            if one := seen.motion(track):
                off = abs(one.speed - true.motion(track).speed)
                hits += [off < 2 * one.speed_sd]
    assert len(hits) > 1000
    assert np.mean(hits) > 0.9


def test_a_path_on_the_ground_is_where_people_were():
    folder = data("gt", "MOT15", "PETS09-S2L1")
    table = np.loadtxt(folder / "gt" / "gt.txt", delimiter=",")
    (one,) = (table[table[:, 1] == track] for track in table[:1, 1])
    paths = Paths(pets_ground(folder))
    for row in one:
        paths.update(
            tracks_of(np.array([1]), corners(row[None, 2:6])), shown(PETS_SIZE, row[0] / 7)
        )
    told = {round(point.pts * 7): point.ground for point in paths.path(1)}
    away = [np.hypot(*(told[row[0]] - row[7:9])) for row in one if row[0] in told]
    assert len(away) > 20
    assert np.median(away) < 0.1
    assert max(away) < 0.5
