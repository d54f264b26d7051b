"""Errors as the contract tells them: google.rpc.Status with an ErrorInfo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Never, TypeVar

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from edge.errors import FencelineError, Refusal, RefusalError

T = TypeVar("T")
DOMAIN = "fenceline"
CODES = {
    Refusal.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Refusal.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Refusal.CONFLICT: grpc.StatusCode.FAILED_PRECONDITION,
    Refusal.FULL: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Refusal.LATER: grpc.StatusCode.UNAVAILABLE,
}
# The same may be asked again after so many seconds, as google.rpc.RetryInfo.
RETRY_S = {
    "NOT_CONFIRMED": 1.0,
    "SHUTTING_DOWN": 2.0,
    "STORE_FAILED": 5.0,
    "TOO_MANY_CALLS": 1.0,
    "TOO_MANY_SUBSCRIBERS": 10.0,
}


class RefusedError(Exception):
    """A call ends with this code; `reason` is for programs, the message for people."""

    def __init__(
        self, code: grpc.StatusCode, reason: str, message: str, **metadata: object
    ) -> None:
        super().__init__(message)
        self.code, self.reason, self.metadata = code, reason, metadata

    def status(self) -> grpc.Status:
        """As it goes over the wire."""
        metadata = {name: str(value) for name, value in self.metadata.items()}
        info = error_details_pb2.ErrorInfo(reason=self.reason, domain=DOMAIN, metadata=metadata)
        details = [_packed(info)]
        if self.reason in RETRY_S:
            retry = error_details_pb2.RetryInfo()
            retry.retry_delay.FromMilliseconds(int(RETRY_S[self.reason] * 1000))
            details.append(_packed(retry))
        code = code_pb2.Code.Value(self.code.name)
        message = status_pb2.Status(code=code, message=str(self), details=details)
        return rpc_status.to_status(message)


def invalid(reason: str, message: str, **metadata: object) -> RefusedError:
    """What was asked makes no sense; asking again won't help."""
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, reason, message, **metadata)


def garbled() -> RefusedError:
    """What was sent is no message of the contract."""
    return invalid("GARBLED", "this is not a message of the contract")


def unavailable(reason: str, message: str) -> RefusedError:
    """Not now; the same may be asked again later."""
    return RefusedError(grpc.StatusCode.UNAVAILABLE, reason, message)


def may(controls: T | None, *, anybody: bool) -> T:
    """What the box can be told by whoever calls; raises RefusedError."""
    if controls is None:
        raise RefusedError(grpc.StatusCode.UNIMPLEMENTED, "ONLY_READS", "this box only reads")
    if not anybody:
        what = "the box can't tell who says this; set serve.grpc.client_ca"
        raise RefusedError(grpc.StatusCode.PERMISSION_DENIED, "NO_CLIENT_CA", what)
    return controls


@asynccontextmanager
async def told_to(context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[None]:
    """End the call as the errors within it say."""
    try:
        yield
    except RefusedError as refused:
        await _abort(context, refused)
    except RefusalError as error:
        await _abort(context, RefusedError(CODES[error.kind], error.reason, str(error)))
    except DecodeError:
        await _abort(context, garbled())
    except FencelineError as error:
        await _abort(context, unavailable("STORE_FAILED", str(error)))


def _packed(detail: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)
    return packed


async def _abort(context: grpc.aio.ServicerContext[Any, Any], refused: RefusedError) -> Never:
    await context.abort_with_status(refused.status())
