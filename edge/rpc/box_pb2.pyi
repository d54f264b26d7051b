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

class ArmingMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ARMING_MODE_UNSPECIFIED: _ClassVar[ArmingMode]
    ARMING_MODE_ARMED: _ClassVar[ArmingMode]
    ARMING_MODE_DISARMED: _ClassVar[ArmingMode]
    ARMING_MODE_SCHEDULE: _ClassVar[ArmingMode]

class CameraState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAMERA_STATE_UNSPECIFIED: _ClassVar[CameraState]
    CAMERA_STATE_CONNECTING: _ClassVar[CameraState]
    CAMERA_STATE_STREAMING: _ClassVar[CameraState]
    CAMERA_STATE_STALLED: _ClassVar[CameraState]
    CAMERA_STATE_LOST: _ClassVar[CameraState]
    CAMERA_STATE_REFUSED: _ClassVar[CameraState]
    CAMERA_STATE_ENDED: _ClassVar[CameraState]
    CAMERA_STATE_STOPPED: _ClassVar[CameraState]
ARMING_MODE_UNSPECIFIED: ArmingMode
ARMING_MODE_ARMED: ArmingMode
ARMING_MODE_DISARMED: ArmingMode
ARMING_MODE_SCHEDULE: ArmingMode
CAMERA_STATE_UNSPECIFIED: CameraState
CAMERA_STATE_CONNECTING: CameraState
CAMERA_STATE_STREAMING: CameraState
CAMERA_STATE_STALLED: CameraState
CAMERA_STATE_LOST: CameraState
CAMERA_STATE_REFUSED: CameraState
CAMERA_STATE_ENDED: CameraState
CAMERA_STATE_STOPPED: CameraState

