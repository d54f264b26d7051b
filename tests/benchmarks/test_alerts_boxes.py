"""Rows from boxes alone: which there are, and what they tell."""

from benchmarks.alerts_boxes import OTHERS, PUBLIC, TRUE, public_rows, spoilt_rows, true_rows
from benchmarks.alerts_degraded import LEVELS
from benchmarks.alerts_replay import ours
from tests.benchmarks.make_guarded import guarded

PETS = "PETS09-S2L1"


def test_true_boxes_are_judged_clip_by_clip_and_together_at_three_rates(tmp_path):
    some = [guarded(tmp_path, name) for name in (PETS, "TUD-Campus", "KITTI-17")]
    found = list(true_rows(some))
    assert [(row["data"], row["every"]) for row in found] == [
        (name, step) for step in (1, 2, 3) for name in (PETS, "TUD-Campus", "KITTI-17", OTHERS)
    ]
    assert {row["boxes"] for row in found} == {TRUE}
    assert {(row["line_f1"], row["zone_f1"]) for row in found} == {(1.0, 1.0)}
    assert [row["fps"] for row in found if row["data"] == PETS] == [10, 5, 10 / 3]


def test_together_there_are_more_events_and_pets_is_not_among_them(tmp_path):
    some = [guarded(tmp_path, name) for name in (PETS, "TUD-Campus", "KITTI-17")]
    _, two, other, both, *_ = true_rows(some)
    assert both["line_hits"] == two["line_hits"] + other["line_hits"]
    assert both["clips"] == 2
    assert (both["line_f1_tuning"], both["line_f1_held_out"]) == (1.0, 1.0)


def test_public_boxes_go_through_each_tracker_at_the_rates_that_there_are(tmp_path):
    some = [guarded(tmp_path, "A", fps=30, frames=180), guarded(tmp_path, "B", fps=10)]
    found = list(public_rows(some, {"one": ours, "other": ours}))
    assert [row["path"] for row in found[:4]] == ["one", "other"] * 2
    together = [row for row in found if row["data"] == OTHERS and row["path"] == "one"]
    asked = [(row["boxes"], row["fps"], row["clips"]) for row in together]
    assert asked[:4] == [
        (PUBLIC, "about 25", 1),
        (PUBLIC, "about 12", 1),
        (PUBLIC, "about 8", 2),
        (PUBLIC, "about 5", 2),
    ]
    assert {boxes for boxes, *_ in asked[4:]} == {f"{PUBLIC}, shaken by 0.05"}


def test_nothing_together_without_a_clip_that_is_fast_enough(tmp_path):
    found = list(public_rows([guarded(tmp_path, "B", fps=10)], {"one": ours}))
    assert {row["fps"] for row in found} == {10, "about 8", "about 5"}


def test_each_level_is_a_row(tmp_path):
    found = list(spoilt_rows([guarded(tmp_path, PETS)], "own"))
    assert [row["boxes"] for row in found] == [f"own: {name}" for name in LEVELS]
    assert found[0]["line_f1"] == 1.0
    assert found[0]["data"] == PETS
    two = [guarded(tmp_path, name) for name in ("A", "B")]
    assert {row["data"] for row in spoilt_rows(two, "own")} == {OTHERS}
