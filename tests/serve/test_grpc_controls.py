"""What the Box service can be told, over a real socket."""

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from edge.orders import Mode
from edge.rpc import box_pb2 as pb
from edge.rpc import events_pb2
from edge.rpc.box_pb2_grpc import BoxStub
from edge.rpc.events_pb2_grpc import EventsStub
from edge.serve import wire
from edge.serve.box import to_message
from edge.status import InputStatus, RuleStatus
from tests.make_controls import Controls
from tests.serve.make_box import status
from tests.serve.make_serve import connected, reason_of, serving
from tests.serve.make_tls import authority

DISARM = {"mode": pb.ARMING_MODE_DISARMED, "who": "lead", "reason": "repairs"}
MINUTE = Duration(seconds=60)


@pytest.fixture
def controls():
    return Controls()


@pytest.fixture
def box(controls):
    with serving(controls=controls) as made, connected(made) as channel:
        yield BoxStub(channel)


def refusal(call, request):
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    return reason_of(caught.value)


def test_rules_are_disarmed_and_what_was_ordered_is_answered(box, controls):
    order = box.SetArming(
        pb.SetArmingRequest(**DISARM, camera="gate", ttl=MINUTE, request_id="r1")
    ).order
    assert (order.order_id, order.mode, order.camera) == ("r1", pb.ARMING_MODE_DISARMED, "gate")
    assert (order.expire_time.seconds, order.who, order.reason) == (60, "lead", "repairs")
    assert controls.arming.told().orders == {"gate": {"door": False}}
    again = pb.SetArmingRequest(**DISARM, camera="gate", ttl=MINUTE, request_id="r1")
    assert box.SetArming(again).order == order


def test_arming_may_hold_until_it_is_withdrawn(box, controls):
    asked = pb.SetArmingRequest(mode=pb.ARMING_MODE_ARMED, who="lead")
    assert not box.SetArming(asked).order.HasField("expire_time")
    box.SetArming(pb.SetArmingRequest(mode=pb.ARMING_MODE_SCHEDULE, who="lead"))
    assert controls.arming.orders() == ()


def test_an_input_is_active_and_then_not(box, controls):
    said = box.SetInput(pb.SetInputRequest(name="door", active=True, ttl=MINUTE)).input
    assert (said.active, said.expire_time.seconds) == (True, 60)
    assert controls.arming.told().inputs == {"door"}
    said = box.SetInput(pb.SetInputRequest(name="door")).input
    assert (said.active, said.HasField("expire_time")) == (False, False)


def test_an_alarm_is_raised_and_stored_before_it_is_answered(box, controls):
    raised = box.RaiseAlarm(pb.RaiseAlarmRequest(rule="panic", note="help", request_id="r1"))
    assert raised.alert_id == controls.log.kept[0].alert_id
    again = box.RaiseAlarm(pb.RaiseAlarmRequest(rule="panic", note="help", request_id="r1"))
    assert again == raised
    cleared = box.RaiseAlarm(pb.RaiseAlarmRequest(rule="panic", clear=True))
    assert cleared == raised
    assert controls.told() == [("RAISED", "by_hand"), ("CLEARED", "by_hand")]
    assert box.RaiseAlarm(pb.RaiseAlarmRequest(rule="panic", clear=True)).alert_id == ""


