"""One camera's frames through tracker and rules."""

import numpy as np

from edge.pipeline import Pipeline
from edge.rules.tripwire import Tripwire
from edge.rules.zone import Zone
from edge.track.byte import ByteTracker
from edge.types import State
from tests.make import detections, frame

LINE = ((0.5, 0.0), (0.5, 1.0))
ALL = ((0, 0), (1, 0), (1, 1), (0, 1))


def pipeline():
    persons = frozenset({0})
    rules = [
        Tripwire(camera="gate", name="fence", line=LINE, classes=persons),
        Zone(camera="gate", name="all", polygon=ALL, classes=persons),
    ]
    return Pipeline(lambda first_id: ByteTracker(first_id=first_id), rules)


def play(one, xs, *, session=0):
    return [
        event
        for index, x in enumerate(xs)
        for event in one.step(frame(index, session=session), detections([(x, 60)])).events
    ]


def test_events_carry_the_path_that_caused_them():
    events = play(pipeline(), range(160, 40, -4))
    crossing = next(e for e in events if e.rule == "fence")
    assert len(crossing.path) > 5
    assert (crossing.path[-1].x, crossing.path[-1].y) == crossing.sighting.foot
    assert crossing.path[0].pts < crossing.path[-1].pts == crossing.pts


def test_a_cleared_alert_still_has_its_path():
    one = pipeline()
    play(one, range(160, 40, -4))
    late = [e for i in range(40) for e in one.step(frame(30 + i), detections()).events]
    assert {e.state for e in late} == {State.CLEARED}
    assert all(len(e.path) > 5 for e in late)


def test_a_new_session_closes_the_old_alerts_and_never_reuses_an_id():
    one = pipeline()
    before = play(one, [50] * 10)
    after = play(one, [50] * 10, session=1)
    assert (after[0].state, after[0].reason) == (State.CLEARED, "session_ended")
    assert {e.sighting.track for e in before} == {1}
    assert after[-1].sighting.track == 2


def test_the_end_of_a_recording_closes_what_is_open():
    one = pipeline()
    assert one.finish("session_ended") is None
    play(one, [50] * 10)
    assert [e.state for e in one.finish("session_ended").events] == [State.CLEARED]


def test_people_are_hidden_at_any_score_and_where_they_were_a_moment_ago():
    one = pipeline()
    faint = one.step(frame(0), detections([(50, 60)], score=0.12))
    assert len(faint.scene.people) == 1
    play(one, [50] * 5)
    missed = one.step(frame(6), detections())
    assert len(missed.scene.people) == 1
    gone = one.step(frame(30), detections())
    assert len(gone.scene.people) == 0


def test_cars_are_not_hidden():
    seen = pipeline().step(frame(0), detections([(50, 60)], class_id=2))
    assert len(seen.scene.people) == 0


def test_same_frames_same_events():
    xs = np.random.default_rng(3).integers(20, 180, 200).tolist()
    assert play(pipeline(), xs) == play(pipeline(), xs)
