"""Cameras that give no pictures."""

import pytest

from edge.rules.offline import Offline
from edge.status import CameraHealth, CameraState
from edge.types import Kind, State


def told(states, *, after_s=10):
    """What is said of a camera that is in one state after the other, a second each."""
    rule = Offline("gate", after_s)
    return [
        (now, event.state, event.reason)
        for now, state in enumerate(states)
        for event in rule.update(CameraHealth("gate", state), now=now, time=1000.0 + now)
    ]


UP, LOST, STALLED = CameraState.STREAMING, CameraState.LOST, CameraState.STALLED


def test_a_camera_that_is_gone_for_the_grace_is_raised_and_cleared_when_it_is_back():
    assert told([UP] * 3 + [LOST] * 15 + [UP] * 3) == [
        (13, State.RAISED, "lost"),
        (18, State.CLEARED, "online"),
    ]


def test_a_short_break_is_nothing():
    assert told([UP] * 3 + [LOST] * 9 + [UP] * 30) == []


def test_the_grace_spans_attempts_that_fail_in_different_ways():
    states = [STALLED] * 5 + [LOST] * 4 + [CameraState.REFUSED] * 4

    assert told(states) == [(10, State.RAISED, "refused")]


def test_a_camera_that_never_came_is_raised_once():
    assert told([CameraState.CONNECTING] * 60) == [(10, State.RAISED, "connecting")]


@pytest.mark.parametrize("state", [CameraState.ENDED, CameraState.STOPPED])
def test_what_is_over_is_not_offline(state):
    assert told([state] * 60) == []


def test_the_event_names_the_camera_and_the_boxs_time():
    (event,) = Offline("gate", 0).update(CameraHealth("gate", LOST), now=5.0, time=77.0)

    assert (event.kind, event.camera, event.rule) == (
        Kind.CAMERA_OFFLINE,
        "gate",
        "camera-offline",
    )
    assert (event.pts, event.time, event.sighting) == (5.0, 77.0, None)
