"""Events to the contract's messages, and messages to JSON that people read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from edge.rpc import event_pb2 as pb
from edge.types import CLASSES, Clock, Event, Fact, Gap, Grade, Kind, Motion, PathPoint, Sighting

NAMES = {number: name for name, number in CLASSES.items()}


@dataclass(frozen=True, slots=True)
class Origin:
    """What every event of a box says of where it comes from."""

    site: str
    config_revision: str
    model: str
    model_sha256: str
    provider: str
    status: str = "actual"
    precision: str = ""


def to_message(event: Event, *, origin: Origin, grade: Grade, ids: tuple[str, str]) -> pb.Event:
    """The message without what outbox and journal know: sequence, box, times, evidence.

    `ids` are event id and alert id.
    """
    message = pb.Event(
        event_id=ids[0],
        alert_id=ids[1],
        site=origin.site,
        camera=event.camera,
        rule=event.rule,
        config_revision=origin.config_revision,
        kind=f"KIND_{event.kind.upper()}",
        state=f"STATE_{event.state.upper()}",
        reason=event.reason,
        grade=f"GRADE_{grade.upper()}",
        status="STATUS_TEST" if event.kind is Kind.CANARY else f"STATUS_{origin.status.upper()}",
        capture_time=timestamp(event.time),
        clock_source=f"CLOCK_SOURCE_{event.clock.upper()}",
        analysis=pb.Analysis(
            model=origin.model,
            model_sha256=origin.model_sha256,
            provider=origin.provider,
            precision=origin.precision,
        ),
        who=event.who,
        note=event.note,
    )
    if event.clock is Clock.RTCP:  # the only one with another clock to differ from
        message.clock_offset.CopyFrom(duration(event.clock_offset_s))
        if event.clock_uncertainty_s is not None:
            message.clock_uncertainty.CopyFrom(duration(event.clock_uncertainty_s))
    if event.sighting is not None:
        _tell_object(message.object, event.sighting, event)
    if event.direction is not None:
        message.MergeFrom(pb.Event(direction=f"DIRECTION_{event.direction.upper()}"))
    if event.dwell_s is not None:
        message.dwell.CopyFrom(duration(event.dwell_s))
    if event.confidence is not None:
        message.confidence = event.confidence
    message.facts.extend(_fact(fact) for fact in event.facts)
    return message


def _fact(fact: Fact) -> pb.Fact:
    return pb.Fact(
        name=fact.name, value=fact.value, unit=fact.unit, least=fact.least, most=fact.most
    )


def to_json(message: Message) -> dict[str, Any]:
    """Every field that is set, in the contract's order: short enum names, ISO times, seconds."""
    return {field.name: _plain(field, value) for field, value in message.ListFields()}


def timestamp(seconds: float) -> Timestamp:
    """Unix seconds, to the microsecond."""
    whole, millionths = divmod(round(seconds * 1e6), 1_000_000)
    return Timestamp(seconds=whole, nanos=1000 * millionths)


def duration(seconds: float) -> Duration:
    """Seconds, to the microsecond."""
    made = Duration()
    made.FromMicroseconds(round(seconds * 1e6))
    return made


def _tell_object(told: pb.Object, seen: Sighting, event: Event) -> None:
    """In place, and so below: a path has dozens of points, and to copy each takes its time."""
    start = event.path[0].pts if event.path else math.inf
    if seen.class_id is not None:
        told.class_name = NAMES[seen.class_id]
    told.track_id, told.score = seen.track, seen.score
    box, foot = told.box, told.foot_point
    box.left, box.top, box.right, box.bottom = seen.box
    foot.x, foot.y = seen.foot
    told.gaps.extend(_gap(gap, start) for gap in event.gaps if gap.lost >= start)
    if event.motion:
        told.motion.CopyFrom(_motion(event.motion))
    path = told.path
    for point in event.path:
        _tell_point(path.add(), point, start)


def _tell_point(told: pb.PathPoint, point: PathPoint, start: float) -> None:
    place, offset = told.point, told.offset
    place.x, place.y = point.x, point.y
    offset.seconds, millionths = divmod(round((point.pts - start) * 1e6), 1_000_000)
    offset.nanos = 1000 * millionths
    if point.ground is not None:
        x, y = point.ground
        told.ground.x, told.ground.y = round(x, 2), round(y, 2)


def _gap(gap: Gap, start: float) -> pb.PathGap:
    return pb.PathGap(lost=duration(gap.lost - start), found=duration(gap.found - start))


def _motion(motion: Motion) -> pb.Motion:
    return pb.Motion(
        speed=round(motion.speed, 4),
        speed_sd=round(motion.speed_sd, 4),
        heading=round(motion.heading, 1) % 360,
        heading_sd=round(motion.heading_sd, 1),
        on_ground=motion.on_ground,
    )


def _plain(field: FieldDescriptor, value: Any) -> Any:
    return [_single(field, item) for item in value] if field.is_repeated else _single(field, value)


def _single(field: FieldDescriptor, value: Any) -> Any:
    match value:
        case Timestamp():
            plain: Any = f"{value.ToDatetime().isoformat(timespec='milliseconds')}Z"
        case Duration():
            plain = round(value.ToMicroseconds() / 1e6, 3)
        case Message():
            plain = to_json(value)
        case float():
            plain = round(value, 4)
        case _:
            plain = _short(field.enum_type, value) if field.enum_type else value
    return plain


def _short(enum: EnumDescriptor, number: int) -> str:
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return enum.values_by_number[number].name.removeprefix(prefix).lower()
