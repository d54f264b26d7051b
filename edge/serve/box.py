"""The Box service: how the box is."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from edge.rpc import box_pb2 as pb
from edge.rpc.box_pb2_grpc import BoxServicer
from edge.serve.needs import BoxView
from edge.serve.refusals import told_to
from edge.status import BoxStatus, CameraHealth, ConsumerHealth


class Box(BoxServicer):
    """Tells what a BoxView tells, in the contract's words."""

    def __init__(self, view: BoxView) -> None:
        self._view = view

    async def GetStatus(  # noqa: N802 - the contract's name
        self,
        request: pb.GetStatusRequest,  # noqa: ARG002 - it asks for everything
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> pb.GetStatusResponse:
        """See the contract."""
        async with told_to(context):
            return to_message(await asyncio.to_thread(self._view.status))


def to_message(status: BoxStatus) -> pb.GetStatusResponse:
    """The status as the contract words it."""
    return pb.GetStatusResponse(
        site=status.site,
        box_id=status.box_id,
        version=status.version,
        config_revision=status.config_revision,
        start_time=_timestamp(status.started),
        ready=status.ready,
        not_ready_reasons=status.not_ready,
        degraded_reasons=status.degraded,
        load=status.load,
        model=status.model,
        model_sha256=status.model_sha256,
        provider=status.provider,
        precision=status.precision,
        cameras=[_camera(camera) for camera in status.cameras],
        consumers=[_consumer(consumer) for consumer in status.consumers],
        last_sequence=status.last_sequence,
        open_alerts=status.open_alerts,
    )


def _camera(health: CameraHealth) -> pb.CameraStatus:
    return pb.CameraStatus(
        name=health.name,
        state=f"CAMERA_STATE_{health.state.name}",
        reason=health.reason,
        state_time=_timestamp(health.since),
        frames=health.frames,
        dropped=health.dropped,
        reconnects=health.reconnects,
        staleness=_duration(health.staleness_s),
        codec=health.codec,
        device=health.device,
        decode=health.decode,
        lag=_duration(health.lag_s),
        skipped=health.skipped,
    )


def _consumer(health: ConsumerHealth) -> pb.ConsumerStatus:
    return pb.ConsumerStatus(
        name=health.name,
        acked_sequence=health.acked_sequence,
        backlog=health.backlog,
        oldest_age=_duration(health.oldest_age_s),
        connected=health.connected,
        reason=health.reason,
    )


def _timestamp(seconds: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromMicroseconds(round(seconds * 1e6))
    return stamp


def _duration(seconds: float | None) -> Duration | None:
    if seconds is None:
        return None
    duration = Duration()
    duration.FromMicroseconds(round(seconds * 1e6))
    return duration
