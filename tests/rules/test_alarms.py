"""Rules that no picture decides about: what each keeps, run over the table, and what is its own."""

import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.orders import Mode, Order
from edge.rules.alarms import ALARMS
from edge.rules.external_input import ExternalInput
from edge.rules.lone import Look, Now
from edge.rules.manual import Manual
from edge.rules.ordered import RULE, Ordered
from edge.types import Kind, State
from tests.rules.make_rules import told

OPTIONS = {"manual": {}, "input": {"input": "blasting"}}


def make_alarm(kind, **options):
    return ALARMS[kind](**{"camera": "gate", "name": "panic"} | OPTIONS[kind] | options)


def now(seconds, **said):
    return Now(float(seconds), 1000.0 + seconds, **said)


def look(seconds, *, armed=True, active=(), expired=()):
    return Look(now(seconds), armed, frozenset(active), frozenset(expired))


def begin(alarm, seconds=0):
    """Whatever makes it begin."""
    if isinstance(alarm, Manual):
        return [alarm.call(now(seconds))]
    return alarm.update(look(seconds, active=["blasting"]))


@pytest.fixture(params=ALARMS)
def alarm(request):
    return make_alarm(request.param)


def test_nothing_is_told_of_its_own_accord(alarm):
    assert [event for second in range(9) for event in alarm.update(look(second))] == []


def test_an_event_says_where_it_comes_from_and_when(alarm):
    (event,) = begin(alarm, 5)
    assert (event.camera, event.rule, event.state) == ("gate", "panic", State.RAISED)
    assert (event.pts, event.time, event.sighting) == (5.0, 1005.0, None)


def test_disarmed_it_is_cleared_once(alarm):
    begin(alarm)
    events = [event for second in (1, 2) for event in alarm.update(look(second, armed=False))]
    assert told(events) == [(State.CLEARED, "disarmed")]


def test_closing_clears_what_is_open_once(alarm):
    begin(alarm)
    assert told(alarm.close(now(1), "reconfigured")) == [(State.CLEARED, "reconfigured")]
    assert alarm.close(now(2), "reconfigured") == []


def test_each_time_is_an_alert_of_its_own_and_leaves_nothing_behind(alarm):
    keys, sizes = set(), []
    for second in range(100, 200):
        (raised,) = begin(alarm, second)
        (cleared,) = alarm.close(now(second), "x")
        assert raised.key == cleared.key
        keys.add(raised.key)
        sizes.append(len(pickle.dumps(alarm)))
    assert len(keys) == 100
    assert max(sizes) < sizes[0] + 10


def test_two_cameras_have_an_alert_each():
    gate, yard = make_alarm("manual"), make_alarm("manual", camera="yard")
    assert [begin(one)[0].camera for one in (gate, yard)] == ["gate", "yard"]
    assert gate.close(now(1), "x")
    assert yard.last is not None


STEPS = st.lists(
    st.tuples(
        st.floats(0, 9), st.booleans(), st.sampled_from(["call", "clear", "active", "none", "gone"])
    ),
    max_size=60,
)


@given(st.sampled_from(sorted(ALARMS)), st.sampled_from([0.0, 5.0]), STEPS)
def test_whatever_happens_the_alerts_are_in_order(kind, cooldown, steps):
    """Raised once under a key of its own, updated while it is open, cleared once."""
    alarm, seconds, events = make_alarm(kind, cooldown_s=cooldown), 0.0, []
    for passed, armed, what in steps:
        seconds += passed
        if isinstance(alarm, Manual) and what == "call" and not alarm.cooling_s(now(seconds)):
            events.append(alarm.call(now(seconds)))
        elif what == "clear":
            events += alarm.close(now(seconds), "by_hand")
        active = ["blasting"] if what == "active" else []
        gone = ["blasting"] if what == "gone" else []
        events += alarm.update(look(seconds, armed=armed, active=active, expired=gone))
    events += alarm.close(now(seconds), "x")
    open_key, keys, raised = None, set(), []
    for event in events:
        assert (event.state is State.RAISED) is (open_key is None)
        open_key = None if event.state is State.CLEARED else event.key
        if event.state is State.RAISED:
            assert event.key not in keys
            keys.add(event.key)
            raised.append(event.pts)
    assert open_key is None
    assert all(b - a >= cooldown - 1e-6 for a, b in pairwise(raised))


# --- by hand


def test_an_alarm_by_hand_says_who_and_what():
    event = make_alarm("manual").call(now(0, who="gatehouse", note="man on the wall"))
    assert (event.kind, event.reason) == (Kind.MANUAL, "by_hand")
    assert (event.who, event.note) == ("gatehouse", "man on the wall")


