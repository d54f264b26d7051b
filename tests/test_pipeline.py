"""One camera's frames through tracker and rules."""

from dataclasses import replace

import numpy as np
import pytest

from edge.pipeline import People, Pipeline, Seen
from edge.rules.merged import Merged
from edge.rules.tripwire import Tripwire
from edge.rules.zone import Zone
from edge.track import Tracking
from edge.types import Detections, Event, Kind, Past, Sighting, State, Tracks
from tests.make import detections, frame, tracks
from tests.rules.make_rules import built

LINE = ((0.5, 0.0), (0.5, 1.0))
ALL = ((0, 0), (1, 0), (1, 1), (0, 1))
WALK = range(160, 40, -4)


def pipeline(ground=None, **options):
    rules = [built(Tripwire, line=LINE), built(Zone, name="all", polygon=ALL)]
    return Pipeline(Tracking(**options).open, rules, ground=ground)


def play(one, xs, *, session=0, first=0):
    """Somebody at each x, ten a second; None where nobody is seen."""
    return [
        event
        for index, x in enumerate(xs)
        for event in one.step(
            frame(first + index, session=session), detections([] if x is None else [(x, 60)])
        ).events
    ]


def told(events):
    return [(event.rule, event.state, event.reason) for event in events]


def people(step):
    return sorted(step.scene.people.tolist())


def test_somebody_walks_through_and_is_gone():
    events = play(pipeline(), [*WALK, *[None] * 25])
    assert told(events) == [
        ("all", State.RAISED, "entered"),
        ("fence", State.RAISED, "crossed"),
        ("fence", State.CLEARED, "track_ended"),
        ("all", State.CLEARED, "track_ended"),
    ]


def test_a_ghost_of_one_frame_is_no_alert():
    assert play(pipeline(), [150, None, None, 50, None, None, 100, None]) == []


def test_rules_that_stay_keep_what_they_know_when_others_are_swapped():
    one = pipeline()
    open_before = play(one, WALK)
    stays, goes = one.rules
    new = built(Zone, name="new", polygon=ALL)
    step = one.swap([stays, new], "reconfigured")
    assert told(step.events) == [("all", State.CLEARED, "reconfigured")]
    assert step.events[0].path
    after = play(one, [40, *[None] * 25], first=len(WALK))
    assert told(after) == [
        ("new", State.RAISED, "entered"),
        ("fence", State.CLEARED, "track_ended"),
        ("new", State.CLEARED, "track_ended"),
    ]
    crossed = next(event for event in open_before if event.rule == "fence")
    assert after[0].sighting.track == crossed.sighting.track
    assert after[1].key == crossed.key
    assert goes not in one.rules


def test_rules_can_be_swapped_before_there_is_a_frame():
    one = pipeline()
    assert one.swap([], "reconfigured") is None
    assert play(one, WALK) == []


def test_a_scene_is_the_frame_and_its_tracks():
    one, now = pipeline(), frame(3)
    play(one, [50, 50, 50])
    step = one.step(now, detections([(50, 60)]))
    assert step.scene.frame is now
    assert step.scene.tracks.id.tolist() == [1]
    assert step.scene.tracks.xyxy.tolist() == detections([(50, 60)]).xyxy.tolist()


def test_an_event_carries_the_path_that_caused_it():
    events = play(pipeline(), WALK)
    crossing = next(event for event in events if event.rule == "fence")
    assert len(crossing.path) > 5
    assert (crossing.path[-1].x, crossing.path[-1].y) == crossing.sighting.foot
    assert crossing.path[0].pts < crossing.path[-1].pts == crossing.pts


def test_an_event_says_when_its_object_was_not_seen():
    events = play(pipeline(), [*range(160, 120, -4), *[None] * 8, *range(88, 60, -4)])
    crossing = next(event for event in events if event.rule == "fence")
    (gap,) = crossing.gaps
    assert (gap.lost, gap.found) == pytest.approx((0.9, 1.8))


def test_an_event_says_how_its_object_moved():
    crossing = next(event for event in play(pipeline(), WALK) if event.rule == "fence")
    assert crossing.motion.speed == pytest.approx(0.4)  # 4 of 100 pixels, ten times a second
    assert crossing.motion.heading == pytest.approx(270)
    assert not crossing.motion.on_ground


def test_a_calibrated_camera_tells_metres():
    events = play(pipeline(ground=np.diag((20.0, 10.0, 1.0))), WALK)
    crossing = next(event for event in events if event.rule == "fence")
    assert crossing.motion.on_ground
    assert crossing.motion.speed == pytest.approx(4.0)
    assert crossing.path[0].ground == pytest.approx((16, 6))


