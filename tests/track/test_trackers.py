"""What every tracker keeps, run over the room's table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.track import TRACKERS
from tests.make import detections
from tests.track.make_track import crowd, ended, ids, play, rows

STREAMS = st.lists(
    st.lists(st.tuples(st.integers(0, 300), st.integers(20, 200), st.sampled_from([0.2, 0.9]))),
    max_size=25,
)


def make(name, **options):
    first_id = options.pop("first_id", 1)
    tracking = TRACKERS[name](**({"score": 0.5, "confirm_s": 0.2, "lost_s": 1.0} | options))
    return tracking.open(first_id)


@pytest.fixture(params=TRACKERS)
def tracker(request):
    return lambda **options: make(request.param, **options)


def test_a_walker_keeps_one_id(tracker):
    steps = play(tracker(), [[(20 + 3 * i, 60)] for i in range(30)])
    assert ids(steps) == {1}
    assert all(len(step) == 1 for step in steps[1:])


def test_a_box_is_the_measured_one(tracker):
    steps = play(tracker(), crowd(10))
    assert sorted(steps[-1].xyxy.tolist()) == sorted(detections(crowd(10)[-1]).xyxy.tolist())


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_the_velocity_is_in_pixels_per_second(tracker, fps):
    step = play(tracker(), [[(20 + 30 * i / fps, 60)] for i in range(4 * fps)], fps=fps)[-1]
    assert np.allclose(step.velocity, [[30, 0]], atol=0.5)


def test_a_ghost_of_one_frame_gets_no_id(tracker):
    steps = play(tracker(), [[(50, 50)], [], [(50, 50)], [], [], [(50, 50)], []])
    assert ids(steps) == set()
    assert ended(steps) == []


def test_empty_frames_are_frames(tracker):
    steps = play(tracker(), [[]] * 5 + [[(50, 50)]] * 5)
    assert [len(step) for step in steps] == [0] * 7 + [1] * 3


@pytest.mark.parametrize("fps", [5, 8, 25])
def test_somebody_who_walks_keeps_one_id_at_any_rate(tracker, fps):
    # A person 100 pixels tall walks about as many pixels in a second; here, a little faster.
    feet = [[(20 + 120 * i / fps, 150)] for i in range(4 * fps)]
    steps = play(tracker(), [detections(f, width=40, height=100) for f in feet], fps=fps)
    assert ids(steps) == {1}


def test_somebody_missed_is_found_again_within_lost_s(tracker):
    feet = [[(20 + 3 * i, 60)] for i in range(30)]
    feet[12:21] = [[]] * 9
    assert ids(play(tracker(), feet)) == {1}


def test_somebody_missed_for_longer_is_somebody_new(tracker):
    feet = [[(20 + 3 * i, 60)] for i in range(40)]
    feet[12:24] = [[]] * 12
    steps = play(tracker(), feet)
    assert ids(steps) == {1, 2}
    assert ended(steps) == [1]


def test_a_gap_between_frames_is_no_different(tracker):
    one = tracker()
    before = play(one, [[(50, 60)]] * 10)
    after = play(one, [[(50, 60)]] * 10, start=60.0)
    assert (ids(before), ids(after)) == ({1}, {2})
    assert ended(after) == [1]


def test_weak_detections_keep_a_track_but_start_none(tracker):
    weak = [detections([(50 + i, 60)], score=0.2) for i in range(20)]
    strong = [detections([(50 + i, 60)]) for i in range(10)]
    assert ids(play(tracker(), weak)) == set()
    assert play(tracker(), strong + weak[10:])[-1].id.tolist() == [1]


def test_weak_detections_do_not_count_towards_a_start(tracker):
    weak, strong = detections([(50, 60)], score=0.4), detections([(50, 60)])
    assert ids(play(tracker(confirm_s=0), [[], weak, weak, strong, []])) == set()


def test_two_who_pass_each_other_stay_who_they_are(tracker):
    feet = [[(20 + 4 * i, 60), (180 - 4 * i, 75)] for i in range(40)]
    steps = play(tracker(), feet)
    start = dict(zip(steps[5].id.tolist(), steps[5].xyxy[:, 3].tolist(), strict=True))
    assert start == dict(zip(steps[-1].id.tolist(), steps[-1].xyxy[:, 3].tolist(), strict=True))


def test_an_id_ends_once_and_is_never_used_again(tracker):
    steps = play(tracker(), crowd(20) + [[]] * 30 + crowd(20) + [[]] * 30)
    assert sorted(ended(steps)) == sorted(ids(steps)) == [1, 2, 3, 4, 5, 6]


def test_ids_begin_where_they_are_told_to(tracker):
    one = tracker(first_id=41)
    assert ids(play(one, crowd(10))) == {41, 42, 43}
    assert one.next_id == 44


def test_same_input_same_output(tracker):
    assert rows(play(tracker(), crowd())) == rows(play(tracker(), crowd()))


def test_the_order_of_detections_is_irrelevant(tracker):
    turned = [list(reversed(feet)) for feet in crowd()]
    assert rows(play(tracker(), crowd())) == rows(play(tracker(), turned))


def test_a_shift_in_time_changes_nothing(tracker):
    plain, later = play(tracker(), crowd()), play(tracker(), crowd(), start=4096.0)
    assert [step[:4] for step in rows(plain)] == [step[:4] for step in rows(later)]


def test_a_shift_in_place_changes_nothing(tracker):
    moved = [[(x + 512, y + 256) for x, y in feet] for feet in crowd()]
    plain, shifted = play(tracker(), crowd()), play(tracker(), moved)
    assert [step.id.tolist() for step in plain] == [step.id.tolist() for step in shifted]
    for one, two in zip(plain, shifted, strict=True):
        assert np.array_equal(one.xyxy + np.float32([512, 256, 512, 256]), two.xyxy)
        assert np.allclose(one.velocity, two.velocity, atol=1e-3)


def test_frames_may_come_at_odd_times(tracker):
    one, pts, steps = tracker(), 0.0, []
    for gap in [0.1, 0.1, 0.1, 0.3, 0.05, 0.5, 0.1, 0.2, 0.4]:
        pts += gap
        steps.append(one.update(detections([(20 + 30 * pts, 60)]), pts))
    assert ids(steps) == {1}
    assert [len(step) for step in steps] == [0] + [1] * 8


def test_one_track_has_one_class(tracker):
    odd = [detections([(50 + i, 60)], class_id=7 if i in {1, 6, 7, 8} else 2) for i in range(20)]
    assert {c for step in play(tracker(), odd) for c in step.class_id.tolist()} == {2}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_box_that_is_not_finite_is_refused(tracker, bad):
    found = detections([(50, 50)])
    found.xyxy[0, 0] = bad
    with pytest.raises(ValueError, match="finite"):
        tracker().update(found, 0.0)


@pytest.mark.parametrize("size", [{"width": 0}, {"height": 0}, {"width": -3}])
def test_a_box_without_area_is_refused(tracker, size):
    with pytest.raises(ValueError, match="area"):
        tracker().update(detections([(50, 50)], **size), 0.0)


@pytest.mark.parametrize("score", [np.nan, -0.1, 1.1])
def test_a_score_that_is_none_is_refused(tracker, score):
    with pytest.raises(ValueError, match="score"):
        tracker().update(detections([(50, 50)], score=score), 0.0)


@pytest.mark.parametrize("class_id", [-1, 4, 79])
def test_a_class_that_nobody_looks_for_is_refused(tracker, class_id):
    with pytest.raises(ValueError, match="class"):
        tracker().update(detections([(50, 50)], class_id=class_id), 0.0)


@pytest.mark.parametrize("pts", [np.nan, 0.1])
def test_a_frame_of_the_past_is_refused(tracker, pts):
    one = tracker()
    one.update(detections(), 0.2)
    with pytest.raises(ValueError, match="follow"):
        one.update(detections(), pts)


def test_a_refused_frame_leaves_the_tracker_as_it_was(tracker):
    plain, tried = tracker(), tracker()
    before, after = crowd()[:10], crowd()[10:]
    first = play(plain, before) + play(plain, after, start=1.0)
    second = play(tried, before)
    with pytest.raises(ValueError, match="area"):
        tried.update(detections([(50, 50)], width=0), 1.0)
    assert rows(first) == rows(second + play(tried, after, start=1.0))


def test_two_hundred_objects_are_kept_apart(tracker):
    places = [(40 * (i % 20), 40 * (i // 20) + 40) for i in range(200)]
    steps = play(tracker(), [[(x + 3 * t, y) for x, y in places] for t in range(8)])
    assert len(steps[-1]) == 200
    assert ids(steps) == set(range(1, 201))


@pytest.mark.parametrize("name", TRACKERS)
@settings(deadline=None, max_examples=60)
@given(STREAMS)
def test_whatever_is_detected_the_books_are_right(name, stream):
    """Ids rise and end once, each detection has one at most, boxes and scores are measured."""
    one, ever, over = make(name, lost_s=0.3), set(), set()
    for index, seen in enumerate([*stream, *[[]] * 15]):
        found = detections([place[:2] for place in seen])
        found.score[:] = [place[2] for place in seen]
        step = one.update(found, index / 10)
        now = step.id.tolist()
        assert now == sorted(set(now))
        assert not over & set(now)
        assert all(track > max(ever, default=0) for track in set(now) - ever)
        measured = {(*box, score) for box, score in zip(*as_lists(found), strict=True)}
        assert measured >= {(*box, score) for box, score in zip(*as_lists(step), strict=True)}
        assert not over & set(step.ended.tolist())
        ever |= set(now)
        over |= set(step.ended.tolist())
    assert ever == over


def as_lists(found):
    return found.xyxy.tolist(), found.score.tolist()


def test_a_walker_is_expected_where_he_will_be(tracker):
    one = tracker()
    play(one, [[(20 + 3 * i, 60)] for i in range(30)])
    for late in (0.0, 0.1, 0.5):
        assert one.expected(2.9 + late) == pytest.approx(
            detections([(20 + 3 * 29 + 30 * late, 60)]).xyxy, abs=1
        )


def test_nobody_is_expected_before_the_first_frame_or_of_the_gone(tracker):
    one = tracker()
    assert one.expected(0.0).shape == (0, 4)
    play(one, [*[[(50, 60)]] * 10, *[[]] * 30])
    assert one.expected(4.0).shape == (0, 4)


def test_the_unsure_and_the_lost_are_expected_too(tracker):
    one = tracker(confirm_s=0.5)
    play(one, [[(50, 60)], *[[(50, 60), (150, 60)]] * 2])
    assert len(one.expected(0.3)) == 2
    lost = tracker()
    play(lost, [*[[(50, 60)]] * 10, *[[]] * 5])
    assert lost.expected(1.5) == pytest.approx(detections([(50, 60)]).xyxy, abs=2)


def test_what_is_expected_is_asked_as_often_as_one_likes(tracker):
    asked, plain = tracker(), tracker()
    steps = []
    for index, feet in enumerate(crowd()):
        for late in (0.0, 0.05, 3.0):
            asked.expected(index / 10 + late)
        steps.append(asked.update(detections(feet), index / 10))
    assert rows(steps) == rows(play(plain, crowd()))


def test_what_was_expected_is_what_an_empty_frame_finds(tracker):
    one = tracker()
    play(one, crowd(10))
    before = one.expected(1.2)
    one.update(detections(), 1.2)
    assert np.allclose(before, one.expected(1.2), atol=1e-3)
    assert np.allclose(before, one.expected(1.0), atol=1e-3)  # a frame of the past: as it is now
