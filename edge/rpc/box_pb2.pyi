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
CAMERA_STATE_UNSPECIFIED: CameraState
CAMERA_STATE_CONNECTING: CameraState
CAMERA_STATE_STREAMING: CameraState
CAMERA_STATE_STALLED: CameraState
CAMERA_STATE_LOST: CameraState
CAMERA_STATE_REFUSED: CameraState
CAMERA_STATE_ENDED: CameraState
CAMERA_STATE_STOPPED: CameraState

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
    __slots__ = ("name", "acked_sequence", "backlog", "oldest_age", "connected", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACKED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_FIELD_NUMBER: _ClassVar[int]
    CONNECTED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    acked_sequence: int
    backlog: int
    oldest_age: _duration_pb2.Duration
    connected: bool
    reason: str
    def __init__(self, name: _Optional[str] = ..., acked_sequence: _Optional[int] = ..., backlog: _Optional[int] = ..., oldest_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., connected: _Optional[bool] = ..., reason: _Optional[str] = ...) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("site", "box_id", "version", "config_revision", "start_time", "ready", "not_ready_reasons", "model", "model_sha256", "provider", "cameras", "consumers", "last_sequence", "open_alerts", "precision", "degraded_reasons", "load")
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
    def __init__(self, site: _Optional[str] = ..., box_id: _Optional[str] = ..., version: _Optional[str] = ..., config_revision: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ready: _Optional[bool] = ..., not_ready_reasons: _Optional[_Iterable[str]] = ..., model: _Optional[str] = ..., model_sha256: _Optional[str] = ..., provider: _Optional[str] = ..., cameras: _Optional[_Iterable[_Union[CameraStatus, _Mapping]]] = ..., consumers: _Optional[_Iterable[_Union[ConsumerStatus, _Mapping]]] = ..., last_sequence: _Optional[int] = ..., open_alerts: _Optional[int] = ..., precision: _Optional[str] = ..., degraded_reasons: _Optional[_Iterable[str]] = ..., load: _Optional[float] = ...) -> None: ...
