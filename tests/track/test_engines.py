"""Both ways to compute a turn, and all cameras of a box in one."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.track import TRACKERS, Tracking
from edge.track.engines import COMPILED, NUMPY
from edge.types import CLASSES, Detections
from tests.make import detections
from tests.track.make_track import crowd, ids, play, rows

GROUND = np.array([[20.0, 0.0, -10.0], [0.0, 8.0, 0.0], [0.0, -0.7, 1.0]])


def street(seed, *, frames=40, people=12, camera_moves=0.0):
    """People who walk about, seen by a detector that trembles, misses and invents."""
    rng = np.random.default_rng(seed)
    place = rng.uniform((50, 50), (600, 400), (people, 2))
    speed = rng.normal(0, 60, (people, 2))
    size = np.array((20, 50)) * rng.uniform(0.7, 1.5, (people, 1))
    kind = rng.choice([*CLASSES.values()], people)
    for frame in range(frames):
        shake = rng.normal(0, camera_moves, 2) if camera_moves else 0
        centre = place + speed * frame / 8 + rng.normal(0, 2, (people, 2)) + shake
        boxes = np.hstack((centre - size / 2, centre + size / 2)).astype(np.float32)
        score = rng.uniform(0.2, 1, people).astype(np.float32)
        kept = rng.random(people) < 0.85
        twice = np.flatnonzero(kept & (rng.random(people) < 0.1))  # one box, two classes
        rows = np.concatenate((np.flatnonzero(kept), twice))
        classes = kind.copy()
        yield Detections(
            boxes[rows],
            np.concatenate((score[kept], score[twice] * np.float32(0.9))),
            np.concatenate((classes[kept], np.full(len(twice), 7))).astype(np.int64),
        )


def followed(tracking, frames, *, ground=None, fps=8):
    session = tracking.open()
    session.stand_on(ground, (640, 480))
    return [session.update(found, number / fps) for number, found in enumerate(frames)]


def everything(steps):
    """All there is in the steps, with what is told of ids just given and taken away."""
    told = [
        ({track: (p.pts.tolist(), p.xyxy.tolist()) for track, p in s.past.items()}, dict(s.split))
        for s in steps
    ]
    return rows(steps), told


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ground", [None, GROUND], ids=["picture", "ground"])
@pytest.mark.parametrize("camera_moves", [0.0, 12.0])
def test_both_engines_give_the_same_bits(seed, ground, camera_moves):
    one, other = (
        followed(
            TRACKERS[name](), street(seed, camera_moves=camera_moves, people=25), ground=ground
        )
        for name in (COMPILED, NUMPY)
    )
    assert everything(one) == everything(other)
    assert len(ids(one)) >= 5


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.floats(0, 300, width=32),
                st.floats(20, 200, width=32),
                st.floats(0, 1, width=32),
                st.sampled_from([0, 2, 7]),
            ),
            max_size=6,
        ),
        max_size=15,
    )
)
def test_whatever_is_detected_both_engines_agree(stream):
    def found(seen):
        some = detections([one[:2] for one in seen])
        some.score[:] = [one[2] for one in seen]
        some.class_id[:] = [one[3] for one in seen]
        return some

    one, other = (
        everything(followed(TRACKERS[name](), map(found, stream))) for name in (COMPILED, NUMPY)
    )
    assert one == other


@pytest.mark.parametrize("name", TRACKERS)
def test_a_camera_is_not_touched_by_the_others_of_its_turn(name):
    cameras = [list(street(seed, frames=20, people=3 + 4 * seed)) for seed in range(5)]
    alone = [everything(followed(TRACKERS[name](), frames)) for frames in cameras]
    together = TRACKERS[name]()
    sessions = [together.open() for _ in cameras]
    steps = [[] for _ in cameras]
    for number in range(20):
        turn = [
            (session, frames[number], number / 8)
            for camera, (session, frames) in enumerate(zip(sessions, cameras, strict=True))
            if (number + camera) % 4  # not every camera is in every turn
        ]
        for (session, *_), tracks in zip(turn, together.update(turn), strict=True):
            steps[sessions.index(session)].append(tracks)
        for camera, (session, frames) in enumerate(zip(sessions, cameras, strict=True)):
            if not (number + camera) % 4:
                steps[camera].append(session.update(frames[number], number / 8))
    assert [everything(some) for some in steps] == alone


@pytest.mark.parametrize("name", TRACKERS)
def test_a_slot_that_is_used_again_remembers_nobody(name):
    tracking = TRACKERS[name]()
    fresh = rows(play(tracking.open(), crowd(10)))
    first = tracking.open()
    first.stand_on(GROUND, (300, 200))
    play(first, [[(50, 60), (150, 60)]] * 10)
    first.close()
    assert rows(play(tracking.open(), crowd(10))) == fresh
    with pytest.raises(ValueError, match="closed"):
        first.update(detections(), 5.0)
    first.close()  # twice is once


@pytest.mark.parametrize("name", TRACKERS)
def test_a_turn_in_which_something_is_wrong_advances_nobody(name):
    tracking, plain = TRACKERS[name](), TRACKERS[name]().open()
    good, bad = tracking.open(), tracking.open()
    steps = play(good, crowd()[:10])
    with pytest.raises(ValueError, match="area"):
        tracking.update(
            [(good, detections([(1, 50)]), 1.0), (bad, detections([(5, 9)], width=0), 0)]
        )
    with pytest.raises(ValueError, match="twice"):
        tracking.update([(good, detections(), 1.0), (good, detections(), 1.1)])
    steps += play(good, crowd()[10:], start=1.0)
    assert rows(steps) == rows(play(plain, crowd()[:10]) + play(plain, crowd()[10:], start=1.0))


@pytest.mark.parametrize("name", TRACKERS)
def test_thousands_of_detections_are_followed(name):
    places = [(12 * (i % 60), 26 * (i // 60) + 30) for i in range(2400)]
    steps = play(TRACKERS[name]().open(), [[(x + t, y) for x, y in places] for t in range(4)])
    assert len(steps[-1]) == 2400
    assert len(ids(steps)) == 2400


def test_a_turn_without_cameras_is_one():
    assert Tracking().update([]) == []


def test_without_numba_numpy_does_the_work(monkeypatch):
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from edge.track import Tracking\n"
        "print(Tracking().engine)\n"
        "try: Tracking(using='compiled')\n"
        "except ImportError: print('no numba')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[:2] == ["numpy", "no numba"]


def test_a_cache_that_can_not_be_written_is_no_hindrance(tmp_path):
    locked = tmp_path / "file"
    locked.write_text("no folder")
    code = "from edge.compiled import _folder; print(_folder('x'))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"FENCELINE_CACHE": str(locked), "TMPDIR": str(tmp_path)},
    )
    assert run.stdout.startswith(str(tmp_path / "fenceline-"))


@pytest.mark.parametrize("name", TRACKERS)
def test_a_day_of_frames_leaves_no_more_than_an_hour(name):
    """Somebody new comes every half a minute, at one frame a second."""
    tracking = TRACKERS[name]()
    session, kept = tracking.open(), []
    for second in range(86_400 if name == COMPILED else 7_200):
        phase = second % 30
        feet = [(20 + 8 * phase, 60)] if phase < 20 else []
        session.update(detections(feet), float(second))
        if second % 3600 == 3599:
            kept.append((len(tracking._state.table), len(session._confirming._past)))
    assert len(set(kept)) == 1
    assert session.next_id > 200
