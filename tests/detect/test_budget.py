"""Who is looked at when there is not time for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detect.budget import DROPPED, SLACK_MOST, TURN_S, Budget, Claim
from edge.detect.gaze import Glance, Urgency
from edge.detect.motion import Moved
from edge.detect.regions import Look
from tests.make import frame

AREA = 416 * 416
STILL = Moved(np.zeros((9, 16), np.uint8), np.zeros((0, 4), np.float32), everywhere=False)


def claim(rank=0.0, waited_s=0.0, *, share=1.0, camera="gate"):
    """A wish to look at so much of a network input."""
    part = Look((0, 0, 100, 100), (416, round(416 * share)))
    glance = Glance(frame(camera=camera), [part], Urgency.MOTION, STILL, whole=False)
    return Claim(glance, rank, waited_s)


def budget(*, input_s=0.02, live=True):
    """One that has learned what a network input takes."""
    one = Budget()
    one.passed(0.0, busy_s=0.0, taken=0, dropped=0, live=live)
    for _ in range(200):
        one.looked(1.0, input_s)
        one.followed(1, 0.001)
    return one


def names(claims):
    return [one.glance.frame.camera for one in claims]


@given(st.lists(st.tuples(st.floats(0, 7), st.floats(0, 9), st.floats(0, 1)), max_size=30))
def test_all_are_chosen_or_left_and_one_at_least_is_chosen(rows):
    claims = [claim(rank, waited, share=share) for rank, waited, share in rows]
    chosen, left = budget().choose(claims, AREA)
    assert {*map(id, chosen), *map(id, left)} == {*map(id, claims)}
    assert len(chosen) + len(left) == len(claims)
    assert chosen or not claims
    assert [one.priority for one in chosen] == sorted((c.priority for c in chosen), reverse=True)
    assert not claims or chosen[0].priority == max(one.priority for one in claims)


def test_what_fits_into_a_turn_is_chosen():
    chosen, left = budget(input_s=0.02).choose([claim() for _ in range(20)], AREA)
    assert len(chosen) == int(TURN_S / 0.021)
    assert len(left) == 20 - len(chosen)


def test_one_that_is_too_much_for_a_turn_is_chosen_alone():
    chosen, left = budget(input_s=0.5).choose([claim(1), claim(2, camera="yard")], AREA)
    assert names(chosen) == ["yard"]
    assert names(left) == ["gate"]


def test_a_small_one_fits_in_where_a_large_one_does_not():
    large, small = claim(2, camera="large"), claim(1, share=0.05, camera="small")
    chosen, _ = budget(input_s=0.1).choose([claim(3), large, small], AREA)
    assert names(chosen) == ["gate", "small"]


def test_of_files_none_is_left_out():
    """Their frames wait; one that is left out would be lost."""
    chosen, left = budget(input_s=0.5, live=False).choose([claim()] * 20, AREA)
    assert (len(chosen), left) == (20, [])


def test_under_constant_overload_nobody_starves_and_the_gravest_is_looked_at_every_turn():
    one, turn_s = budget(input_s=0.1), 0.15
    ranks = {"alert": 6.0} | {f"camera{i}": float(i % 4) for i in range(30)}
    waited, longest = dict.fromkeys(ranks, 0.0), dict.fromkeys(ranks, 0.0)
    for _ in range(400):
        claims = [claim(rank, waited[name], share=0.4, camera=name) for name, rank in ranks.items()]
        chosen = names(one.choose(claims, AREA)[0])
        assert 1 < len(chosen) < 10
        for name in ranks:
            waited[name] = 0.0 if name in chosen else waited[name] + turn_s
            longest[name] = max(longest[name], waited[name])
    assert longest["alert"] == 0
    assert max(longest.values()) < 6
    by_rank = [longest[f"camera{i}"] for i in range(4)]
    assert by_rank == sorted(by_rank, reverse=True)


def test_what_looking_takes_is_learned():
    slow, fast = budget(input_s=0.1), budget(input_s=0.01)
    claims = [claim() for _ in range(50)]
    assert len(slow.choose(claims, AREA)[0]) == 1
    assert len(fast.choose(claims, AREA)[0]) > 10


def test_what_following_takes_counts_where_there_is_nothing_to_look_at():
    one = budget()
    for _ in range(200):
        one.followed(10, 0.1)
    assert len(one.choose([claim(share=0)] * 50, AREA)[0]) == pytest.approx(TURN_S / 0.01, abs=1)


def test_nothing_looked_at_and_nobody_followed_teach_nothing():
    one, other = budget(), budget()
    one.looked(0.0, 0.5)
    one.followed(0, 0.5)
    claims = [claim() for _ in range(50)]
    assert len(one.choose(claims, AREA)[0]) == len(other.choose(claims, AREA)[0])


def spend(one, seconds, *, busy, dropped=0, live=True):
    for _ in range(round(seconds / 0.1)):
        one.passed(0.1, busy_s=busy * 0.1, taken=10, dropped=dropped, live=live)


@pytest.mark.parametrize(("busy", "slack"), [(0.0, 1), (0.8, 1), (0.925, 2.5), (1.0, SLACK_MOST)])
def test_the_busier_the_box_the_rarer_are_sweeps(busy, slack):
    one = Budget()
    spend(one, 30, busy=busy)
    assert one.load == pytest.approx(busy, abs=0.01)
    assert one.slack == pytest.approx(slack, abs=0.05)


def test_files_keep_the_box_busy_and_cost_no_sweeps():
    one = Budget()
    spend(one, 30, busy=1.0, live=False)
    assert one.slack == 1


def test_load_is_never_more_than_all_of_the_time():
    one = Budget()
    one.passed(0.1, busy_s=5.0, taken=1, dropped=0, live=True)
    spend(one, 30, busy=3.0)
    assert one.load <= 1
    one.passed(0.0, busy_s=0.0, taken=0, dropped=0, live=True)
    assert one.load <= 1


@pytest.mark.parametrize(("dropped", "too_many"), [(0, False), (10, True)])
def test_a_box_that_drops_frames_for_some_time_is_overloaded(dropped, too_many):
    one = Budget()
    one.passed(0.1, busy_s=0.1, taken=10, dropped=10, live=True)
    assert not one.overloaded
    spend(one, 10, busy=1.0, dropped=dropped)
    assert one.overloaded == too_many
    assert one.dropped == pytest.approx(dropped / 20, abs=0.02)


def test_an_overload_that_is_over_is_forgotten():
    one = Budget()
    spend(one, 10, busy=1.0, dropped=10)
    spend(one, 15, busy=0.5)
    assert one.dropped < DROPPED
    assert not one.overloaded
