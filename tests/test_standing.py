"""Orders side by side: which decides, which end others, against a slow reference."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.orders import Mode, Order
from edge.standing import added, deciding, ordered, settled

A, D, S = Mode.ARMED, Mode.DISARMED, Mode.SCHEDULE
RULES = [*product(("gate", "yard"), ("fence", "zone")), ("", "panic")]
ORDERS = st.lists(
    st.tuples(
        st.sampled_from(Mode),
        st.sampled_from(["", "gate", "yard"]),
        st.sampled_from(["", "fence", "zone", "panic"]),
        st.one_of(st.none(), st.integers(1, 20)),
    ),
    max_size=8,
)


def order(number, mode, camera="", rule="", until=None):
    return Order(f"o{number}", mode, camera, rule, until, made=0.0, who="x")


def given_one_after_the_other(orders):
    held = ()
    for one in orders:
        held = added(held, one)
    return held


def armed(held, at, camera="gate", rule="fence"):
    return ordered(deciding(held, camera, rule, at))


def test_without_orders_the_schedule_decides():
    assert armed((), 0) is None


def test_the_newest_decides_and_then_the_one_before():
    held = given_one_after_the_other([order(1, A, until=20), order(2, D, "gate", until=10)])
    assert [armed(held, at) for at in (9, 10, 19, 20)] == [False, True, True, None]
    assert armed(held, 9, "yard") is True


def test_arming_ends_what_it_covers_that_disarms():
    held = given_one_after_the_other([order(1, D, "gate", until=20), order(2, A, "gate", until=5)])
    assert [armed(held, at) for at in (1, 6)] == [True, None]


def test_arming_a_part_leaves_the_rest_disarmed():
    held = given_one_after_the_other([order(1, D, until=20), order(2, A, "gate", "fence", 5)])
    assert [armed(held, at) for at in (1, 6)] == [True, False]
    assert armed(held, 1, "gate", "zone") is False


@pytest.mark.parametrize("wider", [("", ""), ("gate", ""), ("gate", "fence")])
def test_back_to_the_schedule_ends_what_it_covers(wider):
    held = given_one_after_the_other([order(1, D, "gate", "fence", 20), order(2, S, *wider)])
    assert held == ()


def test_back_to_the_schedule_of_a_part_holds_as_long_as_the_rest_does():
    held = given_one_after_the_other([order(1, D, until=20), order(2, S, "gate")])
    assert armed(held, 1) is None
    assert armed(held, 1, "yard") is False
    assert held[-1].until == 20


def test_what_is_outlasted_is_no_longer_kept():
    held = given_one_after_the_other([order(1, D, until=5), order(2, D, until=9)])
    assert [one.id for one in held] == ["o2"]


def test_what_was_ordered_before_a_disarming_decides_again_once_that_is_ended():
    orders = [order(1, A, until=10), order(2, D, until=20), order(3, A, until=5)]
    held = given_one_after_the_other(orders)
    assert [armed(held, at) for at in (4, 7, 12)] == [True, True, None]


def reference(orders, camera, rule, at):
    """By what people are told: see `Box.SetArming` in the contract."""
    alive = []
    for new in orders:
        covered = [
            one for one in alive if new.camera in ("", one.camera) and new.rule in ("", one.rule)
        ]
        if new.mode is S:
            alive = [one for one in alive if one not in covered]
        elif new.mode is A:
            alive = [one for one in alive if one not in covered or one.mode is not D]
        alive.append(new)
    for one in reversed(alive):
        if one.covers(camera, rule) and (one.until is None or at < one.until):
            return {A: True, D: False, S: None}[one.mode]
    return None


@given(ORDERS, st.integers(0, 25))
def test_it_is_what_people_are_told(wanted, at):
    orders = [
        replace(order(i, mode, camera, rule), until=None if mode is S else until)
        for i, (mode, camera, rule, until) in enumerate(wanted)
    ]
    held = given_one_after_the_other(orders)
    for camera, rule in RULES:
        assert armed(held, at, camera, rule) is reference(orders, camera, rule, at)
    assert settled(held) == held