def test_raised_again_it_goes_on_and_its_time_begins_anew():
    alarm = make_alarm("manual", clear_s=10)
    first, again = alarm.call(now(0)), alarm.call(now(8, who="tower"))
    assert (again.state, again.key, again.who) == (State.UPDATED, first.key, "tower")
    assert alarm.update(look(17.9)) == []
    (expired,) = alarm.update(look(18))
    assert (expired.reason, expired.who) == ("expired", "")
    assert [(fact.name, fact.value, fact.least) for fact in expired.facts] == [("open", 10.0, 10)]


def test_within_its_cooldown_it_can_t_be_raised_anew_but_again():
    alarm = make_alarm("manual", cooldown_s=10)
    alarm.call(now(0))
    assert alarm.cooling_s(now(1)) == 0
    alarm.close(now(2), "by_hand")
    assert [alarm.cooling_s(now(second)) for second in (2, 9.5, 10, 11)] == [8.0, 0.5, 0, 0]


def test_what_never_came_to_be_is_forgotten():
    alarm = make_alarm("manual", cooldown_s=10)
    first = alarm.call(now(0))
    alarm.forget()
    assert alarm.cooling_s(now(1)) == 0
    second = alarm.call(now(1))
    assert (second.state, second.key != first.key) == (State.RAISED, True)


# --- an input


def test_an_input_s_alert_lasts_as_long_as_it_is_active():
    alarm = make_alarm("input")
    steps = [(), ["blasting"], ["blasting"], ["other"], ()]
    events = [e for i, names in enumerate(steps) for e in alarm.update(look(i, active=names))]
    assert told(events) == [(State.RAISED, "active"), (State.CLEARED, "inactive")]
    assert [fact.value for fact in events[1].facts] == [2.0]


def test_an_input_that_nobody_repeated_has_expired():
    alarm = make_alarm("input")
    begin(alarm)
    assert told(alarm.update(look(1, expired=["blasting"]))) == [(State.CLEARED, "expired")]


def test_still_active_after_the_cooldown_it_is_raised_then():
    alarm = make_alarm("input", cooldown_s=5)
    seen = [["blasting"], [], *[["blasting"]] * 5]
    raised = [i for i, names in enumerate(seen) for e in alarm.update(look(i, active=names))]
    assert raised == [0, 1, 5]


# --- orders


def order(number, mode=Mode.DISARMED, *, until=1100.0, **fields):
    named = {"camera": "gate", "rule": "", "who": "shift lead", "reason": "repairs"} | fields
    return Order(f"o{number}", mode, until=until, made=1000.0, **named)


def test_each_order_is_an_alert_while_it_holds():
    rule, one = Ordered(), order(1)
    events = [
        *rule.update(now(0), [one], {}),
        *rule.update(now(1), [one], {}),
        *rule.update(now(101), [], {}),
    ]
    assert told(events) == [(State.RAISED, "disarmed"), (State.CLEARED, "expired")]
    assert {(e.kind, e.camera, e.rule) for e in events} == {(Kind.ARMING, "gate", RULE)}
    assert (events[0].who, events[0].note) == ("shift lead", "all rules: repairs")


def test_an_order_that_was_withdrawn_says_by_whom():
    rule, one = Ordered(), order(1, rule="fence")
    back = order(2, Mode.SCHEDULE, who="night guard", reason="done")
    rule.update(now(0), [one], {})
    (event,) = rule.update(now(9), [], {"o1": back})
    assert told([event]) == [(State.CLEARED, "withdrawn")]
    assert (event.who, event.note) == ("night guard", "all rules: done")


def test_back_to_the_schedule_is_no_alert():
    one = order(1, Mode.SCHEDULE)
    assert Ordered().update(now(0), [one], {}, [one]) == []
    assert Ordered().update(now(0), [], {}, [one]) == []


def test_an_order_that_is_over_when_it_is_heard_of_is_an_alert_all_the_same():
    rule, one = Ordered(), order(1)
    events = rule.update(now(9), [], {"o1": order(2, Mode.SCHEDULE)}, [one])
    assert told(events) == [(State.RAISED, "disarmed"), (State.CLEARED, "withdrawn")]
    assert events[0].key == events[1].key
    assert rule.update(now(10), [], {}) == []


def test_an_order_that_is_told_of_as_given_once_more_is_one_alert():
    rule, one = Ordered(), order(1)
    events = [
        *rule.update(now(0), [one], {}),
        *rule.update(now(1), [one], {}, [one]),
        *rule.update(now(101), [], {}, [one]),
    ]
    assert told(events) == [(State.RAISED, "disarmed"), (State.CLEARED, "expired")]


def test_two_orders_are_told_apart():
    rule, both = Ordered(), [order(1), order(2, Mode.ARMED, camera="")]
    first, second = rule.update(now(0), both, {})
    assert (first.key != second.key, second.camera, second.reason) == (True, "", "armed")
    assert [e.key for e in rule.update(now(1), both[:1], {"o2": both[0]})] == [second.key]


def test_an_input_rule_is_told_of_its_own_input_only():
    alarm = ExternalInput(camera="", name="door", input="door")
    assert alarm.update(look(0, active=["blasting"])) == []
