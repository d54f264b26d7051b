from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_GARBLED: _ClassVar[ErrorReason]
    ERROR_REASON_NO_START: _ClassVar[ErrorReason]
    ERROR_REASON_BAD_CONSUMER: _ClassVar[ErrorReason]
    ERROR_REASON_BAD_FILTER: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_AN_ACK: _ClassVar[ErrorReason]
    ERROR_REASON_ACK_AHEAD: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_OUTSTANDING: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_NAMED: _ClassVar[ErrorReason]
    ERROR_REASON_SEQUENCE_AHEAD: _ClassVar[ErrorReason]
    ERROR_REASON_BAD_PAGE_SIZE: _ClassVar[ErrorReason]
    ERROR_REASON_BAD_TEXT: _ClassVar[ErrorReason]
    ERROR_REASON_NO_WHO: _ClassVar[ErrorReason]
    ERROR_REASON_NO_MODE: _ClassVar[ErrorReason]
    ERROR_REASON_NO_REASON: _ClassVar[ErrorReason]
    ERROR_REASON_NO_TTL: _ClassVar[ErrorReason]
    ERROR_REASON_BAD_TTL: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_ID_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_ALERT: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_EVIDENCE: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_CAMERA: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_RULE: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_INPUT: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_ALARM: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_ARMED: _ClassVar[ErrorReason]
    ERROR_REASON_COOLING_DOWN: _ClassVar[ErrorReason]
    ERROR_REASON_NO_CLIENT_CA: _ClassVar[ErrorReason]
    ERROR_REASON_ONLY_READS: _ClassVar[ErrorReason]
    ERROR_REASON_TAKEN_OVER: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_ORDERS: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_CALLS: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_MANY_SUBSCRIBERS: _ClassVar[ErrorReason]
    ERROR_REASON_STORE_FAILED: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_CONFIRMED: _ClassVar[ErrorReason]
    ERROR_REASON_SHUTTING_DOWN: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_GARBLED: ErrorReason
ERROR_REASON_NO_START: ErrorReason
ERROR_REASON_BAD_CONSUMER: ErrorReason
ERROR_REASON_BAD_FILTER: ErrorReason
ERROR_REASON_NOT_AN_ACK: ErrorReason
ERROR_REASON_ACK_AHEAD: ErrorReason
ERROR_REASON_NOT_OUTSTANDING: ErrorReason
ERROR_REASON_NOT_NAMED: ErrorReason
ERROR_REASON_SEQUENCE_AHEAD: ErrorReason
ERROR_REASON_BAD_PAGE_SIZE: ErrorReason
ERROR_REASON_BAD_TEXT: ErrorReason
ERROR_REASON_NO_WHO: ErrorReason
ERROR_REASON_NO_MODE: ErrorReason
ERROR_REASON_NO_REASON: ErrorReason
ERROR_REASON_NO_TTL: ErrorReason
ERROR_REASON_BAD_TTL: ErrorReason
ERROR_REASON_REQUEST_ID_REUSED: ErrorReason
ERROR_REASON_NO_SUCH_ALERT: ErrorReason
ERROR_REASON_NO_SUCH_EVIDENCE: ErrorReason
ERROR_REASON_NO_SUCH_CAMERA: ErrorReason
ERROR_REASON_NO_SUCH_RULE: ErrorReason
ERROR_REASON_NO_SUCH_INPUT: ErrorReason
ERROR_REASON_NO_SUCH_ALARM: ErrorReason
ERROR_REASON_NOT_ARMED: ErrorReason
ERROR_REASON_COOLING_DOWN: ErrorReason
ERROR_REASON_NO_CLIENT_CA: ErrorReason
ERROR_REASON_ONLY_READS: ErrorReason
ERROR_REASON_TAKEN_OVER: ErrorReason
ERROR_REASON_TOO_MANY_ORDERS: ErrorReason
ERROR_REASON_TOO_MANY_CALLS: ErrorReason
ERROR_REASON_TOO_MANY_SUBSCRIBERS: ErrorReason
ERROR_REASON_STORE_FAILED: ErrorReason
ERROR_REASON_NOT_CONFIRMED: ErrorReason
ERROR_REASON_SHUTTING_DOWN: ErrorReason
