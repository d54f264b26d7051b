"""Alarms by hand and by inputs: asked for by any thread, answered once they are stored."""

import pytest

from edge.alarms import MOST_CALLS
from edge.errors import Refusal, RefusalError
from edge.orders import ArmingRequest, InputRequest, Mode
from edge.rpc import event_pb2 as pb
from edge.types import Kind
from tests.make_controls import PANIC, Controls


@pytest.fixture
def box():
    return Controls()


def reason(future):
    error = future.exception(timeout=0)
    return None if error is None else error.reason


def test_an_alarm_is_answered_when_it_is_stored_and_not_before(box):
    asked = box.ask(who="gatehouse", note="man on the wall")
    assert not asked.done()
    box.turn()
    (event,) = box.log.kept
    assert asked.result(timeout=0) == event.alert_id
    assert (event.kind, event.state, event.reason) == (pb.KIND_MANUAL, pb.STATE_RAISED, "by_hand")
    assert (event.who, event.note, event.grade) == ("gatehouse", "man on the wall", pb.GRADE_RED)
    assert (event.camera, event.HasField("object")) == ("", False)


def test_it_is_cleared_by_hand(box):
    asked = box.ask()
    box.turn()
    cleared = box.ask(clear=True, who="lead")
    box.turn()
    assert cleared.result(timeout=0) == asked.result(timeout=0) == box.log.kept[1].alert_id
    assert box.told() == [("RAISED", "by_hand"), ("CLEARED", "by_hand")]
    assert box.log.kept[1].who == "lead"


def test_it_is_cleared_by_itself():
    box = Controls(clear_s=10)
    box.ask()
    for _ in range(20):
        box.turn(1.0)
    assert box.told() == [("RAISED", "by_hand"), ("CLEARED", "expired")]


def test_clearing_what_is_not_open_clears_nothing(box):
    asked = box.ask(clear=True)
    box.turn()
    assert (asked.result(timeout=0), box.log.kept) == ("", [])


def test_raised_again_it_is_the_same_alert(box):
    first, second = box.ask(request_id="r1"), box.ask(request_id="r2", who="tower")
    box.turn()
    assert first.result(timeout=0) == second.result(timeout=0)
    assert box.told() == [("RAISED", "by_hand"), ("UPDATED", "by_hand")]


@pytest.mark.parametrize("turn_between", [False, True])
def test_a_request_that_comes_again_raises_nothing_more(box, turn_between):
    first = box.ask(request_id="r1")
    if turn_between:
        box.turn()
    again = box.ask(request_id="r1")
    box.turn()
    assert again.result(timeout=0) == first.result(timeout=0)
    assert box.told() == [("RAISED", "by_hand")]


def test_while_the_disk_takes_nothing_the_alarm_is_not_confirmed_but_kept(box):
    box.log.full = True
    asked = box.ask(request_id="r1")
    box.turn()
    assert reason(asked) == "STORE_FAILED"
    box.log.full = False
    box.journal.retry()
    again = box.ask(request_id="r1")
    box.turn()
    assert again.result(timeout=0) == box.log.kept[0].alert_id
    assert box.told() == [("RAISED", "by_hand")]


def test_an_alarm_that_was_given_up_is_raised_anew():
    box = Controls(most_pending=0)
    box.log.full = True
    box.ask(request_id="r1")
    box.turn()
    box.log.full = False
    again = box.ask(request_id="r1")
    box.turn()
    assert again.result(timeout=0) == box.log.kept[0].alert_id
    assert box.told() == [("RAISED", "by_hand")]


def test_an_alarm_that_is_not_armed_is_refused_and_one_that_is_disarmed_is_cleared(box):
    asked = box.ask()
    box.turn()
    box.night = False
    box.turn()
    refused = box.ask()
    box.turn()
    assert asked.result(timeout=0)
    assert (reason(refused), refused.exception().kind) == ("NOT_ARMED", Refusal.CONFLICT)
    assert box.told() == [("RAISED", "by_hand"), ("CLEARED", "disarmed")]


def test_a_request_that_was_refused_may_be_repeated(box):
    box.night = False
    box.ask(request_id="r1")
    box.turn()
    box.night = True
    again = box.ask(request_id="r1")
    box.turn()
    assert again.result(timeout=0)


def test_within_its_cooldown_it_is_refused():
    box = Controls(cooldown_s=60)
    box.ask()
    box.ask(clear=True)
    refused = box.ask()
    box.turn()
    assert reason(refused) == "COOLING_DOWN"


