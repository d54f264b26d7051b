"""Whether right alerts are surer than false ones: area under the ROC curve, and thirds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.alerts_boxes import OTHERS
from benchmarks.alerts_confidence import ALL_LEVELS, PATH, Told, auc, cells, rows, thirds
from benchmarks.alerts_replay import alerts, ours, sure
from tests.benchmarks.make_guarded import guarded

PETS = "PETS09-S2L1"


def told(*pairs, kind="line", sequence="TUD-Campus"):
    return [Told(kind, sequence, confidence, right) for confidence, right in pairs]


ALERTS = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), max_size=20)


@given(ALERTS)
def test_it_is_the_share_of_pairs_in_which_the_right_one_is_surer(pairs):
    right = [confidence for confidence, hit in pairs if hit]
    false = [confidence for confidence, hit in pairs if not hit]
    wins = [(a > b) + (a == b) / 2 for a in right for b in false]
    expected = pytest.approx(sum(wins) / len(wins)) if wins else None
    assert auc(told(*pairs)) == expected


def test_thirds_are_the_least_sure_and_the_surest():
    pairs = [(0.1, False), (0.2, True), (0.3, False), (0.4, True), (0.5, True), (0.6, True)]
    assert thirds(told(*pairs)) == (0.5, 0.0)
    assert thirds(told(*pairs[:2])) == (None, None)


def test_lines_and_zones_tuning_and_held_out_are_apart():
    some = told((0.1, False), (0.9, True))
    some += told((0.9, False), (0.1, True), kind="zone", sequence="KITTI-17")
    found = cells(some)
    assert (found["line_auc"], found["line_auc_tuning"], found["line_auc_held_out"]) == (1, 1, None)
    assert (found["zone_auc"], found["zone_auc_tuning"], found["zone_auc_held_out"]) == (0, None, 0)
    assert (found["line_alerts"], found["zone_alerts"]) == (2, 2)


def test_the_alerts_are_those_that_are_judged_and_each_has_its_confidence(tmp_path):
    one = guarded(tmp_path)
    tracks = ours(one.sequence)
    found = sure(one, tracks)
    assert sorted(map(repr, (alert for alert, _ in found))) == sorted(
        map(repr, alerts(one, tracks))
    )
    assert found
    assert all(0 < confidence < 1 for _, confidence in found)


def test_a_row_of_public_boxes_one_of_spoilt_ones_and_one_of_our_detector(tmp_path):
    whole = [guarded(tmp_path, name) for name in (PETS, "KITTI-17")]
    found = list(rows(whole, whole[1:], whole[:1]))
    assert [(row["data"], row["boxes"]) for row in found] == [
        (OTHERS, "public"),
        (OTHERS, f"public: {ALL_LEVELS}"),
        (PETS, f"our detector: {ALL_LEVELS}"),
    ]
    assert {row["path"] for row in found} == {PATH}
    assert found[0]["line_alerts"] == 2  # each of two people crosses one line
    assert found[1]["line_alerts"] > 10
    assert found[0]["line_auc"] is None  # there is no false one among them


def test_no_row_of_what_is_not_there(tmp_path):
    assert list(rows([guarded(tmp_path, PETS)], [], [])) == []
