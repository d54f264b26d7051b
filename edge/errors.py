"""What can go wrong, each said as what, where and what to do."""

from __future__ import annotations

from enum import StrEnum


class FencelineError(Exception):
    """An error meant for people: one sentence on what and where, one on what to do."""

    exit_code = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what}; {remedy}" if remedy else what)
        self.what = what
        self.remedy = remedy


class ConfigError(FencelineError):
    """The configuration file can't be used."""

    exit_code = 2


class ModelError(FencelineError):
    """A model is missing, damaged or of the wrong shape."""

    exit_code = 3


class StreamError(FencelineError):
    """A stream can't be opened or broke; `refused` asks for slow retries."""

    exit_code = 4

    def __init__(self, what: str, remedy: str = "", *, refused: bool = False) -> None:
        super().__init__(what, remedy)
        self.refused = refused


class OutboxError(FencelineError):
    """The outbox can't store events."""

    exit_code = 5


class SinkError(FencelineError):
    """A sink did not take the events; they are sent again, not before `wait_s` is over."""

    exit_code = 6

    def __init__(self, what: str, remedy: str = "", *, wait_s: float = 0.0) -> None:
        super().__init__(what, remedy)
        self.wait_s = wait_s


class ListenError(FencelineError):
    """A server can't listen where it was told to."""

    exit_code = 7


class MotFileError(FencelineError):
    """A file of detections or tracks in MOTChallenge's format can't be read or written."""

    exit_code = 8


class CertificateError(FencelineError):
    """A certificate can't be made."""

    exit_code = 9


class Refusal(StrEnum):
    """What kind of refusal it is, and whether asking again may help."""

    INVALID = "invalid"  # it makes no sense
    NOT_FOUND = "not_found"  # there is no such thing here
    CONFLICT = "conflict"  # not as things stand
    FULL = "full"  # too many already
    LATER = "later"  # the same may be asked again


class RefusalError(FencelineError):
    """The box does not do what it was asked to; `reason` is for programs, the words for people."""

    def __init__(self, what: str, remedy: str = "", *, kind: Refusal, reason: str) -> None:
        super().__init__(what, remedy)
        self.kind, self.reason = kind, reason
