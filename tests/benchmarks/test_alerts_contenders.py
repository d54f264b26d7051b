"""Contenders in turns: their rows, ratios and goals; what happens where a peer is absent."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import mot, script
from benchmarks.alerts_contenders import CAREFUL, OURS, SCRIPT, SCRIPT_1, Contender, compete, scores
from benchmarks.pets import Pets, Run
from benchmarks.result import SkipBenchmark
from edge.scoring import Happening
from tests.benchmarks.make_result import result

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:supervision")
FENCE, YARD = Happening("fence", 1, 2.0), Happening("yard", 0, 5.0)
NAMES = (OURS, SCRIPT_1, SCRIPT)


@pytest.fixture
def site(tmp_path):
    truth = tmp_path / "gt.txt"
    truth.write_text("1,1,10,10,20,40,1,-1,-1,-1\n")
    return Pets(
        clip=Path("none"),
        ground_truth=truth,
        lines={"fence": ((50.0, 10.0), (50.0, 90.0))},
        zones={"yard": ((100.0, 0.0), (199.0, 0.0), (199.0, 99.0))},
        events=(FENCE, YARD),
    )


class Fake(Contender):
    """Gives these alerts at these costs, in turn."""

    def __init__(self, name, costs, alerts=(), *, every=1):
        super().__init__(name, self.next_run, every=every, rounds=len(costs))
        self.costs, self.alerts = list(costs), list(alerts)
        self.asked = []

    def next_run(self, pets, *, every):
        self.asked.append(every)
        cpu_s = self.costs.pop(0)
        return Run(1000, cpu_s, list(self.alerts), [(1, 1, 10, 10, 20, 40)])


def absent(_pets, *, every):
    raise SkipBenchmark(f"not installed, every {every}")


def three(*, ours=(), first=()):
    costs = ([2.0, 3.0, 8.0], [4.0, 4.0, 4.0], [8.0, 8.0, 8.0])
    said = (ours, first, first)
    return [Fake(*one) for one in zip(NAMES, costs, said, strict=True)]


def test_costs_are_medians_and_ratios_medians_of_the_rounds(site, sv):
    done = result(rows=[])
    compete(three(), site, done)
    ours = done.rows[0]
    assert (ours["cpu_ms"], ours["cpu_ms_least"], ours["cpu_ms_most"]) == (3.0, 2.0, 8.0)
    assert done.ratios == {f"CPU to the {SCRIPT_1}": 0.75, f"CPU to the {SCRIPT}": 0.375}


def test_the_median_of_the_rounds_is_not_the_ratio_of_the_medians(site, sv):
    contenders = [
        Fake(OURS, [2.0, 6.0, 20.0]),
        Fake(SCRIPT_1, [1.0, 6.0, 40.0]),
        Fake(SCRIPT, [1.0, 10.0, 100.0]),
    ]
    done = result(rows=[])
    compete(contenders, site, done)
    assert done.ratios == {f"CPU to the {SCRIPT_1}": 1.0, f"CPU to the {SCRIPT}": 0.6}


def test_lines_and_zones_are_scored_apart(site, sv):
    done = result(rows=[])
    compete(three(ours=[FENCE, Happening("yard", 0, 9.0)], first=[YARD]), site, done)
    by_name = {row["path"]: row for row in done.rows}
    assert by_name[OURS]["line_f1"] == 1.0
    assert [by_name[OURS][f"zone_{key}"] for key in ("hits", "false", "missed")] == [0, 1, 1]
    assert (by_name[SCRIPT]["line_f1"], by_name[SCRIPT]["zone_f1"]) == (0.0, 1.0)
    assert by_name[OURS]["line_delay_s"] == 0.0
    assert by_name[OURS]["zone_delay_s"] is None


def test_delays_are_told_by_their_median_and_95th_percentile(site):
    times = [10.0 * i for i in range(21)]
    pets = replace(site, events=tuple(Happening("fence", 1, time) for time in times))
    alerts = [Happening("fence", 1, time + i / 100) for i, time in enumerate(times)]
    found = scores(alerts, pets)
    assert found["line_delay_s"] == pytest.approx(0.10)
    assert found["line_delay_p95_s"] == pytest.approx(0.19)


def test_the_goals_are_no_less_than_the_scripts_at_no_more_cost(site, sv):
    done = result(rows=[])
    compete(three(ours=[FENCE], first=[YARD]), site, done)
    held = {goal.name: goal.held for goal in done.goals}
    assert held == {
        "line F1, no less than the first script's": True,
        "zone F1, no less than the first script's": False,
        "line F1, no less than the careful script's": True,
        "zone F1, no less than the careful script's": True,
        f"CPU to the {SCRIPT_1}": True,
    }
    assert CAREFUL in [row["path"] for row in done.rows]


def test_a_contender_that_skips_frames_runs_once_and_is_not_compared(site, sv):
    slow = Fake(OURS, [50.0], every=3)
    done = result(rows=[])
    compete([*three(), slow], site, done)
    assert slow.asked == [3]
    assert done.ratios[f"CPU to the {SCRIPT_1}"] == 0.75


def test_without_the_peer_ours_is_told_and_no_goal_is(site):
    done = result(rows=[])
    compete([Fake(OURS, [1.0]), Contender(SCRIPT_1, absent), Contender(SCRIPT, absent)], site, done)
    assert [row["path"] for row in done.rows] == [OURS]
    assert done.goals == []
    assert done.skipped[SCRIPT_1] == "not installed, every 1"


def test_without_trackeval_the_alerts_are_scored_all_the_same(site, monkeypatch):
    monkeypatch.setitem(sys.modules, "trackeval", None)
    done = result(rows=[])
    compete([Fake(OURS, [1.0], [FENCE]), Contender(SCRIPT, absent)], site, done)
    assert done.rows[0]["line_f1"] == 1.0
    assert "hota" not in done.rows[0]
    assert "extra `bench`" in done.skipped["HOTA, IDF1, MOTA"]


def test_absent_peers_say_how_to_get_them(site, monkeypatch):
    for name in ("trackeval", "supervision"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SkipBenchmark, match=r"trackeval is not installed; .* extra `bench`"):
        mot.score([], site.ground_truth)
    with pytest.raises(SkipBenchmark, match=r"supervision is not installed; .* extra `bench`"):
        script.run(site, Path("none"), threads=1)
