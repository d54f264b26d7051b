import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    KIND_UNSPECIFIED: _ClassVar[Kind]
    KIND_TRIPWIRE: _ClassVar[Kind]
    KIND_ZONE: _ClassVar[Kind]
    KIND_CAMERA_OFFLINE: _ClassVar[Kind]
    KIND_IMAGE_DARK: _ClassVar[Kind]
    KIND_IMAGE_BRIGHT: _ClassVar[Kind]
    KIND_IMAGE_BLURRED: _ClassVar[Kind]
    KIND_IMAGE_FROZEN: _ClassVar[Kind]
    KIND_CAMERA_COVERED: _ClassVar[Kind]
    KIND_SCENE_CHANGED: _ClassVar[Kind]
    KIND_DEGRADED: _ClassVar[Kind]
    KIND_LOITERING: _ClassVar[Kind]
    KIND_SEQUENCE: _ClassVar[Kind]
    KIND_WRONG_WAY: _ClassVar[Kind]
    KIND_STOPPED: _ClassVar[Kind]
    KIND_LEFT_OBJECT: _ClassVar[Kind]
    KIND_OCCUPANCY: _ClassVar[Kind]
    KIND_EXCLUSION: _ClassVar[Kind]
    KIND_TAILGATING: _ClassVar[Kind]
    KIND_MANUAL: _ClassVar[Kind]
    KIND_INPUT: _ClassVar[Kind]
    KIND_ARMING: _ClassVar[Kind]
    KIND_DELIVERY: _ClassVar[Kind]
    KIND_CANARY: _ClassVar[Kind]

class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_UNSPECIFIED: _ClassVar[State]
    STATE_RAISED: _ClassVar[State]
    STATE_UPDATED: _ClassVar[State]
    STATE_CLEARED: _ClassVar[State]

