"""What the contract's messages tell the box, and how it stands, in the contract's words."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from edge.orders import (
    Acknowledgement,
    AcknowledgeRequest,
    AlarmRequest,
    ArmingRequest,
    InputRequest,
    Mode,
    Order,
)
from edge.rpc import box_pb2 as pb
from edge.rpc import event_pb2, events_pb2
from edge.serve.refusals import invalid
from edge.status import InputStatus, RuleStatus

MODES = {pb.ArmingMode.Value(f"ARMING_MODE_{mode.name}"): mode for mode in Mode}


def arming_request(message: pb.SetArmingRequest) -> ArmingRequest:
    """Raises RefusedError where there is no such mode."""
    if message.mode not in MODES:
        raise invalid("NO_MODE", "say what the rules are to be; set `mode`")
    return ArmingRequest(
        mode=MODES[message.mode],
        who=message.who,
        camera=message.camera,
        rule=message.rule,
        ttl_s=_ttl_s(message, message.ttl),
        reason=message.reason,
        request_id=message.request_id,
    )


def input_request(message: pb.SetInputRequest) -> InputRequest:
    """What it says of an input."""
    return InputRequest(
        name=message.name,
        active=message.active,
        ttl_s=_ttl_s(message, message.ttl),
        who=message.who,
        request_id=message.request_id,
    )


def alarm_request(message: pb.RaiseAlarmRequest) -> AlarmRequest:
    """Which alarm it raises or clears."""
    return AlarmRequest(
        rule=message.rule,
        camera=message.camera,
        clear=message.clear,
        note=message.note,
        who=message.who,
        request_id=message.request_id,
    )


def acknowledge_request(message: events_pb2.AcknowledgeAlertRequest) -> AcknowledgeRequest:
    """Which alert somebody has seen to."""
    return AcknowledgeRequest(
        alert_id=message.alert_id,
        who=message.who,
        note=message.note,
        request_id=message.request_id,
    )


def acknowledgement_message(first: Acknowledgement) -> event_pb2.Acknowledgement:
    """An acknowledgement."""
    return event_pb2.Acknowledgement(who=first.who, note=first.note, time=timestamp(first.time))


def order_message(order: Order) -> pb.ArmingOrder:
    """An order."""
    return pb.ArmingOrder(
        order_id=order.id,
        mode=f"ARMING_MODE_{order.mode.name}",
        camera=order.camera,
        rule=order.rule,
        expire_time=timestamp(order.until),
        order_time=timestamp(order.made),
        who=order.who,
        reason=order.reason,
    )


def input_message(status: InputStatus) -> pb.InputStatus:
    """An input."""
    return pb.InputStatus(
        name=status.name, active=status.active, expire_time=timestamp(status.until)
    )


def rule_message(status: RuleStatus) -> pb.RuleStatus:
    """A rule."""
    return pb.RuleStatus(
        camera=status.camera,
        rule=status.rule,
        armed=status.armed,
        reason=status.reason,
        until_time=timestamp(status.until),
    )


def timestamp(seconds: float | None) -> Timestamp | None:
    """Unix seconds, to the microsecond."""
    if seconds is None:
        return None
    stamp = Timestamp()
    stamp.FromMicroseconds(round(seconds * 1e6))
    return stamp


def duration(seconds: float | None) -> Duration | None:
    """Seconds, to the microsecond."""
    if seconds is None:
        return None
    made = Duration()
    made.FromMicroseconds(round(seconds * 1e6))
    return made


def _ttl_s(message: Message, ttl: Duration) -> float | None:
    return ttl.seconds + ttl.nanos / 1e9 if message.HasField("ttl") else None
