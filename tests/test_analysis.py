"""A turn of the analysis: the cameras of a turn do not answer for one another."""

from types import SimpleNamespace
from unittest.mock import Mock, call

import pytest

from edge.analysis import Analysis, Lane
from edge.arming import Told
from edge.changes import Change
from edge.metrics import Metrics
from edge.pipeline import Step
from edge.types import Detections, Event, Kind, Scene, State, Tracks
from tests.make import frame


class Camera:
    """A pipeline that takes what it is given, or fails."""

    def __init__(self, name, *, fails=False):
        self.name, self.fails, self.stepped = name, fails, []

    def swap(self, rules, reason):
        self.swapped = rules, reason
        return Step([f"{self.name}'s end"], "scene") if self.stepped else None

    def tracker(self, _frame):
        return self.name

    def step(self, now, _objects, _seen, tracks, **told):
        if self.fails:
            raise ArithmeticError(f"{self.name} fails")
        self.stepped.append(tracks)
        self.told = told
        return Step([], Scene(now, tracks, Detections.empty().xyxy))


def analysis(cameras, follow):
    glances = [
        SimpleNamespace(frame=frame(0, camera=camera.name), looked=None) for camera in cameras
    ]
    found = [(Detections.empty(), Detections.empty()) for _ in cameras]
    attention = Mock(choose=lambda _: (glances, []), see=lambda _: found)
    made = Analysis(
        Mock(),
        attention,
        Mock(),
        lanes={camera.name: Lane(camera) for camera in cameras},
        follow=follow,
        watch=Mock(events=list),
        metrics=Metrics(),
    )
    made._gather, made._account = lambda: glances, Mock()
    return made


def test_all_cameras_of_a_turn_are_followed_in_one_call():
    cameras = [Camera("gate"), Camera("yard")]
    follow = Mock(return_value=[Tracks.empty(), Tracks.empty()])
    analysis(cameras, follow)._turn()
    ((turn,), _) = follow.call_args
    assert [who for who, *_ in turn] == ["gate", "yard"]
    assert [camera.stepped for camera in cameras] == [[one] for one in follow.return_value]


def test_each_camera_is_told_of_the_inputs_and_of_its_own_orders():
    cameras = [Camera("gate"), Camera("yard")]
    made = analysis(cameras, Mock(return_value=[Tracks.empty(), Tracks.empty()]))
    made._told = lambda: Told({"drill"}, {"gate": {"fence": False}})
    made._turn()
    assert [camera.told for camera in cameras] == [
        {"inputs": {"drill"}, "orders": {"fence": False}},
        {"inputs": {"drill"}, "orders": {}},
    ]


def alarm(state, camera="gate"):
    return Event(Kind.MANUAL, camera, "panic", state, "1", "by_hand", 0.0, 0.0)


@pytest.mark.parametrize(("age_s", "shown"), [(0.5, True), (60, False)])
def test_an_alarm_shows_what_its_camera_sees_at_that_moment_or_nothing(age_s, shown):
    camera = Camera("gate")
    made = analysis([camera], Mock(return_value=[Tracks.empty()]))
    made._turn()
    made.staleness_s = lambda name: age_s if name == "gate" else None
    events = [alarm(State.RAISED), alarm(State.RAISED, camera=""), alarm(State.CLEARED)]
    made._alarms = Mock(events=lambda _journal: iter(events))
    made._hear()
    scene = made.scene("gate") if shown else None
    assert made._journal.record.call_args_list[1:] == [
        call([events[0]], scene),
        call([events[1]], None),
        call([events[2]], None),
    ]
    assert [call([events[0]]), call([events[2]])] == made._attention.heed.call_args_list[1:]
    made._alarms.answer.assert_called_once_with(made._journal)


def test_whoever_waits_for_an_alarm_is_told_when_the_analysis_ends():
    made = analysis([Camera("gate")], Mock(return_value=[Tracks.empty()]))
    made._alarms = Mock(events=lambda _journal: iter(()))
    made.stop()
    made.run()
    made._alarms.close.assert_called_once_with()


def test_a_camera_that_fails_takes_no_other_along():
    cameras = [Camera("gate", fails=True), Camera("yard")]
    follow = Mock(return_value=[Tracks.empty(), Tracks.empty()])
    with pytest.raises(ArithmeticError, match="gate fails"):
        analysis(cameras, follow)._turn()
    assert cameras[1].stepped == [follow.return_value[1]]


def test_a_change_is_made_between_two_frames_and_the_ends_are_told_before_it():
    cameras = [Camera("gate"), Camera("yard")]
    one = analysis(cameras, Mock(return_value=[Tracks.empty(), Tracks.empty()]))
    one._turn()
    one.take_over(Change({"gate": ["rule"], "yard": []}, {}, "origin", "grades", "urgent"))
    one._journal.reset_mock()
    one._turn()
    assert [camera.swapped for camera in cameras] == [
        (["rule"], "reconfigured"),
        ([], "reconfigured"),
    ]
    told = [one_call.args[0] for one_call in one._journal.record.call_args_list[:2]]
    assert told == [["gate's end"], ["yard's end"]]
    assert one._journal.method_calls[2] == call.reconfigure("origin", "grades")
    one._attention.regrade.assert_called_once_with("urgent")


def test_a_change_before_the_first_frame_tells_nothing():
    one = analysis([Camera("gate")], Mock(return_value=[Tracks.empty()]))
    one.take_over(Change({"gate": []}, {}, "origin", "grades", "urgent"))
    one._turn()
    assert one._journal.method_calls[0] == call.reconfigure("origin", "grades")