class SetArmingRequest(_message.Message):
    __slots__ = ("mode", "camera", "rule", "ttl", "reason", "who", "request_id")
    MODE_FIELD_NUMBER: _ClassVar[int]
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    mode: ArmingMode
    camera: str
    rule: str
    ttl: _duration_pb2.Duration
    reason: str
    who: str
    request_id: str
    def __init__(self, mode: _Optional[_Union[ArmingMode, str]] = ..., camera: _Optional[str] = ..., rule: _Optional[str] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[str] = ..., who: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetArmingResponse(_message.Message):
    __slots__ = ("order",)
    ORDER_FIELD_NUMBER: _ClassVar[int]
    order: ArmingOrder
    def __init__(self, order: _Optional[_Union[ArmingOrder, _Mapping]] = ...) -> None: ...

class ArmingOrder(_message.Message):
    __slots__ = ("order_id", "mode", "camera", "rule", "expire_time", "order_time", "who", "reason")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ORDER_TIME_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    mode: ArmingMode
    camera: str
    rule: str
    expire_time: _timestamp_pb2.Timestamp
    order_time: _timestamp_pb2.Timestamp
    who: str
    reason: str
    def __init__(self, order_id: _Optional[str] = ..., mode: _Optional[_Union[ArmingMode, str]] = ..., camera: _Optional[str] = ..., rule: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., who: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class SetInputRequest(_message.Message):
    __slots__ = ("name", "active", "ttl", "who", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    active: bool
    ttl: _duration_pb2.Duration
    who: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., active: _Optional[bool] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., who: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SetInputResponse(_message.Message):
    __slots__ = ("input",)
    INPUT_FIELD_NUMBER: _ClassVar[int]
    input: InputStatus
    def __init__(self, input: _Optional[_Union[InputStatus, _Mapping]] = ...) -> None: ...

class RaiseAlarmRequest(_message.Message):
    __slots__ = ("rule", "camera", "clear", "note", "who", "request_id")
    RULE_FIELD_NUMBER: _ClassVar[int]
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    CLEAR_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    rule: str
    camera: str
    clear: bool
    note: str
    who: str
    request_id: str
    def __init__(self, rule: _Optional[str] = ..., camera: _Optional[str] = ..., clear: _Optional[bool] = ..., note: _Optional[str] = ..., who: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class RaiseAlarmResponse(_message.Message):
    __slots__ = ("alert_id",)
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    alert_id: str
    def __init__(self, alert_id: _Optional[str] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CameraStatus(_message.Message):
    __slots__ = ("name", "state", "reason", "state_time", "frames", "dropped", "reconnects", "staleness", "codec", "device", "decode", "lag", "skipped")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STATE_TIME_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    RECONNECTS_FIELD_NUMBER: _ClassVar[int]
    STALENESS_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DECODE_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: CameraState
    reason: str
    state_time: _timestamp_pb2.Timestamp
    frames: int
    dropped: int
    reconnects: int
    staleness: _duration_pb2.Duration
    codec: str
    device: str
    decode: str
    lag: _duration_pb2.Duration
    skipped: int
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[CameraState, str]] = ..., reason: _Optional[str] = ..., state_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., frames: _Optional[int] = ..., dropped: _Optional[int] = ..., reconnects: _Optional[int] = ..., staleness: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., codec: _Optional[str] = ..., device: _Optional[str] = ..., decode: _Optional[str] = ..., lag: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., skipped: _Optional[int] = ...) -> None: ...

class ConsumerStatus(_message.Message):
    __slots__ = ("name", "acked_sequence", "backlog", "oldest_age", "connected", "reason", "rejected")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACKED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    name: str
    acked_sequence: int
    backlog: int
    oldest_age: _duration_pb2.Duration
    connected: bool
    reason: str
    rejected: int
    def __init__(self, name: _Optional[str] = ..., acked_sequence: _Optional[int] = ..., backlog: _Optional[int] = ..., oldest_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., connected: _Optional[bool] = ..., reason: _Optional[str] = ..., rejected: _Optional[int] = ...) -> None: ...

class RuleStatus(_message.Message):
    __slots__ = ("camera", "rule", "armed", "reason", "until_time")
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    ARMED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    camera: str
    rule: str
    armed: bool
    reason: str
    until_time: _timestamp_pb2.Timestamp
    def __init__(self, camera: _Optional[str] = ..., rule: _Optional[str] = ..., armed: _Optional[bool] = ..., reason: _Optional[str] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class InputStatus(_message.Message):
    __slots__ = ("name", "active", "expire_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    active: bool
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., active: _Optional[bool] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("site", "box_id", "version", "config_revision", "start_time", "ready", "not_ready_reasons", "model", "model_sha256", "provider", "cameras", "consumers", "last_sequence", "open_alerts", "precision", "degraded_reasons", "load", "rules", "inputs", "orders", "config_problem")
    SITE_FIELD_NUMBER: _ClassVar[int]
    BOX_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONFIG_REVISION_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    NOT_READY_REASONS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_SHA256_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    CAMERAS_FIELD_NUMBER: _ClassVar[int]
    CONSUMERS_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    OPEN_ALERTS_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_REASONS_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    CONFIG_PROBLEM_FIELD_NUMBER: _ClassVar[int]
    site: str
    box_id: str
    version: str
    config_revision: str
    start_time: _timestamp_pb2.Timestamp
    ready: bool
    not_ready_reasons: _containers.RepeatedScalarFieldContainer[str]
    model: str
    model_sha256: str
    provider: str
    cameras: _containers.RepeatedCompositeFieldContainer[CameraStatus]
    consumers: _containers.RepeatedCompositeFieldContainer[ConsumerStatus]
    last_sequence: int
    open_alerts: int
    precision: str
    degraded_reasons: _containers.RepeatedScalarFieldContainer[str]
    load: float
    rules: _containers.RepeatedCompositeFieldContainer[RuleStatus]
    inputs: _containers.RepeatedCompositeFieldContainer[InputStatus]
    orders: _containers.RepeatedCompositeFieldContainer[ArmingOrder]
    config_problem: str
    def __init__(self, site: _Optional[str] = ..., box_id: _Optional[str] = ..., version: _Optional[str] = ..., config_revision: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ready: _Optional[bool] = ..., not_ready_reasons: _Optional[_Iterable[str]] = ..., model: _Optional[str] = ..., model_sha256: _Optional[str] = ..., provider: _Optional[str] = ..., cameras: _Optional[_Iterable[_Union[CameraStatus, _Mapping]]] = ..., consumers: _Optional[_Iterable[_Union[ConsumerStatus, _Mapping]]] = ..., last_sequence: _Optional[int] = ..., open_alerts: _Optional[int] = ..., precision: _Optional[str] = ..., degraded_reasons: _Optional[_Iterable[str]] = ..., load: _Optional[float] = ..., rules: _Optional[_Iterable[_Union[RuleStatus, _Mapping]]] = ..., inputs: _Optional[_Iterable[_Union[InputStatus, _Mapping]]] = ..., orders: _Optional[_Iterable[_Union[ArmingOrder, _Mapping]]] = ..., config_problem: _Optional[str] = ...) -> None: ...
