"""What waits for the outbox: in order, bounded, never half a life."""

from hypothesis import given
from hypothesis import strategies as st

from edge.events.draft import Draft
from edge.events.pending import Pending
from edge.types import State
from tests.events.make_events import message

RAISED, UPDATED, CLEARED = State


def pending(most, *lives):
    """Events named by alert and state: "a+" raised, "a." updated, "a-" cleared."""
    states = {"+": RAISED, ".": UPDATED, "-": CLEARED}
    queue = Pending(most)
    queue.add(draft(life[:-1], states[life[-1]]) for life in lives)
    return queue


def draft(alert, state):
    return Draft(alert, state, message, (alert,))


def told(events):
    signs = {RAISED: "+", UPDATED: ".", CLEARED: "-"}
    return [one.alert_id + signs[one.state] for one in events]


def test_it_is_a_queue():
    queue = pending(9, "a+", "a.", "a-")
    assert told(queue.first(2)) == ["a+", "a."]
    queue.drop(2)
    assert told(queue.first(9)) == ["a-"]
    assert len(queue) == 1


def test_nothing_is_given_up_within_the_bound():
    queue = pending(3, "a+", "a.", "a-")
    assert queue.shrink() == []
    assert len(queue) == 3


def test_the_oldest_updates_go_first():
    queue = pending(4, "a+", "a.", "b+", "b.", "a.", "a-")
    assert told(queue.shrink()) == ["a.", "b."]
    assert told(queue.first(9)) == ["a+", "b+", "a.", "a-"]


def test_without_updates_the_oldest_alert_goes_whole():
    queue = pending(3, "old-", "a+", "b+", "a-", "b-")
    assert told(queue.shrink()) == ["a+", "a-"]
    assert told(queue.first(9)) == ["old-", "b+", "b-"]


def test_the_end_of_an_alert_that_is_stored_goes_last():
    queue = pending(1, "old-", "older-")
    assert told(queue.shrink()) == ["old-"]


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.booleans()), max_size=40), st.integers(1, 9))
def test_lives_stay_whole_and_the_bound_is_held(steps, most):
    given, queue = lived(steps), Pending(most)
    queue.add(given)
    refused, kept = queue.shrink(), queue.first(99)
    assert len(kept) <= most
    assert [one for one in given if one in kept] == kept
    assert [one for one in given if one not in kept] == sorted(refused, key=given.index)
    raised = {one.alert_id for one in kept if one.state == RAISED}
    ended = {one.alert_id for one in given if one.state == CLEARED}
    assert {one.alert_id for one in kept} == raised
    assert {one.alert_id for one in kept if one.state == CLEARED} == ended & raised


def lived(steps):
    """Whole lives: an alert's name is used anew once it is cleared."""
    ids, events = {}, []
    for place, (name, ends) in enumerate(steps):
        if name not in ids:
            ids[name] = f"{name}{place}"
            events.append(draft(ids[name], RAISED))
        elif ends:
            events.append(draft(ids.pop(name), CLEARED))
        else:
            events.append(draft(ids[name], UPDATED))
    return events
