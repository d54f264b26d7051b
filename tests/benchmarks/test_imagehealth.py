"""How the image health benchmark distorts, plays and counts."""

import numpy as np
import pytest

from benchmarks import imagehealth
from benchmarks.distortions import DISTORTIONS, Distortion, Shot
from benchmarks.imagehealth import (
    AFTER,
    SPOILT,
    Camera,
    Score,
    gray,
    note,
    play,
    split_of,
    told,
    untouched,
)
from benchmarks.result import SkipBenchmark
from edge.rules.image_health import KINDS
from edge.types import Event, State
from tests.benchmarks.make_result import result

rng = np.random.default_rng(1)
CLIP = [rng.integers(0, 255, (54, 96, 3), dtype=np.uint8) for _ in range(4)]


class Told:
    """A rule that says what it was given, look by look."""

    def __init__(self, says=()):
        self.says, self.seen = dict(says), []

    def update(self, view):
        frame = view.frame
        self.seen.append((frame.index, frame.picture.luma(96, 54)))
        told = self.says.get(frame.index)
        return [event(*told, pts=frame.pts)] if told else []


def event(key, state=State.RAISED, *, pts=0.0):
    return Event(KINDS[key], "clip", "image-health", state, key, key, pts, pts)


def shot(image=CLIP[0]):
    return Shot(gray(image), image, gray(image), gray(CLIP[1]), 3, np.random.default_rng(2))


@pytest.mark.parametrize("one", DISTORTIONS, ids=lambda d: f"{d.name} {d.strength}")
def test_every_distortion_makes_a_picture_of_the_same_size_and_the_same_one_again(one):
    made, again = one.make(shot()), one.make(shot())
    assert (made.shape, made.dtype) == ((54, 96), np.uint8)
    assert np.array_equal(made, again)


def test_every_trouble_has_distortions_of_strengths_that_were_not_tuned_on():
    held_out = {one.key for one in DISTORTIONS if not one.dev}
    assert held_out == {*KINDS, None}


def test_a_clip_is_played_to_and_fro():
    camera = Camera(Told(), CLIP)
    for _ in range(8):
        camera.see()
    order = [
        next(i for i, c in enumerate(CLIP) if (gray(c) == s).all()) for _, s in camera.rule.seen
    ]
    assert order == [0, 1, 2, 3, 2, 1, 0, 1]


def test_a_run_is_distorted_for_a_while_and_then_as_it_was():
    camera, score = Camera(Told({30: ("dark",), 70: ("dark", State.CLEARED)}), CLIP), Score()
    play(score, Distortion("dark", "x 0", "dark", True, lambda s: s.image * 0), camera, CLIP)
    black = [index for index, seen in camera.rule.seen if not seen.any()]
    assert black == list(range(SPOILT))
    assert len(camera.rule.seen) == SPOILT + AFTER
    assert (score.delays, score.others, score.cleared) == ([15.0], [], 1)


@pytest.mark.parametrize(
    ("events", "delays", "others"),
    [
        ([event("dark", pts=40.0)], [30.0], []),
        ([event("dark", pts=40.5)], [None], []),
        ([event("bright", pts=20.0)], [None], ["bright"]),
        ([event("dark", State.CLEARED, pts=20.0)], [None], []),
    ],
    ids=["in time", "late", "another kind", "not raised"],
)
def test_a_hit_is_the_right_kind_in_time(events, delays, others):
    score = Score()
    note(score, "dark", events, began=10.0)
    assert (score.delays, score.others) == (delays, others)


@pytest.mark.parametrize(
    ("camera", "dev", "split"),
    [
        ("car", True, "dev"),
        ("car", False, "held-out"),
        ("PETS", True, "held-out"),
        ("still 1", True, "stills"),
    ],
)
def test_clips_and_strengths_decide_the_split(camera, dev, split):
    assert split_of(camera, dev=dev) == split


def test_recall_and_alerts_on_harmless_changes_are_held_against_the_goals():
    done = result(rows=[])
    dark, noise = Score([10.0, None], ["moved"], cleared=1), Score([None], ["covered"])
    told(done, {("noise", "dev"): noise, ("dark", "dev"): dark})
    first, second = done.rows
    assert (first["recall"], first["delay_s"], first["others"]) == (0.5, 10.0, "1 (moved)")
    assert (first["cleared"], second["others"]) == ("1/1", "1 (covered)")
    assert [(goal.value, goal.held) for goal in done.goals] == [(0.5, False), (1, False)]


def test_whatever_an_untouched_clip_raises_is_false(monkeypatch):
    monkeypatch.setattr(imagehealth, "ImageHealth", lambda _: Told({5: ("moved",)}))
    done = result(rows=[])
    untouched(done, {"car": CLIP}, looks=720)
    (row,) = done.rows
    assert (row["hours"], row["per_hour"], row["others"]) == (0.1, 10.0, "1 (moved)")
    assert not done.goals[0].held


@pytest.mark.data
@pytest.mark.slow
def test_quick_holds_its_goals():
    try:
        done = imagehealth.run(quick=True)
    except SkipBenchmark as reason:
        pytest.skip(str(reason))
    assert [goal.name for goal in done.goals if not goal.held] == []
    assert {row["distortion"] for row in done.rows} > KINDS.keys() - {"frozen"}
