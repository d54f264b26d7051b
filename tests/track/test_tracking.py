"""When tracks begin, go on and end, and what they are."""

import pytest

from edge.track import Tracking
from edge.track.numbers import NEW
from tests.make import detections
from tests.track.make_track import ended, ids, play, together


def session(**options):
    return Tracking(**options).open()


def seen_at(steps):
    """The frames that reported something."""
    return [index for index, step in enumerate(steps) if len(step)]


def test_who_comes_is_confirmed_when_seen_for_confirm_s():
    steps = play(session(confirm_s=0.2), [[]] + [[(50, 60)]] * 9, fps=25)
    assert seen_at(steps)[0] == 1 + 5


def test_at_a_low_rate_the_second_sighting_confirms():
    steps = play(session(confirm_s=0.2), [[]] + [[(50, 60)]] * 3, fps=4)
    assert seen_at(steps)[0] == 2


def test_without_a_wait_the_second_sighting_confirms():
    steps = play(session(confirm_s=0), [[]] + [[(50, 60)]] * 3)
    assert seen_at(steps)[0] == 2


def test_who_is_there_from_the_start_is_confirmed_when_seen_twice():
    assert seen_at(play(session(confirm_s=0.2), [[(50, 60)]] * 3, fps=25)) == [1, 2]


def test_a_tentative_track_that_is_missed_begins_anew():
    steps = play(session(confirm_s=0.2), [[], [(50, 60)], [(50, 60)], []] * 3)
    assert ids(steps) == set()


def test_an_end_without_patience_still_knows_the_neighbouring_frames():
    steps = play(session(lost_s=0), [[(50, 60)]] * 6 + [[]] + [[(50, 60)]] * 6)
    assert ids(steps) == {1, 2}
    assert ended(steps) == [1]


def test_a_weak_detection_far_off_is_not_taken_for_a_track():
    strong, weak = [[(50, 60)]] * 6, [detections([(60, 60)], score=0.2)] * 2
    assert seen_at(play(session(), strong + weak))[-1] == 5


def test_the_class_of_most_score_wins_and_then_stays():
    first = [detections([(50, 60)], class_id=2, score=0.6)] * 3
    sure = [detections([(50, 60)], class_id=7, score=0.9)] * 3
    young, old = session(confirm_s=0.45), session(confirm_s=0.2)
    play(young, [[]]), play(old, [[]])
    assert play(young, first + sure, start=0.1)[-1].class_id.tolist() == [7]
    assert play(old, first + sure, start=0.1)[-1].class_id.tolist() == [2]


def test_one_object_called_car_and_truck_is_one_track():
    car = detections([(50, 60)], class_id=2, score=0.8, width=40)
    truck = detections([(50, 61)], class_id=7, score=0.6, width=40)
    steps = play(session(), [together(car, truck)] * 5)
    assert ids(steps) == {1}
    assert steps[-1].class_id.tolist() == [2]


def test_a_rider_and_the_bicycle_are_two():
    rider = detections([(50, 55)], class_id=0, height=40, width=16)
    bicycle = detections([(50, 60)], class_id=1, height=22, width=36)
    steps = play(session(), [together(rider, bicycle)] * 5)
    assert steps[-1].class_id.tolist() == [0, 1]


def test_the_like_class_is_taken_first():
    person = detections([(50, 60)], class_id=0)
    both = together(detections([(51, 60)], class_id=1), detections([(48, 60)], class_id=0))
    steps = play(session(), [person] * 6 + [both])
    assert steps[-1].xyxy.tolist() == detections([(48, 60)]).xyxy.tolist()


@pytest.mark.parametrize("score", [0.3, 0.7])
def test_a_track_starts_a_little_above_the_score_it_is_told(score):
    at, below = (detections([(50, 60)], score=score + NEW + more) for more in (0.01, -0.01))
    assert ids(play(session(score=score), [at] * 5)) == {1}
    assert ids(play(session(score=score), [below] * 5)) == set()
