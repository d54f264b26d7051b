"""Lines and zones apart, clips together."""

import pytest

from benchmarks.alerts_judged import judged, together
from edge.scoring import Happening

FENCE, YARD = Happening("fence", 1, 2.0), Happening("yard", 0, 5.0)


def judge(alerts, events=(FENCE, YARD), *, hours=0.5):
    return judged(alerts, events, lines=["fence"], zones=["yard"], hours=hours)


def test_false_alarms_are_told_by_the_hour():
    cells = judge([FENCE, Happening("yard", 0, 9.0)]).cells
    assert (cells["line_f1"], cells["line_false_per_h"]) == (1.0, 0.0)
    assert [cells[f"zone_{name}"] for name in ("hits", "false", "missed")] == [0, 1, 1]
    assert cells["zone_false_per_h"] == 2.0


def test_clips_together_are_as_one_with_all_their_events():
    late = Happening("fence", 1, 2.4)
    both = together([judge([FENCE]), judge([late], hours=1.5)])
    assert (both.line.hits, both.zone.missed, both.hours) == (2, 2, 2.0)
    assert both.line.delays == pytest.approx((0.0, 0.4))
    assert both.cells["line_delay_s"] == pytest.approx(0.2)


def test_nothing_together_is_right_about_nothing():
    assert together([judge([], [])]).cells["line_f1"] == 1.0
