"""A turn of the analysis: the cameras of a turn do not answer for one another."""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from edge.analysis import Analysis, Lane
from edge.metrics import Metrics
from edge.pipeline import Step
from edge.types import Detections, Scene, Tracks
from tests.make import frame


class Camera:
    """A pipeline that takes what it is given, or fails."""

    def __init__(self, name, *, fails=False):
        self.name, self.fails, self.stepped = name, fails, []

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
