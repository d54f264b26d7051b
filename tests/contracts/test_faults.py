"""Every source against a camera that fails in every way, beside one that is well.

All cases run once, side by side; the tests ask what came of them. How long things took is
measured by `python -m benchmarks ingest`: the limits here are for a machine that is busy.
"""

import re

import pytest

from edge.status import CameraState
from tests.cameras.camera import PASSWORD
from tests.cameras.gst import missing
from tests.contracts.cases import CASES
from tests.contracts.trial import Cameras, run_all

BUSY_S = 1.5  # what a busy machine may add
FIRST_FRAME_S = 2.0
PAUSE_S = 1.0  # that the healthy camera may make
DRIFT_S = 2.0
STREAMING = [case for case in CASES if CameraState.STREAMING in case.states]
FAILING = [case for case in CASES if case not in STREAMING]
HEALING = [case for case in CASES if case.heals]
SHOWING = [case for case in CASES if case in STREAMING or case.streams_first]


@pytest.fixture(scope="module")
def outcomes(request, tmp_path_factory):
    """What came of the cases that are asked for, by their names."""
    asked = {
        item.callspec.params["case"].name
        for item in request.session.items
        if item.module is request.module
    }
    with Cameras(tmp_path_factory.mktemp("cameras")) as cameras:
        chosen = [case for case in CASES if case.name in asked and case.server in cameras.servers]
        return {outcome.case.name: outcome for outcome in run_all(chosen, cameras)}


@pytest.fixture
def outcome(case, outcomes):
    if case.name not in outcomes:
        pytest.skip(missing())
    found = outcomes[case.name]
    assert found.error == ""
    return found


def over(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


@over(FAILING)
def test_a_fault_is_noticed_and_told(case, outcome):
    assert outcome.state in {str(state) for state in case.states}, outcome.reason
    assert outcome.notice_s <= case.notice_s + BUSY_S
    assert re.search(case.reason, outcome.reason)
    assert outcome.reason


@over(FAILING)
def test_no_reason_holds_a_password(case, outcome):
    assert PASSWORD not in outcome.reason
    assert "s3" not in outcome.reason


@over(HEALING)
def test_frames_come_again_within_the_pause_and_a_second(case, outcome):
    assert outcome.steady
    assert outcome.recover_s <= outcome.allowed_s + BUSY_S


@over(STREAMING)
def test_it_goes_on_streaming_in_one_session(case, outcome):
    assert outcome.state == CameraState.STREAMING, outcome.reason
    assert outcome.sessions == 1
    assert outcome.own_fps >= case.least_fps
    assert len(outcome.sizes) == case.sizes
    assert not case.clock or outcome.clocks == {case.clock}


@over(SHOWING)
def test_pts_rise_and_keep_up_with_time(case, outcome):
    assert outcome.frames > 0
    assert outcome.backwards == 0
    assert outcome.drift_s < DRIFT_S


@over(SHOWING)
def test_the_first_frame_comes_soon(case, outcome):
    assert outcome.first_frame_s < FIRST_FRAME_S


@over(CASES)
def test_another_camera_never_pauses(case, outcome):
    assert outcome.other_gap_s < PAUSE_S + BUSY_S
