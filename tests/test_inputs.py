"""External inputs: active until they expire, whatever the wall clock does."""

import pytest

from edge.errors import Refusal, RefusalError
from edge.inputs import MOST_STEPS, Inputs
from edge.orders import InputRequest


class Clocks:
    """Both clocks, as the test sets them."""

    def __init__(self):
        self.mono, self.unix = 10.0, 1000.0

    def pass_(self, seconds):
        self.mono += seconds
        self.unix += seconds


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def inputs(clocks):
    return Inputs(["door", "blasting"], clock=lambda: clocks.unix, monotonic=lambda: clocks.mono)


def say(inputs, name="door", active=True, ttl_s=60.0, **more):
    return inputs.set(InputRequest(name, active, ttl_s if active else None, **more))


def steps(inputs):
    return [(set(one.active), one.expired) for one in inputs.steps()]


def test_an_input_is_active_until_it_expires(inputs, clocks):
    assert say(inputs).until == 1060.0
    clocks.pass_(59.9)
    assert inputs.active() == {"door": pytest.approx(0.1)}
    clocks.pass_(0.1)
    assert (inputs.active(), steps(inputs)[-1]) == ({}, (set(), {"door"}))


def test_said_not_to_be_active_it_is_not_and_has_not_expired(inputs):
    say(inputs)
    assert say(inputs, active=False) == inputs.status()[1]
    assert (inputs.active(), steps(inputs)[-1]) == ({}, (set(), set()))


def test_every_change_is_told_once_and_then_how_it_is_now(inputs, clocks):
    assert steps(inputs) == [(set(), set())]
    say(inputs)
    say(inputs)
    clocks.pass_(1)
    say(inputs, "blasting")
    say(inputs, active=False)
    found = inputs.steps()
    assert [set(one.active) for one in found] == [
        {"door"},
        {"door", "blasting"},
        {"blasting"},
        {"blasting"},
    ]
    assert [(one.pts, one.time) for one in found[:2]] == [(10.0, 1000.0), (11.0, 1001.0)]
    assert steps(inputs) == [({"blasting"}, set())]


def test_that_it_expired_before_it_was_said_again_is_told(inputs, clocks):
    say(inputs)
    clocks.pass_(61)
    say(inputs)
    assert steps(inputs) == [
        ({"door"}, set()),
        (set(), {"door"}),
        ({"door"}, set()),
        ({"door"}, set()),
    ]


def test_changes_that_nobody_asks_for_have_a_bound_and_the_oldest_give_way(inputs):
    for index in range(MOST_STEPS + 2):
        say(inputs, active=index % 2 == 0)
    found = steps(inputs)
    assert len(found) == MOST_STEPS + 1
    assert found[-2:] == [(set(), set()), (set(), set())]


def test_said_again_it_is_active_for_longer(inputs, clocks):
    say(inputs)
    clocks.pass_(50)
    say(inputs)
    clocks.pass_(50)
    assert inputs.active().keys() == {"door"}


def test_a_wall_clock_that_is_set_back_makes_it_no_longer(inputs, clocks):
    say(inputs)
    clocks.unix -= 3600
    clocks.mono += 61
    assert inputs.active() == {}


def test_it_is_known_who_will_be_active_a_moment_from_now(inputs):
    say(inputs)
    assert [bool(inputs.active(ahead)) for ahead in (-30, 30, 75)] == [True, True, False]


def test_a_request_that_comes_again_changes_nothing(inputs, clocks):
    first = say(inputs, request_id="r1")
    say(inputs, active=False)
    clocks.pass_(5)
    assert say(inputs, request_id="r1") == first
    assert inputs.active() == {}


def test_an_id_of_another_request_is_refused(inputs):
    say(inputs, request_id="r1")
    with pytest.raises(RefusalError) as caught:
        say(inputs, name="blasting", request_id="r1")
    assert caught.value.reason == "REQUEST_ID_REUSED"


def test_an_input_that_is_not_configured_is_refused_with_those_that_are(inputs):
    with pytest.raises(RefusalError, match="blasting, door") as caught:
        say(inputs, name="dor")
    assert (caught.value.kind, caught.value.reason) == (Refusal.NOT_FOUND, "NO_SUCH_INPUT")


@pytest.mark.parametrize("ttl_s", [None, 0.0, 0.9, 86_401.0, -5.0, float("nan"), float("inf")])
def test_no_input_is_active_for_ever_or_for_less_than_a_second(inputs, ttl_s):
    with pytest.raises(RefusalError) as caught:
        say(inputs, ttl_s=ttl_s)
    assert caught.value.kind is Refusal.INVALID
    assert inputs.active() == {}


def test_an_input_that_is_not_configured_any_more_is_not_active(inputs):
    say(inputs)
    inputs.configure(["blasting"])
    assert (inputs.active(), [one.name for one in inputs.status()]) == ({}, ["blasting"])
