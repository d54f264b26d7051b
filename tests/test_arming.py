"""One truth about which rules are armed: for the analysis, for decoding, for whoever asks."""

import threading

import pytest

from edge.arming import MOST_ORDERS, Arming
from edge.errors import OutboxError, Refusal, RefusalError
from edge.events.orders import OrderStore
from edge.idle import Idle
from edge.inputs import Inputs
from edge.orders import DAY_S, ArmingRequest, InputRequest, Mode
from edge.rules.armed import Gate
from edge.status import RuleStatus

NOW = 1_000_020.0  # a whole minute
A, D, S = Mode.ARMED, Mode.DISARMED, Mode.SCHEDULE


def night(at):
    """Armed from two minutes from now on, for two minutes."""
    return NOW + 120 <= at < NOW + 240


GATES = {
    ("gate", "fence"): Gate("fence", night),
    ("gate", "yard"): Gate("yard"),
    ("yard", "crane"): Gate("crane", while_input="lifting", unless_input="drill"),
    ("", "panic"): Gate("panic", sees=False),
}


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def store(tmp_path, clock):
    with OrderStore(tmp_path / "orders.db", clock=lambda: clock[0]) as made:
        yield made


@pytest.fixture
def arming(store, clock):
    return make_arming(store, clock)


def make_arming(store, clock):
    tick, ids = (lambda: clock[0]), iter(range(10_000))
    inputs = Inputs(["lifting", "drill"], clock=tick, monotonic=tick)
    return Arming(GATES, inputs, store, new_id=lambda _: f"id{next(ids)}", clock=tick)


def tell(arming, mode=D, camera="", rule="", *, ttl_s=600.0, request_id="", **more):
    ttl_s = None if mode is S else ttl_s
    said = {"who": "shift lead", "reason": "repairs"} | more
    return arming.order(
        ArmingRequest(mode, camera=camera, rule=rule, ttl_s=ttl_s, request_id=request_id, **said)
    )


def say(arming, name, ttl_s=60.0):
    arming.inputs.set(InputRequest(name, ttl_s is not None, ttl_s))


def armed(arming):
    return [of for of in GATES if arming.shut(*of) is None]


def test_without_orders_and_inputs_the_schedules_decide(arming, clock):
    assert armed(arming) == [("gate", "yard"), ("", "panic")]
    clock[0] += 120
    assert ("gate", "fence") in armed(arming)


def test_an_order_holds_until_its_time_is_over(arming, clock):
    tell(arming, D, "gate")
    assert armed(arming) == [("", "panic")]
    clock[0] += 599.9
    assert armed(arming) == [("", "panic")]
    clock[0] += 0.1
    assert armed(arming) == [("gate", "yard"), ("", "panic")]


def test_what_the_analysis_is_told_is_what_is_so(arming, clock):
    assert arming.told() == (set(), {})
    tell(arming, D, "gate", "yard", ttl_s=10)
    tell(arming, A, ttl_s=5)
    say(arming, "lifting")
    everything = {
        "gate": {"fence": True, "yard": True},
        "yard": {"crane": True},
        "": {"panic": True},
    }
    assert arming.told() == ({"lifting"}, everything)
    clock[0] += 60
    assert arming.told() == (set(), {})


def test_a_clock_that_is_set_back_makes_an_order_hold_again_for_everybody(arming, clock):
    tell(arming, D, "gate", "yard", ttl_s=10)
    clock[0] += 20
    assert arming.told().orders == {}
    clock[0] -= 15
    assert arming.told().orders == {"gate": {"yard": False}}
    assert ("gate", "yard") not in armed(arming)


def test_an_order_to_arm_lets_the_inputs_decide_still(arming):
    tell(arming, A)
    assert ("yard", "crane") not in armed(arming)
    say(arming, "lifting")
    assert ("yard", "crane") in armed(arming)
    say(arming, "drill")
    assert ("yard", "crane") not in armed(arming)


