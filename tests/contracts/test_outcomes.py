"""How the outcome of a case is judged, by the tests and by the benchmark."""

from dataclasses import replace

import pytest

from benchmarks.ingest import row
from edge.status import CameraState
from tests.contracts.cases import CASES, Case
from tests.contracts.trial import Outcome

BROKEN = Case("broken", (CameraState.STALLED,), 2.0, heals=True, reason="sent nothing")
BACK = Outcome(
    BROKEN,
    state="stalled",
    reason="gate sent nothing",
    notice_s=1.5,
    recover_s=0.5,
    allowed_s=1.6,
    steady=True,
)
BORNE = Case("borne", (CameraState.STREAMING,))
STREAMS = Outcome(BORNE, state="streaming", sessions=1, own_fps=25.0)


@pytest.mark.parametrize("outcome", [BACK, STREAMS], ids=["back", "streams"])
def test_what_goes_well_is_expected(outcome):
    assert outcome.as_expected
    assert outcome.in_time


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "lost"},
        {"reason": "gate does not answer"},
        {"notice_s": None},
        {"steady": False},
        {"error": "OSError: no port"},
    ],
    ids=str,
)
def test_a_fault_that_is_told_wrong_or_stays_is_not_expected(wrong):
    assert not replace(BACK, **wrong).as_expected


@pytest.mark.parametrize("wrong", [{"sessions": 2}, {"own_fps": 4.0}, {"state": "lost"}], ids=str)
def test_a_stream_that_breaks_or_thins_out_is_not_expected(wrong):
    assert not replace(STREAMS, **wrong).as_expected


@pytest.mark.parametrize("late", [{"notice_s": 2.1}, {"recover_s": 1.7}], ids=str)
def test_late_is_late(late):
    assert not replace(BACK, **late).in_time


def test_a_row_holds_the_median_and_the_worst_of_all_rounds():
    slow = replace(BACK, notice_s=2.5, other_gap_s=0.3)

    cells = row(BROKEN, [BACK, slow, replace(BACK, notice_s=1.0)])

    assert (cells["notice_s"], cells["notice_s_most"]) == (1.5, 2.5)
    assert (cells["late"], cells["expected"]) == (1, "yes")
    assert cells["other_gap_s"] == 0.3


def test_each_case_has_a_name_and_a_mount_of_its_own():
    assert len({case.name for case in CASES}) == len(CASES)
    ours = [case.place for case in CASES if case.server == "ours"]
    assert len(set(ours)) == len(ours)
