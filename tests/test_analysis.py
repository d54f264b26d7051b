"""A turn of the analysis: the cameras of a turn do not answer for one another."""

from types import SimpleNamespace
from unittest.mock import Mock, call

import pytest

from edge.analysis import Analysis, Change, Lane
from edge.metrics import Metrics
from edge.pipeline import Step
from edge.types import Detections, Scene, Tracks
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

    def step(self, now, _objects, _seen, tracks):
        if self.fails:
            raise ArithmeticError(f"{self.name} fails")
        self.stepped.append(tracks)
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
    one.take_over(Change({"gate": ["rule"], "yard": []}, "origin", "grades"))
    one._journal.reset_mock()
    one._turn()
    assert [camera.swapped for camera in cameras] == [
        (["rule"], "reconfigured"),
        ([], "reconfigured"),
    ]
    told = [one_call.args[0] for one_call in one._journal.record.call_args_list[:2]]
    assert told == [["gate's end"], ["yard's end"]]
    assert one._journal.method_calls[2] == call.reconfigure("origin", "grades")
    one._attention.regrade.assert_called_once_with("grades")


def test_a_change_before_the_first_frame_tells_nothing():
    one = analysis([Camera("gate")], Mock(return_value=[Tracks.empty()]))
    one.take_over(Change({"gate": []}, "origin", "grades"))
    one._turn()
    assert one._journal.method_calls[0] == call.reconfigure("origin", "grades")