@pytest.mark.parametrize(
    ("call", "request_", "code", "reason"),
    [
        ("SetArming", pb.SetArmingRequest(who="x"), "INVALID_ARGUMENT", "NO_MODE"),
        ("SetArming", pb.SetArmingRequest(mode=9, who="x"), "INVALID_ARGUMENT", "NO_MODE"),
        ("SetArming", pb.SetArmingRequest(**DISARM), "INVALID_ARGUMENT", "NO_TTL"),
        (
            "SetArming",
            pb.SetArmingRequest(**DISARM, ttl=Duration(seconds=-60)),
            "INVALID_ARGUMENT",
            "BAD_TTL",
        ),
        (
            "SetArming",
            pb.SetArmingRequest(**DISARM, ttl=MINUTE, camera="roof"),
            "NOT_FOUND",
            "NO_SUCH_CAMERA",
        ),
        (
            "SetArming",
            pb.SetArmingRequest(**DISARM, ttl=MINUTE, rule="roof"),
            "NOT_FOUND",
            "NO_SUCH_RULE",
        ),
        (
            "SetInput",
            pb.SetInputRequest(name="dor", active=True, ttl=MINUTE),
            "NOT_FOUND",
            "NO_SUCH_INPUT",
        ),
        ("SetInput", pb.SetInputRequest(name="door", active=True), "INVALID_ARGUMENT", "NO_TTL"),
        ("RaiseAlarm", pb.RaiseAlarmRequest(rule="door"), "NOT_FOUND", "NO_SUCH_ALARM"),
        (
            "RaiseAlarm",
            pb.RaiseAlarmRequest(rule="panic", who="a\nb"),
            "INVALID_ARGUMENT",
            "BAD_TEXT",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(box, call, request_, code, reason):
    assert refusal(getattr(box, call), request_) == (code, reason)


def test_an_alarm_that_is_not_armed_is_refused(box, controls):
    controls.night = False
    asked = pb.RaiseAlarmRequest(rule="panic")
    assert refusal(box.RaiseAlarm, asked) == ("FAILED_PRECONDITION", "NOT_ARMED")


def test_while_the_disk_takes_nothing_an_alarm_may_be_asked_again(box, controls):
    controls.log.full = True
    asked = pb.RaiseAlarmRequest(rule="panic", request_id="r1")
    assert refusal(box.RaiseAlarm, asked) == ("UNAVAILABLE", "STORE_FAILED")
    controls.log.full = False
    assert box.RaiseAlarm(asked).alert_id == controls.log.kept[0].alert_id
    assert len(controls.log.kept) == 1


@pytest.fixture
def acknowledge(controls):
    with serving(controls=controls) as made, connected(made) as channel:
        yield EventsStub(channel).AcknowledgeAlert


def seen(alert_id, **fields):
    return events_pb2.AcknowledgeAlertRequest(alert_id=alert_id, **{"who": "lead"} | fields)


def raised(controls):
    asked = controls.ask()
    controls.turn()
    return asked.result(timeout=0)


def test_an_alert_is_acknowledged_and_stored_before_it_is_answered(acknowledge, controls):
    alert_id = raised(controls)
    answer = acknowledge(seen(alert_id, note="guard sent", request_id="r1"))
    first = controls.log.kept[1].acknowledgement
    assert answer.acknowledgement == first
    assert (first.who, first.note) == ("lead", "guard sent")
    assert acknowledge(seen(alert_id, note="guard sent", request_id="r1")) == answer
    assert acknowledge(seen(alert_id, who="tower")) == answer
    assert controls.told() == [("RAISED", "by_hand"), ("UPDATED", "acknowledged")]


def test_after_a_deadline_the_same_request_is_asked_again_and_done_once(acknowledge, controls):
    alert_id = raised(controls)
    controls.acknowledge = controls.lives.ask  # heard in the next turn
    asked = seen(alert_id, request_id="r1")
    with pytest.raises(grpc.RpcError) as caught:
        acknowledge(asked, timeout=0.3)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    controls.turn()
    assert acknowledge(asked).acknowledgement == controls.log.kept[1].acknowledgement
    controls.turn()
    assert controls.told() == [("RAISED", "by_hand"), ("UPDATED", "acknowledged")]


def test_an_acknowledgement_that_makes_no_sense_is_refused(acknowledge, controls):
    alert_id = raised(controls)
    assert refusal(acknowledge, seen("a1")) == ("NOT_FOUND", "NO_SUCH_ALERT")
    assert refusal(acknowledge, seen(alert_id, who="")) == ("INVALID_ARGUMENT", "NO_WHO")
    acknowledge(seen(alert_id, request_id="r1"))
    other = seen(alert_id, request_id="r1", note="x")
    assert refusal(acknowledge, other) == ("INVALID_ARGUMENT", "REQUEST_ID_REUSED")


def test_while_the_disk_takes_nothing_an_acknowledgement_may_be_asked_again(acknowledge, controls):
    alert_id = raised(controls)
    controls.log.full = True
    asked = seen(alert_id, request_id="r1")
    assert refusal(acknowledge, asked) == ("UNAVAILABLE", "STORE_FAILED")
    controls.log.full = False
    assert acknowledge(asked).acknowledgement.who == "lead"


def test_beyond_its_machine_alerts_are_acknowledged_by_known_clients_only(controls):
    alert_id = raised(controls)
    with serving(controls=controls, anybody=False) as made, connected(made) as channel:
        asked = EventsStub(channel).AcknowledgeAlert
        assert refusal(asked, seen(alert_id)) == ("PERMISSION_DENIED", "NO_CLIENT_CA")
    with serving() as made, connected(made) as channel:
        asked = EventsStub(channel).AcknowledgeAlert
        assert refusal(asked, seen(alert_id)) == ("UNIMPLEMENTED", "ONLY_READS")
    assert len(controls.log.kept) == 1


CALLS = [
    ("SetArming", pb.SetArmingRequest(**DISARM, ttl=MINUTE)),
    ("SetInput", pb.SetInputRequest(name="door", active=True, ttl=MINUTE)),
    ("RaiseAlarm", pb.RaiseAlarmRequest(rule="panic")),
]


@pytest.mark.parametrize(("call", "request_"), CALLS)
def test_beyond_its_machine_the_box_is_told_something_by_known_clients_only(
    controls, call, request_
):
    with serving(controls=controls, anybody=False) as made, connected(made) as channel:
        box = BoxStub(channel)
        assert refusal(getattr(box, call), request_) == ("PERMISSION_DENIED", "NO_CLIENT_CA")
        assert box.GetStatus(pb.GetStatusRequest()).site == "quarry"
    assert (controls.arming.orders(), controls.log.kept) == ((), [])


@pytest.mark.parametrize(("call", "request_"), CALLS)
def test_a_box_without_controls_only_reads(call, request_):
    with serving() as made, connected(made) as channel:
        assert refusal(getattr(BoxStub(channel), call), request_)[0] == "UNIMPLEMENTED"


def test_the_status_tells_of_rules_inputs_and_orders(controls):
    told = to_message(
        status(
            rules=(RuleStatus("gate", "fence", armed=False, reason="order", until=60.0),),
            inputs=(InputStatus("door", active=True, until=30.5),),
            orders=(controls.set_arming(arming("gate")),),
        )
    )
    (rule,), (door,), (order,) = told.rules, told.inputs, told.orders
    assert (rule.camera, rule.armed, rule.reason) == ("gate", False, "order")
    assert (rule.until_time.seconds, door.expire_time.ToMilliseconds()) == (60, 30_500)
    assert (order.camera, order.mode) == ("gate", pb.ARMING_MODE_ARMED)


def arming(camera):
    from edge.orders import ArmingRequest

    return ArmingRequest(Mode.ARMED, who="lead", camera=camera)


def test_every_mode_has_a_word_in_the_contract():
    words = {name.removeprefix("ARMING_MODE_").lower() for name in pb.ArmingMode.keys()}  # noqa: SIM118
    assert words - {"unspecified"} == set(Mode)


def test_a_client_whose_certificate_is_known_may(controls, tmp_path):
    ours = authority(tmp_path / "ours")
    (cert, key), (own_cert, own_key) = ours.pair("box"), ours.pair("centre")
    options = {"cert": cert, "key": key, "client_ca": ours.ca, "anybody": False}
    with (
        serving(controls=controls, **options) as made,
        wire.channel(
            f"127.0.0.1:{made.grpc_port}", ca=ours.ca, cert=own_cert, key=own_key
        ) as channel,
    ):
        asked = pb.SetInputRequest(name="door", active=True, ttl=MINUTE)
        assert BoxStub(channel).SetInput(asked).input.active
