"""What the rules' costs are measured on, and against what."""

from typing import get_args

import numpy as np
import pytest

from benchmarks import rules
from benchmarks.rules_crowd import FPS, crowd
from benchmarks.rules_plain import ArrayLine, ArrayZone, PythonLine, PythonZone
from edge import settings_rules
from edge.rules import RULES
from edge.rules.view import View
from edge.types import CLASSES
from tests.make import frame, tracks


def views(count=10, frames=200, seed=1):
    return [View(*one) for one in crowd(count, frames, seed=seed)]


@pytest.mark.parametrize("kind", rules.BY_TRACKS)
def test_every_kind_that_sees_tracks_alone_is_measured(kind):
    updates = rules.made([kind])
    assert len(updates) == rules.COUNT
    assert (f"{rules.COUNT} {kind}", rules.COUNT) in rules.cases()
    view = views(frames=1)[0]
    for update in updates:
        list(update(view))


def test_only_what_looks_at_the_picture_is_not_among_them():
    assert RULES.keys() - set(rules.BY_TRACKS) == {"left_object"}


def test_every_kind_that_can_be_configured_has_options():
    union, _ = get_args(settings_rules.Rule)
    kinds = {get_args(one.model_fields["type"].annotation)[0] for one in get_args(union)}
    assert set(rules.OPTIONS) == kinds


def test_a_mixed_set_has_the_kinds_in_turn():
    found = rules.made(["tripwire", "zone"])
    assert len({type(update.__self__) for update in found}) == 1  # all of them may merge
    assert len(found) == rules.COUNT


def test_a_crowd_has_so_many_and_each_ends_once():
    told = list(crowd(6, 200, seed=1))
    assert {len(seen) for seen, _ in told} == {6}
    ended = [track for seen, _ in told for track in seen.ended.tolist()]
    assert len(ended) == len(set(ended)) == 4
    later = [set(seen.id.tolist()) for seen, _ in told]
    assert not later[-1] & set(ended)
    assert {int(kind) for kind in told[0][0].class_id} == {CLASSES["person"], CLASSES["car"]}
    assert told[10][1].pts == pytest.approx(10 / FPS)


def test_the_plain_ways_agree():
    for one, other in (
        (ArrayLine(rules.line(3)), PythonLine(rules.line(3))),
        (
            ArrayZone(rules.polygon(3), dwell_s=0.5),
            PythonZone(rules.polygon(3), dwell_s=0.5),
        ),
    ):
        told = [(sorted(one.update(view)), sorted(other.update(view))) for view in views()]
        assert [a for a, _ in told] == [b for _, b in told]
        assert sum(len(a) for a, _ in told) > 3


@pytest.mark.parametrize("plain", [ArrayLine, PythonLine])
def test_a_plain_line_is_crossed_by_a_step_that_meets_it(plain):
    rule = plain(((0.5, 0.0), (0.5, 0.8)))
    places = [(90, 50), (110, 50), (120, 90), (80, 90)]
    told = [
        list(rule.update(View(tracks({1: place}), frame(index))))
        for index, place in enumerate(places)
    ]
    assert told == [[], [1], [], []]


@pytest.mark.parametrize("plain", [ArrayZone, PythonZone])
def test_a_plain_zone_tells_of_each_stay_once_after_its_dwell(plain):
    rule = plain(((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)), dwell_s=0.2)
    places = [20, 150, 150, 150, 150, 20, 150, 150, 150]
    told = [
        list(rule.update(View(tracks({1: (x, 50)}), frame(index))))
        for index, x in enumerate(places)
    ]
    assert [index for index, some in enumerate(told) if some] == [3, 8]


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_is_that_of_the_growth(power):
    sizes = np.array(rules.CROWDS)
    assert rules.exponent(sizes, 3 * sizes**power) == pytest.approx(power)


def test_of_each_frame_the_least_of_all_rounds_counts():
    costs = np.array([[10.0, 90.0], [50.0, 20.0], [20.0, 30.0]])
    (row,) = rules.rows({("some", 10): costs})
    assert (row["us"], row["us_per_rule"]) == (15.0, 1.5)
    assert (row["us_least"], row["us_median"], row["us_most"]) == (25.0, 35.0, 50.0)


def test_all_rounds_measure_the_same_frames():
    made = []

    def make():
        made.append([])
        return [lambda view: made[-1].append(view.feet.tobytes()) or ()]

    costs = rules.measured({("some", 3): make}, rounds=2, frames=4)["some", 3]
    assert costs.shape == (2, 4 * len(rules.SEEDS))
    first, second = made[: len(rules.SEEDS)], made[len(rules.SEEDS) :]
    assert first == second
    assert len({*map(tuple, first)}) == len(rules.SEEDS)


def test_what_is_measured_becomes_rows_ratios_and_goals(monkeypatch):
    monkeypatch.setattr(rules, "WARM", 2)
    monkeypatch.setattr(rules, "FRAMES", 25)
    done = rules.run(quick=True)
    assert {row["tracks"] for row in done.rows} == set(rules.CROWDS)
    assert all(row["us"] > 0 for row in done.rows)
    assert len(done.goals) == len(rules.BY_TRACKS) + 3
    assert {goal.at_least for goal in done.goals} == {False}
    assert any(name.endswith(rules.NUMBERS) for name in done.ratios)
