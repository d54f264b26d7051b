"""What the HTTP API can be told: orders, inputs, alarms, acknowledgements; see `Guard` for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

from fastapi import APIRouter

from edge.orders import (
    Acknowledgement,
    AcknowledgeRequest,
    AlarmRequest,
    ArmingRequest,
    InputRequest,
    Order,
)
from edge.serve.confirm import confirmed
from edge.serve.needs import BoxControls
from edge.serve.problems import Problem
from edge.status import InputStatus

PATHS = ("/api/arming", "/api/inputs", "/api/alarms", "/api/alerts/acknowledge")
STRICT = {"extra": "forbid"}  # a misspelt key is refused

T = TypeVar("T", ArmingRequest, InputRequest, AlarmRequest, AcknowledgeRequest)


class Arm(ArmingRequest):
    """Arm or disarm rules; `ttl_s` is 1 second to 7 days, without one arming holds until ended."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT


class Input(InputRequest):
    """An input is active for `ttl_s`, 1 second to a day, unless it is said again; or it is not."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT


class Alarm(AlarmRequest):
    """Raise the alarm of a rule of type `manual`, or clear it."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT


class Acknowledge(AcknowledgeRequest):
    """Somebody has seen to an alert, open or cleared."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = STRICT


@dataclass(frozen=True, slots=True)
class Raised:
    """The alert, as in its events; empty where there was none to clear."""

    alert_id: str


class Tell:
    """The endpoints that change something; each refuses what the gRPC call refuses."""

    def __init__(self, controls: BoxControls) -> None:
        self._controls = controls

    def router(self) -> APIRouter:
        """Which address is answered by which method."""
        routes = APIRouter()
        refusals: dict[int | str, Any] = {
            status: {"model": Problem} for status in (404, 409, 422, 429, 503)
        }
        answers: list[Callable[..., Any]] = [self.arm, self.set_input, self.alarm, self.acknowledge]
        for path, answer in zip(PATHS, answers, strict=True):
            routes.add_api_route(path, answer, methods=["POST"], responses=refusals)
        return routes

    def arm(self, body: Arm) -> Order:
        """Arm or disarm rules for a time; on disk before it is answered."""
        return self._controls.set_arming(_as(ArmingRequest, body))

    def set_input(self, body: Input) -> InputStatus:
        """Say that an external input is active, or is not."""
        return self._controls.set_input(_as(InputRequest, body))

    async def alarm(self, body: Alarm) -> Raised:
        """Raise or clear an alarm by hand; on disk before it is answered."""
        return Raised(await confirmed(self._controls.raise_alarm(_as(AlarmRequest, body))))

    async def acknowledge(self, body: Acknowledge) -> Acknowledgement:
        """Say that somebody has seen to an alert; on disk before it is answered."""
        return await confirmed(self._controls.acknowledge(_as(AcknowledgeRequest, body)))


def _as(kind: type[T], body: T) -> T:
    """Without what HTTP put around it: gRPC asks with the same."""
    return kind(**{field.name: getattr(body, field.name) for field in fields(kind)})