@pytest.mark.parametrize("wrong", [{"rule": "fence"}, {"camera": "gate"}, {"rule": "door"}])
def test_what_is_no_alarm_by_hand_is_refused_with_those_that_are(box, wrong):
    with pytest.raises(RefusalError, match="configured: panic") as caught:
        box.ask(**wrong)
    assert (caught.value.kind, caught.value.reason) == (Refusal.NOT_FOUND, "NO_SUCH_ALARM")


def test_calls_have_a_bound(box):
    for _ in range(MOST_CALLS):
        box.ask()
    with pytest.raises(RefusalError) as caught:
        box.ask()
    assert caught.value.reason == "TOO_MANY_CALLS"


def test_who_stops_waiting_cancels_nothing(box):
    assert not box.ask().cancel()
    box.turn()
    assert box.told() == [("RAISED", "by_hand")]


def test_when_it_stops_whoever_waits_is_told_and_nobody_is_heard_any_more(box):
    waiting = box.ask()
    box.alarms.close()
    assert reason(waiting) == "SHUTTING_DOWN"
    with pytest.raises(RefusalError) as caught:
        box.ask()
    assert (caught.value.kind, caught.value.reason) == (Refusal.LATER, "SHUTTING_DOWN")


def test_an_input_s_alert_is_of_its_camera_and_ends_with_it(box):
    box.arming.inputs.set(InputRequest("door", active=True, ttl_s=5.0))
    for _ in range(30):
        box.turn()
    assert box.told() == [("RAISED", "active"), ("CLEARED", "expired")]
    assert {(one.kind, one.camera, one.grade) for one in box.log.kept} == {
        (pb.KIND_INPUT, "gate", pb.GRADE_YELLOW)
    }


def door(box, active):
    box.arming.inputs.set(InputRequest("door", active=active, ttl_s=5.0 if active else None))


def test_an_input_that_is_active_between_two_turns_only_is_an_alert(box):
    box.turn()
    door(box, active=True)
    box.now += 0.05
    door(box, active=False)
    box.now += 0.1
    box.turn()
    assert box.told() == [("RAISED", "active"), ("CLEARED", "inactive")]
    raised, cleared = (one.capture_time.ToMicroseconds() / 1e6 for one in box.log.kept)
    assert (raised, cleared) == (pytest.approx(0.2), pytest.approx(0.25))


def test_an_input_that_expires_before_the_next_turn_is_an_alert(box):
    door(box, active=True)
    box.turn(30)
    assert box.told() == [("RAISED", "active"), ("CLEARED", "expired")]


def test_an_input_that_is_not_active_for_a_moment_makes_two_alerts(box):
    door(box, active=True)
    box.turn()
    door(box, active=False)
    door(box, active=True)
    box.turn()
    assert box.told() == [("RAISED", "active"), ("CLEARED", "inactive"), ("RAISED", "active")]


def test_an_alarm_that_is_raised_and_cleared_between_two_turns_is_an_alert(box):
    asked, cleared = box.ask(), box.ask(clear=True)
    box.turn()
    assert asked.result(timeout=0) == cleared.result(timeout=0) != ""
    assert box.told() == [("RAISED", "by_hand"), ("CLEARED", "by_hand")]


def test_what_was_ordered_and_withdrawn_between_two_turns_is_an_alert(box):
    disarm(box, who="lead")
    box.arming.order(ArmingRequest(Mode.SCHEDULE, who="guard", reason="done"))
    box.turn()
    box.turn()
    assert box.told() == [("RAISED", "disarmed"), ("CLEARED", "withdrawn")]
    assert [one.who for one in box.log.kept] == ["lead", "guard"]


def test_what_was_ordered_and_is_over_before_the_next_turn_is_an_alert(box):
    disarm(box)
    box.turn(30)
    box.turn()
    assert box.told() == [("RAISED", "disarmed"), ("CLEARED", "expired")]


def disarm(box, who="lead"):
    box.arming.order(
        ArmingRequest(Mode.DISARMED, who=who, rule="panic", ttl_s=5.0, reason="repairs")
    )


def test_that_somebody_disarmed_is_an_alert(box):
    disarm(box)
    for _ in range(30):
        box.turn()
    assert box.told() == [("RAISED", "disarmed"), ("CLEARED", "expired")]
    assert (box.log.kept[0].who, box.log.kept[0].note) == ("lead", "rule panic: repairs")


def test_alarms_that_stay_keep_what_they_know_and_the_others_are_cleared(box):
    box.ask()
    box.arming.inputs.set(InputRequest("door", active=True, ttl_s=5.0))
    box.turn()
    (event,) = box.alarms.swap({PANIC: box.rules[PANIC]}, "reconfigured")
    assert (event.kind, event.reason) == (Kind.INPUT, "reconfigured")
    assert box.rules[PANIC].last is not None