def test_a_cleared_alert_still_has_its_path():
    one = pipeline()
    play(one, WALK)
    late = play(one, [None] * 40, first=len(WALK))
    assert {event.state for event in late} == {State.CLEARED}
    assert all(len(event.path) > 5 for event in late)


def test_an_alert_that_outlives_its_track_is_not_told_to_be_unsure():
    """Nothing is known of a track that is forgotten, nor how sure it was."""
    waits = Merged(built(Zone, polygon=ALL), merge_s=5.0)
    one = Pipeline(Tracking(lost_s=0.2).open, [waits])
    raised, cleared = play(one, [50] * 5 + [None] * 60)
    assert raised.confidence > 0
    assert (cleared.reason, cleared.confidence, cleared.path) == ("track_ended", None, ())


def test_an_alert_about_a_thing_is_told_as_its_rule_words_it():
    """Nobody tracks it, so there is no path, and the rule says how sure it is."""
    thing = Sighting(0, None, 0.0, (0.1, 0.1, 0.2, 0.2), (0.15, 0.2))
    told = Event(Kind.LEFT_OBJECT, "gate", "left", State.RAISED, "0/1", "left_behind", 0.0, 0.0)
    told = replace(told, sighting=thing, confidence=0.5)

    class Tells:
        def update(self, view):
            return [told]

    one = Pipeline(Tracking().open, [Tells()])
    assert one.step(frame(), detections([(50, 60)])).events == [told]


def test_a_new_session_closes_the_old_alerts_as_of_its_last_frame():
    one = pipeline()
    play(one, [50] * 10)
    closed, *_ = play(one, [50] * 10, session=1)
    assert (closed.state, closed.reason) == (State.CLEARED, "session_ended")
    assert closed.pts == pytest.approx(0.9)
    assert closed.path


def test_a_new_session_never_reuses_an_id_or_a_key():
    one = pipeline()
    events = [event for session in range(3) for event in play(one, [50] * 10, session=session)]
    raised = [event for event in events if event.state is State.RAISED]
    assert [event.sighting.track for event in raised] == [1, 2, 3]
    assert len({event.key for event in raised}) == 3


def test_a_new_session_has_a_clock_of_its_own():
    one = pipeline()
    play(one, [50] * 10, first=1000)
    after = play(one, [50] * 10, session=1)
    assert (after[1].state, after[1].reason) == (State.RAISED, "entered")
    assert after[1].path[0].pts == 0.0


def test_a_path_does_not_reach_over_sessions():
    one = pipeline()
    play(one, WALK)
    after = play(one, WALK, session=1)
    assert all(event.path[-1].pts <= event.pts for event in after)


def test_nobody_stays_hidden_over_sessions():
    one = pipeline()
    play(one, [50] * 10, first=1000)
    assert people(one.step(frame(0, session=1), detections())) == []


def test_the_path_of_an_ended_track_is_not_kept():
    one = pipeline(lost_s=0.2)
    play(one, [*WALK, *[None] * 5])
    assert one._paths.path(1) == ()


def test_the_end_of_a_recording_closes_what_is_open():
    one = pipeline()
    play(one, [50] * 10)
    last = one.finish("session_ended")
    assert told(last.events) == [("all", State.CLEARED, "session_ended")]
    assert last.events[0].path
    assert last.scene.frame.index == 9
    assert one.finish("session_ended").events == []


def test_without_a_frame_there_is_nothing_to_finish():
    assert pipeline().finish("session_ended") is None


def test_people_are_hidden_at_any_score():
    faint = pipeline().step(frame(0), detections([(50, 60)], score=0.12))
    assert people(faint) == detections([(50, 60)]).xyxy.tolist()


@pytest.mark.parametrize(("class_id", "hidden"), [(0, 1), (1, 1), (3, 1), (2, 0), (5, 0), (7, 0)])
def test_people_and_riders_are_hidden_but_not_vehicles(class_id, hidden):
    seen = pipeline().step(frame(0), detections([(50, 60)], class_id=class_id))
    assert len(seen.scene.people) == hidden


def test_each_is_hidden_once():
    one = pipeline()
    play(one, [50] * 5)
    assert len(one.step(frame(5), detections([(50, 60), (150, 60)])).scene.people) == 2


def test_where_somebody_was_stays_hidden_for_a_second():
    one = pipeline()
    play(one, [50] * 5)
    assert people(one.step(frame(13), detections())) == detections([(50, 60)]).xyxy.tolist()
    assert people(one.step(frame(15), detections())) == []


def test_where_somebody_was_stays_hidden_though_the_track_ended():
    one = pipeline(lost_s=0.2)
    play(one, [50] * 5)
    missed = [one.step(frame(5 + index), detections()) for index in range(5)]
    assert missed[2].scene.tracks.ended.tolist() == [1]
    assert len(missed[-1].scene.people) == 1