def test_orders_survive_a_restart_and_end_after_it(arming, store, clock):
    tell(arming, D, "gate", "yard")
    again = make_arming(store, clock)
    assert again.orders() == arming.orders()
    assert ("gate", "yard") not in armed(again)
    clock[0] += 600
    assert ("gate", "yard") in armed(again)
    assert make_arming(store, clock).orders() == ()


def test_inputs_do_not_survive_a_restart(arming, store, clock):
    say(arming, "lifting")
    assert ("yard", "crane") not in armed(make_arming(store, clock))


def test_a_request_that_comes_again_changes_nothing_even_after_a_restart(arming, store, clock):
    first = tell(arming, D, "gate", request_id="r1")
    tell(arming, S, "gate", request_id="r2")
    again = make_arming(store, clock)
    clock[0] += 5
    assert tell(again, D, "gate", request_id="r1") == first
    assert again.orders() == ()
    assert tell(again, S, "gate", request_id="r2").mode is S


@pytest.mark.parametrize("other", [{"mode": A}, {"camera": ""}, {"ttl_s": 601.0}, {"who": "x"}])
def test_an_id_of_another_request_is_refused(arming, other):
    tell(arming, D, "gate", request_id="r1")
    with pytest.raises(RefusalError) as caught:
        tell(arming, **{"mode": D, "camera": "gate", "request_id": "r1"} | other)
    assert caught.value.reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize(
    ("wrong", "kind", "reason"),
    [
        ({"camera": "roof"}, Refusal.NOT_FOUND, "NO_SUCH_CAMERA"),
        ({"rule": "roof"}, Refusal.NOT_FOUND, "NO_SUCH_RULE"),
        ({"camera": "yard", "rule": "fence"}, Refusal.NOT_FOUND, "NO_SUCH_RULE"),
        ({"who": ""}, Refusal.INVALID, "NO_WHO"),
        ({"reason": ""}, Refusal.INVALID, "NO_REASON"),
        ({"reason": "a\nb"}, Refusal.INVALID, "BAD_TEXT"),
        ({"reason": "a" * 201}, Refusal.INVALID, "BAD_TEXT"),
        ({"who": "a" * 65}, Refusal.INVALID, "BAD_TEXT"),
        ({"camera": "a" * 65}, Refusal.INVALID, "BAD_TEXT"),
        ({"request_id": "a" * 65}, Refusal.INVALID, "BAD_TEXT"),
        ({"ttl_s": None}, Refusal.INVALID, "NO_TTL"),
        ({"ttl_s": 0.5}, Refusal.INVALID, "BAD_TTL"),
        ({"ttl_s": 7 * DAY_S + 1}, Refusal.INVALID, "BAD_TTL"),
        ({"ttl_s": float("nan")}, Refusal.INVALID, "BAD_TTL"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(arming, wrong, kind, reason):
    with pytest.raises(RefusalError) as caught:
        tell(arming, **wrong)
    assert (caught.value.kind, caught.value.reason) == (kind, reason)
    assert caught.value.remedy
    assert arming.orders() == ()


def test_arming_may_hold_until_it_is_withdrawn(arming, clock):
    tell(arming, A, "gate", "fence", ttl_s=None)
    clock[0] += 365 * DAY_S
    assert ("gate", "fence") in armed(arming)
    tell(arming, S, "gate", "fence")
    assert ("gate", "fence") not in armed(arming)


def test_back_to_the_schedule_takes_no_ttl(arming):
    with pytest.raises(RefusalError) as caught:
        arming.order(ArmingRequest(S, who="x", ttl_s=5.0))
    assert caught.value.reason == "BAD_TTL"


def test_orders_have_a_bound(arming):
    for number in range(MOST_ORDERS):
        tell(arming, D, "gate", "yard", ttl_s=1000.0 - number)  # each shorter than the one before
    with pytest.raises(RefusalError) as caught:
        tell(arming, D, "gate", "yard", ttl_s=1.0)
    assert (caught.value.kind, caught.value.reason) == (Refusal.FULL, "TOO_MANY_ORDERS")


def test_an_order_that_can_t_be_stored_does_not_count(arming):
    class Full:
        def find(self, _):
            return None

        def keep(self, *_):
            raise OutboxError("the disk is full", "free space")

    arming._store = Full()
    with pytest.raises(OutboxError):
        tell(arming)
    assert armed(arming) == [("gate", "yard"), ("", "panic")]


def test_the_status_tells_what_is_armed_why_not_and_until_when(arming, clock):
    assert arming.rules() == (
        RuleStatus("gate", "fence", armed=False, reason="schedule", until=NOW + 120),
        RuleStatus("gate", "yard", armed=True),
        RuleStatus("yard", "crane", armed=False, reason="while_input"),
        RuleStatus("", "panic", armed=True),
    )
    tell(arming, D, "gate", "yard")
    tell(arming, A, "gate", "fence", ttl_s=30)
    say(arming, "lifting")
    say(arming, "drill", 40)
    assert arming.rules()[:3] == (
        RuleStatus("gate", "fence", armed=True, reason="order", until=NOW + 30),
        RuleStatus("gate", "yard", armed=False, reason="order", until=NOW + 600),
        RuleStatus("yard", "crane", armed=False, reason="unless_input", until=NOW + 40),
    )
    assert arming.disarmed() == [("gate", "yard")]
    clock[0] += 130
    assert arming.rules()[0] == RuleStatus("gate", "fence", armed=True, until=NOW + 240)
    clock[0] += 200
    assert arming.rules()[0] == RuleStatus("gate", "fence", armed=False, reason="schedule")


def test_who_ended_an_order_before_its_time_is_known(arming):
    first = tell(arming, D, "gate")
    back = tell(arming, S, who="night guard", reason="")
    assert arming.ended == {first.id: back}


def test_rules_that_are_configured_anew_are_under_the_orders_that_hold(arming):
    tell(arming, D, "gate")
    assert arming.told().orders == {"gate": {"fence": False, "yard": False}}
    arming.configure({("gate", "pond"): Gate("pond")})
    assert arming.told().orders == {"gate": {"pond": False}}
    assert [one.rule for one in arming.rules()] == ["pond"]


def idle(arming, camera, clock):
    return Idle([lambda at: arming.sees(camera, at)], lambda: clock[0])()


def test_key_pictures_are_enough_while_nothing_about_pictures_is_armed(arming, clock):
    assert not idle(arming, "gate", clock)  # yard is
    assert idle(arming, "yard", clock)  # crane needs an input
    tell(arming, D, "gate")
    assert idle(arming, "gate", clock)


def test_a_camera_is_awake_before_an_order_to_disarm_is_over(arming, clock):
    tell(arming, D, "gate", ttl_s=200)
    assert idle(arming, "gate", clock)
    clock[0] += 130
    assert not idle(arming, "gate", clock)


def test_a_camera_is_awake_as_soon_as_an_input_arms_a_rule(arming, clock):
    say(arming, "lifting")
    assert not idle(arming, "yard", clock)
    say(arming, "drill", 600)
    assert idle(arming, "yard", clock)


def test_an_order_to_arm_wakes_a_camera(arming, clock):
    tell(arming, D, "gate", "yard", ttl_s=1000)
    clock[0] += 400  # the night is over
    assert idle(arming, "gate", clock)
    tell(arming, A, "gate", "fence")
    assert not idle(arming, "gate", clock)


def test_the_analysis_never_waits_for_the_disk(arming, store):
    writing, go_on = threading.Event(), threading.Event()

    class Slow:
        def keep(self, *_):
            writing.set()
            assert go_on.wait(10)

    arming._store = Slow()
    thread = threading.Thread(target=tell, args=(arming,))
    thread.start()
    assert writing.wait(10)
    assert arming.told() == (set(), {})
    assert armed(arming) == [("gate", "yard"), ("", "panic")]
    go_on.set()
    thread.join(10)
    assert armed(arming) == []
