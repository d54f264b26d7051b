"""A rule is armed by its schedule, by inputs, and as somebody ordered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.armed import Armed, Gate, Shut
from edge.rules.view import View
from edge.types import State
from tests.make import frame, tracks
from tests.rules.make_rules import BY_TRACKS, LEFT, RIGHT, make_rule, scene, told

NAMES = st.sampled_from([None, "blasting", "gate_open"])


def always(_at):
    return True


def never(_at):
    return False


@given(
    st.sampled_from([None, always, never]),
    NAMES,
    NAMES,
    st.sets(st.sampled_from(["blasting", "gate_open", "other"])),
    st.sampled_from([None, True, False]),
)
def test_a_gate_is_open_iff_order_inputs_and_schedule_say_so(when, needs, bars, inputs, order):
    gate = Gate("fence", when, needs, bars)
    free = (needs is None or needs in inputs) and (bars is None or bars not in inputs)
    scheduled = when is not never if order is None else order
    assert (gate.shut(0.0, inputs, order=order) is None) is (free and scheduled)


@pytest.mark.parametrize(
    ("gate", "order", "why"),
    [
        (Gate("fence", never, "blasting"), False, Shut.ORDER),
        (Gate("fence", never, "blasting"), True, Shut.WHILE_INPUT),
        (Gate("fence", never, unless_input="open"), None, Shut.UNLESS_INPUT),
        (Gate("fence", never), None, Shut.SCHEDULE),
        (Gate("fence", never), True, None),
    ],
)
def test_it_says_why_it_is_shut(gate, order, why):
    assert gate.shut(0.0, {"open"}, order=order) is why


def test_only_orders_about_the_rule_count():
    gate = Gate("fence")
    assert gate(View(tracks(), frame(), orders={"yard": False}))
    assert not gate(View(tracks(), frame(), orders={"fence": False}))


def test_the_frame_s_time_and_inputs_are_what_it_goes_by():
    gate = Gate("fence", lambda at: at >= frame(1).time, "blasting")
    views = [
        View(tracks(), frame(i), inputs=inputs) for i in (0, 1) for inputs in ((), {"blasting"})
    ]
    assert [gate(view) for view in views] == [False, False, False, True]


@pytest.fixture(params=BY_TRACKS)
def rule(request):
    return make_rule(request.param)


def led(armed, places, inputs=()):
    """What is told as one track is in these places, with these inputs active, frame by frame."""
    events = []
    for index, place in enumerate(places):
        view = scene(tracks({1: place}), frame(index))
        view.inputs = inputs[index] if inputs else view.inputs
        events += armed.update(view)
    return events


def test_outside_its_times_a_rule_is_closed_once_and_sees_nothing(rule):
    switch = [True, True, False, False, False]
    armed = Armed(rule, lambda view: switch[view.frame.index])
    events = led(armed, [LEFT, RIGHT, RIGHT, LEFT, RIGHT])
    assert told(events) == [(State.RAISED, events[0].reason), (State.CLEARED, "disarmed")]


def test_it_is_closed_once_however_long_it_is_disarmed():
    class Counted:
        closed = 0

        def update(self, view):
            return []

        def close(self, frame, reason):
            self.closed += 1
            return []

    inner, switch = Counted(), iter([True, False, False, True])
    armed = Armed(inner, lambda _: next(switch))
    assert not [event for i in range(3) for event in armed.update(View(tracks(), frame(i)))]
    assert inner.closed == 1


def test_what_happens_while_it_is_disarmed_is_not_made_up_for(rule):
    switch = iter([False, False, True])
    armed = Armed(rule, lambda _: next(switch))
    assert led(armed, [LEFT, RIGHT, LEFT]) == []


def test_a_key_does_not_come_again_after_arming_again(rule):
    switch = iter([True, True, False, True, True])
    armed = Armed(rule, lambda _: next(switch))
    events = led(armed, [LEFT, RIGHT, RIGHT, LEFT, RIGHT])
    keys = [event.key for event in events if event.state is State.RAISED]
    assert len(set(keys)) == len(keys) == 2


def test_closing_an_armed_rule_closes_it(rule):
    armed = Armed(rule, lambda _: True)
    led(armed, [LEFT, RIGHT])
    assert told(armed.close(frame(2), "session_ended")) == [(State.CLEARED, "session_ended")]
    assert list(armed.close(frame(3), "session_ended")) == []


def test_an_input_that_begins_closes_what_it_suppresses(rule):
    armed = Armed(rule, Gate("fence", unless_input="maintenance"))
    events = led(armed, [LEFT, RIGHT] * 2, [(), (), {"maintenance"}, {"maintenance"}])
    assert told(events) == [(State.RAISED, events[0].reason), (State.CLEARED, "disarmed")]