def test_a_person_whom_the_detector_calls_a_car_for_once_stays_hidden():
    one = pipeline()
    play(one, [50] * 5)
    odd = one.step(frame(5), detections([(50, 60)], class_id=2))
    assert people(odd) == detections([(50, 60)]).xyxy.tolist()


LEFT, RIGHT = (0, 0, 100, 100), (100, 0, 200, 100)
HE, SHE = (50, 60), (150, 60)  # he stands on the left, she on the right


def hidden(*looks):
    """Who is hidden after these looks, each (feet, parts looked at); nobody is tracked."""
    one = People()
    for index, (feet, looked) in enumerate(looks):
        found = one.update(Tracks.empty(), Seen(detections(feet), looked), index * 10.0)
    return sorted(found.tolist())


def places(*feet):
    return sorted(detections(feet).xyxy.tolist())


def test_where_nobody_has_looked_since_somebody_stays_hidden():
    assert hidden(([HE, SHE], None), ([], [])) == places(HE, SHE)
    assert hidden(([HE, SHE], None), *[([], [])] * 50) == places(HE, SHE)
    assert hidden(([HE, SHE], None), ([], [RIGHT])) == places(HE)


def test_who_is_gone_where_it_was_looked_is_not_hidden():
    assert hidden(([HE, SHE], None), ([], None)) == []
    assert hidden(([HE, SHE], None), ([], [LEFT, RIGHT])) == []


def test_who_is_seen_again_is_hidden_where_he_is_now():
    assert hidden(([HE], None), ([(60, 60)], [LEFT])) == places((60, 60))


def test_a_look_at_less_than_half_of_somebody_was_none():
    assert hidden(([HE], None), ([], [(0, 0, 49, 100)])) == places(HE)
    assert hidden(([HE], None), ([], [(0, 0, 51, 100)])) == []


def test_vehicles_are_not_remembered_either():
    one = People()
    one.update(Tracks.empty(), Seen(detections([HE], class_id=2)), 0.0)
    assert len(one.update(Tracks.empty(), Seen(detections(), []), 0.1)) == 0


def test_what_is_seen_but_not_followed_is_hidden_and_makes_no_event():
    one = pipeline()
    for index in range(10):
        step = one.step(frame(index), detections(), Seen(detections([HE])))
        assert step.events == []
        assert len(step.scene.tracks) == 0
        assert people(step) == places(HE)


def test_what_was_looked_at_is_everything_or_the_parts():
    boxes = detections([HE, SHE]).xyxy
    assert Seen(detections()).looked_at(boxes).tolist() == [True, True]
    assert Seen(detections(), [LEFT]).looked_at(boxes).tolist() == [True, False]
    assert Seen(detections(), []).looked_at(boxes).tolist() == [False, False]
    assert Seen(detections(), [LEFT]).looked_at(boxes[:0]).tolist() == []


def test_who_is_followed_is_expected_and_nobody_of_another_session():
    one = pipeline()
    assert one.expected(frame(0)).shape == (0, 4)
    play(one, WALK)
    (expected,) = one.expected(frame(len(WALK)))
    assert expected == pytest.approx(places((160 - 4 * len(WALK), 60))[0], abs=2)
    assert one.expected(frame(0, session=1)).shape == (0, 4)


def test_same_frames_same_events():
    random = np.random.default_rng(3)
    steps = 100 + random.integers(-7, 8, 500).cumsum()
    xs = [None if random.random() < 0.2 else int(x) for x in steps]
    events = play(pipeline(), xs)
    assert events == play(pipeline(), xs)
    assert len(events) > 10


def test_a_detector_s_order_is_irrelevant():
    one, two = pipeline(), pipeline()
    for index, x in enumerate(WALK):
        found = detections([(x, 60), (200 - x, 90), (100, 40)])
        turned = Detections(found.xyxy[::-1], found.score[::-1], found.class_id[::-1])
        assert one.step(frame(index), found).events == two.step(frame(index), turned).events


def test_where_somebody_was_stays_pixelated_when_his_id_goes_to_another():
    people, nobody = People(), Seen(Detections.empty(), looked=())
    people.update(tracks({1: (50, 60)}), nobody, 0.0)
    past = {1: Past(np.zeros(0), np.zeros((0, 4), np.float32))}
    linked = people.update(replace(tracks({1: (150, 60)}), past=past), nobody, 0.4)
    assert sorted(linked[:, 0].tolist()) == sorted(
        tracks({1: (50, 60), 2: (150, 60)}).xyxy[:, 0].tolist()
    )
    assert len(people.update(tracks({1: (150, 60)}), nobody, 1.1)) == 1
