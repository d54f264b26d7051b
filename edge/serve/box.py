"""The Box service: how the box is, and what it can be told."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from edge.rpc import box_pb2 as pb
from edge.rpc.box_pb2_grpc import BoxServicer
from edge.serve import orders
from edge.serve.confirm import confirmed
from edge.serve.needs import BoxControls, BoxView
from edge.serve.orders import duration, timestamp
from edge.serve.refusals import may, told_to
from edge.status import BoxStatus, CameraHealth, ConsumerHealth

Context = grpc.aio.ServicerContext[Any, Any]


class Box(BoxServicer):
    """Tells what a BoxView tells, and tells BoxControls, in the contract's words."""

    def __init__(self, view: BoxView, controls: BoxControls | None, *, anybody: bool) -> None:
        self._view, self._controls, self._anybody = view, controls, anybody

    async def GetStatus(  # noqa: N802 - the contract's name
        self,
        request: pb.GetStatusRequest,  # noqa: ARG002 - it asks for everything
        context: Context,
    ) -> pb.GetStatusResponse:
        """See the contract."""
        async with told_to(context):
            return to_message(await asyncio.to_thread(self._view.status))

    async def SetArming(  # noqa: N802 - the contract's name
        self, request: pb.SetArmingRequest, context: Context
    ) -> pb.SetArmingResponse:
        """See the contract."""
        async with told_to(context):
            wanted = orders.arming_request(request)
            order = await asyncio.to_thread(self._may().set_arming, wanted)
            return pb.SetArmingResponse(order=orders.order_message(order))

    async def SetInput(  # noqa: N802 - the contract's name
        self, request: pb.SetInputRequest, context: Context
    ) -> pb.SetInputResponse:
        """See the contract."""
        async with told_to(context):
            status = self._may().set_input(orders.input_request(request))
            return pb.SetInputResponse(input=orders.input_message(status))

    async def RaiseAlarm(  # noqa: N802 - the contract's name
        self, request: pb.RaiseAlarmRequest, context: Context
    ) -> pb.RaiseAlarmResponse:
        """See the contract."""
        async with told_to(context):
            asked = self._may().raise_alarm(orders.alarm_request(request))
            alert_id = await confirmed(asked)
            return pb.RaiseAlarmResponse(alert_id=alert_id)

    def _may(self) -> BoxControls:
        return may(self._controls, anybody=self._anybody)


def to_message(status: BoxStatus) -> pb.GetStatusResponse:
    """The status as the contract words it."""
    return pb.GetStatusResponse(
        site=status.site,
        box_id=status.box_id,
        version=status.version,
        config_revision=status.config_revision,
        start_time=timestamp(status.started),
        ready=status.ready,
        not_ready_reasons=status.not_ready,
        degraded_reasons=status.degraded,
        config_problem=status.config_problem,
        load=status.load,
        model=status.model,
        model_sha256=status.model_sha256,
        provider=status.provider,
        precision=status.precision,
        cameras=[_camera(camera) for camera in status.cameras],
        consumers=[_consumer(consumer) for consumer in status.consumers],
        last_sequence=status.last_sequence,
        open_alerts=status.open_alerts,
        rules=[orders.rule_message(one) for one in status.rules],
        inputs=[orders.input_message(one) for one in status.inputs],
        orders=[orders.order_message(one) for one in status.orders],
    )


def _camera(health: CameraHealth) -> pb.CameraStatus:
    return pb.CameraStatus(
        name=health.name,
        state=f"CAMERA_STATE_{health.state.name}",
        reason=health.reason,
        state_time=timestamp(health.since),
        frames=health.frames,
        dropped=health.dropped,
        reconnects=health.reconnects,
        staleness=duration(health.staleness_s),
        codec=health.codec,
        device=health.device,
        decode=health.decode,
        lag=duration(health.lag_s),
        skipped=health.skipped,
    )


def _consumer(health: ConsumerHealth) -> pb.ConsumerStatus:
    return pb.ConsumerStatus(
        name=health.name,
        acked_sequence=health.acked_sequence,
        backlog=health.backlog,
        oldest_age=duration(health.oldest_age_s),
        connected=health.connected,
        reason=health.reason,
        rejected=health.rejected,
    )