class Grade(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRADE_UNSPECIFIED: _ClassVar[Grade]
    GRADE_BLUE: _ClassVar[Grade]
    GRADE_YELLOW: _ClassVar[Grade]
    GRADE_RED: _ClassVar[Grade]

class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATUS_UNSPECIFIED: _ClassVar[Status]
    STATUS_ACTUAL: _ClassVar[Status]
    STATUS_TEST: _ClassVar[Status]
    STATUS_EXERCISE: _ClassVar[Status]

class ClockSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLOCK_SOURCE_UNSPECIFIED: _ClassVar[ClockSource]
    CLOCK_SOURCE_ARRIVAL: _ClassVar[ClockSource]
    CLOCK_SOURCE_RTCP: _ClassVar[ClockSource]
    CLOCK_SOURCE_FILE: _ClassVar[ClockSource]

class Direction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIRECTION_UNSPECIFIED: _ClassVar[Direction]
    DIRECTION_INWARD: _ClassVar[Direction]
    DIRECTION_OUTWARD: _ClassVar[Direction]

class EvidenceRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVIDENCE_ROLE_UNSPECIFIED: _ClassVar[EvidenceRole]
    EVIDENCE_ROLE_RAISED: _ClassVar[EvidenceRole]
    EVIDENCE_ROLE_BEST: _ClassVar[EvidenceRole]
    EVIDENCE_ROLE_CLEARED: _ClassVar[EvidenceRole]
    EVIDENCE_ROLE_CLIP: _ClassVar[EvidenceRole]
KIND_UNSPECIFIED: Kind
KIND_TRIPWIRE: Kind
KIND_ZONE: Kind
KIND_CAMERA_OFFLINE: Kind
KIND_IMAGE_DARK: Kind
KIND_IMAGE_BRIGHT: Kind
KIND_IMAGE_BLURRED: Kind
KIND_IMAGE_FROZEN: Kind
KIND_CAMERA_COVERED: Kind
KIND_SCENE_CHANGED: Kind
KIND_DEGRADED: Kind
KIND_LOITERING: Kind
KIND_SEQUENCE: Kind
KIND_WRONG_WAY: Kind
KIND_STOPPED: Kind
KIND_LEFT_OBJECT: Kind
KIND_OCCUPANCY: Kind
KIND_EXCLUSION: Kind
KIND_TAILGATING: Kind
KIND_MANUAL: Kind
KIND_INPUT: Kind
KIND_ARMING: Kind
KIND_DELIVERY: Kind
KIND_CANARY: Kind
STATE_UNSPECIFIED: State
STATE_RAISED: State
STATE_UPDATED: State
STATE_CLEARED: State
GRADE_UNSPECIFIED: Grade
GRADE_BLUE: Grade
GRADE_YELLOW: Grade
GRADE_RED: Grade
STATUS_UNSPECIFIED: Status
STATUS_ACTUAL: Status
STATUS_TEST: Status
STATUS_EXERCISE: Status
CLOCK_SOURCE_UNSPECIFIED: ClockSource
CLOCK_SOURCE_ARRIVAL: ClockSource
CLOCK_SOURCE_RTCP: ClockSource
CLOCK_SOURCE_FILE: ClockSource
DIRECTION_UNSPECIFIED: Direction
DIRECTION_INWARD: Direction
DIRECTION_OUTWARD: Direction
EVIDENCE_ROLE_UNSPECIFIED: EvidenceRole
EVIDENCE_ROLE_RAISED: EvidenceRole
EVIDENCE_ROLE_BEST: EvidenceRole
EVIDENCE_ROLE_CLEARED: EvidenceRole
EVIDENCE_ROLE_CLIP: EvidenceRole

class Point(_message.Message):
    __slots__ = ("x", "y")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class BoundingBox(_message.Message):
    __slots__ = ("left", "top", "right", "bottom")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    BOTTOM_FIELD_NUMBER: _ClassVar[int]
    left: float
    top: float
    right: float
    bottom: float
    def __init__(self, left: _Optional[float] = ..., top: _Optional[float] = ..., right: _Optional[float] = ..., bottom: _Optional[float] = ...) -> None: ...

class GroundPoint(_message.Message):
    __slots__ = ("x", "y")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class PathPoint(_message.Message):
    __slots__ = ("point", "offset", "ground")
    POINT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    point: Point
    offset: _duration_pb2.Duration
    ground: GroundPoint
    def __init__(self, point: _Optional[_Union[Point, _Mapping]] = ..., offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., ground: _Optional[_Union[GroundPoint, _Mapping]] = ...) -> None: ...

class PathGap(_message.Message):
    __slots__ = ("lost", "found")
    LOST_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    lost: _duration_pb2.Duration
    found: _duration_pb2.Duration
    def __init__(self, lost: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., found: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Motion(_message.Message):
    __slots__ = ("speed", "speed_sd", "heading", "heading_sd", "on_ground")
    SPEED_FIELD_NUMBER: _ClassVar[int]
    SPEED_SD_FIELD_NUMBER: _ClassVar[int]
    HEADING_FIELD_NUMBER: _ClassVar[int]
    HEADING_SD_FIELD_NUMBER: _ClassVar[int]
    ON_GROUND_FIELD_NUMBER: _ClassVar[int]
    speed: float
    speed_sd: float
    heading: float
    heading_sd: float
    on_ground: bool
    def __init__(self, speed: _Optional[float] = ..., speed_sd: _Optional[float] = ..., heading: _Optional[float] = ..., heading_sd: _Optional[float] = ..., on_ground: _Optional[bool] = ...) -> None: ...

class Object(_message.Message):
    __slots__ = ("class_name", "track_id", "box", "foot_point", "score", "path", "gaps", "motion")
    CLASS_NAME_FIELD_NUMBER: _ClassVar[int]
    TRACK_ID_FIELD_NUMBER: _ClassVar[int]
    BOX_FIELD_NUMBER: _ClassVar[int]
    FOOT_POINT_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    GAPS_FIELD_NUMBER: _ClassVar[int]
    MOTION_FIELD_NUMBER: _ClassVar[int]
    class_name: str
    track_id: int
    box: BoundingBox
    foot_point: Point
    score: float
    path: _containers.RepeatedCompositeFieldContainer[PathPoint]
    gaps: _containers.RepeatedCompositeFieldContainer[PathGap]
    motion: Motion
    def __init__(self, class_name: _Optional[str] = ..., track_id: _Optional[int] = ..., box: _Optional[_Union[BoundingBox, _Mapping]] = ..., foot_point: _Optional[_Union[Point, _Mapping]] = ..., score: _Optional[float] = ..., path: _Optional[_Iterable[_Union[PathPoint, _Mapping]]] = ..., gaps: _Optional[_Iterable[_Union[PathGap, _Mapping]]] = ..., motion: _Optional[_Union[Motion, _Mapping]] = ...) -> None: ...

class Fact(_message.Message):
    __slots__ = ("name", "value", "unit", "least", "most")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    LEAST_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    unit: str
    least: float
    most: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ..., unit: _Optional[str] = ..., least: _Optional[float] = ..., most: _Optional[float] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("evidence_id", "sha256", "media_type", "size_bytes", "expire_time", "role")
    EVIDENCE_ID_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    evidence_id: str
    sha256: str
    media_type: str
    size_bytes: int
    expire_time: _timestamp_pb2.Timestamp
    role: EvidenceRole
    def __init__(self, evidence_id: _Optional[str] = ..., sha256: _Optional[str] = ..., media_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., role: _Optional[_Union[EvidenceRole, str]] = ...) -> None: ...

class Analysis(_message.Message):
    __slots__ = ("model", "model_sha256", "provider", "precision")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_SHA256_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    model: str
    model_sha256: str
    provider: str
    precision: str
    def __init__(self, model: _Optional[str] = ..., model_sha256: _Optional[str] = ..., provider: _Optional[str] = ..., precision: _Optional[str] = ...) -> None: ...

class Acknowledgement(_message.Message):
    __slots__ = ("who", "note", "time")
    WHO_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    who: str
    note: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, who: _Optional[str] = ..., note: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("event_id", "alert_id", "box_id", "sequence", "site", "camera", "rule", "config_revision", "kind", "state", "reason", "grade", "status", "capture_time", "detect_time", "publish_time", "clock_source", "clock_offset", "object", "direction", "dwell", "evidence", "analysis", "more_evidence", "clock_uncertainty", "confidence", "facts", "who", "note", "acknowledgement", "level")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    BOX_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SITE_FIELD_NUMBER: _ClassVar[int]
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    CONFIG_REVISION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GRADE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_FIELD_NUMBER: _ClassVar[int]
    DETECT_TIME_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOCK_SOURCE_FIELD_NUMBER: _ClassVar[int]
    CLOCK_OFFSET_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    DWELL_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    MORE_EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    CLOCK_UNCERTAINTY_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    alert_id: str
    box_id: str
    sequence: int
    site: str
    camera: str
    rule: str
    config_revision: str
    kind: Kind
    state: State
    reason: str
    grade: Grade
    status: Status
    capture_time: _timestamp_pb2.Timestamp
    detect_time: _timestamp_pb2.Timestamp
    publish_time: _timestamp_pb2.Timestamp
    clock_source: ClockSource
    clock_offset: _duration_pb2.Duration
    object: Object
    direction: Direction
    dwell: _duration_pb2.Duration
    evidence: Evidence
    analysis: Analysis
    more_evidence: _containers.RepeatedCompositeFieldContainer[Evidence]
    clock_uncertainty: _duration_pb2.Duration
    confidence: float
    facts: _containers.RepeatedCompositeFieldContainer[Fact]
    who: str
    note: str
    acknowledgement: Acknowledgement
    level: int
    def __init__(self, event_id: _Optional[str] = ..., alert_id: _Optional[str] = ..., box_id: _Optional[str] = ..., sequence: _Optional[int] = ..., site: _Optional[str] = ..., camera: _Optional[str] = ..., rule: _Optional[str] = ..., config_revision: _Optional[str] = ..., kind: _Optional[_Union[Kind, str]] = ..., state: _Optional[_Union[State, str]] = ..., reason: _Optional[str] = ..., grade: _Optional[_Union[Grade, str]] = ..., status: _Optional[_Union[Status, str]] = ..., capture_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., detect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., publish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., clock_source: _Optional[_Union[ClockSource, str]] = ..., clock_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., object: _Optional[_Union[Object, _Mapping]] = ..., direction: _Optional[_Union[Direction, str]] = ..., dwell: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., analysis: _Optional[_Union[Analysis, _Mapping]] = ..., more_evidence: _Optional[_Iterable[_Union[Evidence, _Mapping]]] = ..., clock_uncertainty: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., confidence: _Optional[float] = ..., facts: _Optional[_Iterable[_Union[Fact, _Mapping]]] = ..., who: _Optional[str] = ..., note: _Optional[str] = ..., acknowledgement: _Optional[_Union[Acknowledgement, _Mapping]] = ..., level: _Optional[int] = ...) -> None: ...
