"""The JSON API: the box's state, pictures, alerts and evidence: what can be read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse, JSONResponse

from edge.rpc import event_pb2 as pb
from edge.serve.answers import Overlay, Seen, Shape, Status
from edge.serve.needs import BoxView, EventLog, EvidenceShelf
from edge.serve.pictures import Picture, Pictures
from edge.serve.problems import NoAnswerError, Problem
from edge.serve.protojson import schema_of, to_json
from edge.status import CameraHealth
from edge.types import Grade

CLIP = "video/webm"
Camera = Annotated[str, Path(description="a configured camera's name")]
EvidenceId = Annotated[str, Path(max_length=64, description="`evidence_id` of an alert's evidence")]
Limit = Annotated[int, Query(ge=1, le=500, description="at most this many")]
OpenOnly = Annotated[bool, Query(alias="open", description="only alerts that are not cleared")]
Before = Annotated[str, Query(max_length=64, description="`next_page_token` of the page before")]
FrameName = Annotated[
    str, Query(max_length=64, description="`frame` of /boxes; empty for the newest picture")
]


class Api:
    """The endpoints under /api; they block, so FastAPI runs them on its thread pool."""

    def __init__(self, box: BoxView, log: EventLog, evidence: EvidenceShelf) -> None:
        self._box, self._log, self._evidence = box, log, evidence
        self._pictures = Pictures(box.scene)
        self._cameras = [camera.name for camera in box.status().cameras]  # as configured

    def router(self) -> APIRouter:
        """Which address is answered by which method."""
        routes = APIRouter(prefix="/api")
        add, camera = routes.add_api_route, "/cameras/{name}"
        add("/status", self.status)
        add("/cameras", self.cameras)
        add(f"{camera}/overlay", self.overlay, responses=_problems(404))
        add(f"{camera}/boxes", self.boxes, responses=_problems(404, 503))
        add(f"{camera}/picture.jpg", self.picture, **_file_or(404, 503))
        add("/alerts", self.alerts, responses=_a_page_of_alerts())
        add("/evidence/{evidence_id}.jpg", self.evidence, **_file_or(404))
        add("/evidence/{evidence_id}.webm", self.clip, **_file_or(404, media_type=CLIP))
        return routes

    def status(self) -> Status:
        """How the box, its cameras and the readers of its events are."""
        box = self._box.status()
        return Status(ready=box.ready, time=time.time(), box=box)

    def cameras(self) -> tuple[CameraHealth, ...]:
        """The cameras and how they are."""
        return self._box.status().cameras

    def overlay(self, name: Camera) -> Overlay:
        """The lines and polygons of a camera's rules."""
        self._known(name)
        return Overlay([_shape(shape) for shape in self._box.overlay(name)])

    def boxes(self, name: Camera) -> Seen:
        """What was seen in the newest analysed picture, and that picture's address."""
        picture = self._newest(name)
        return Seen(
            frame=picture.name,
            picture=f"/api/cameras/{name}/picture.jpg?frame={picture.name}",
            session=picture.session,
            index=picture.index,
            time=picture.time,
            width=picture.width,
            height=picture.height,
            objects=picture.objects,
        )

    def picture(self, name: Camera, frame: FrameName = "") -> Response:
        """A camera's newest analysed picture, or the one that /boxes spoke of; people pixelated."""
        picture = self._kept(name, frame) if frame else self._newest(name)
        return Response(
            picture.jpeg,
            media_type="image/jpeg",
            headers={
                "ETag": f'"{picture.name}"',
                "X-Frame-Index": str(picture.index),
                "X-Frame-Time": f"{picture.time:.3f}",
            },
        )

    def alerts(
        self, *, limit: Limit = 50, open_only: OpenOnly = False, before: Before = ""
    ) -> JSONResponse:
        """The alerts, newest first, each with its latest event."""
        events, token = self._log.alerts(limit=limit, before=before or None, open_only=open_only)
        alerts = [to_json(event) for event in events]
        return JSONResponse({"alerts": alerts, "next_page_token": token})

    def evidence(self, evidence_id: EvidenceId) -> Response:
        """A picture of an alert: masks burned in, people pixelated."""
        path = self._stored(evidence_id, ".jpg")
        with _or_gone():
            return Response(path.read_bytes(), media_type="image/jpeg")

    def clip(self, evidence_id: EvidenceId) -> Response:
        """The clip of an alert, masks burned in, people pixelated; or the range asked for."""
        path = self._stored(evidence_id, ".webm")
        with _or_gone():
            return FileResponse(path, media_type=CLIP, stat_result=path.stat())

    def _stored(self, evidence_id: str, suffix: str) -> FilePath:
        path = self._evidence.path(evidence_id)
        if path is None or path.suffix != suffix:
            raise _gone()
        return path

    def _known(self, name: str) -> None:
        if name not in self._cameras:
            raise NoAnswerError(404, "no such camera", f"use one of: {', '.join(self._cameras)}")

    def _newest(self, name: str) -> Picture:
        self._known(name)
        picture = self._pictures.newest(name)
        if picture is None:
            what = f"no picture of camera '{name}' was analysed yet"
            raise NoAnswerError(
                503, what, "try again in a second; /api/cameras says how the camera is"
            )
        return picture

    def _kept(self, name: str, frame: str) -> Picture:
        self._known(name)
        picture = self._pictures.named(name, frame)
        if picture is None:
            what = f"this picture of camera '{name}' is no longer kept"
            raise NoAnswerError(404, what, "ask /boxes for the newest one")
        return picture


def _shape(told: dict[str, Any]) -> Shape:
    return Shape(
        name=told["name"],
        type=told["type"],
        grade=Grade(told["grade"]),
        points=told["points"],
        direction=told.get("direction"),
    )


def _problems(*statuses: int) -> dict[int | str, Any]:
    return {status: {"model": Problem} for status in statuses}


def _file_or(*statuses: int, media_type: str = "image/jpeg") -> dict[str, Any]:
    found = {"content": {media_type: {}}, "description": "A picture or a clip"}
    return {"response_class": Response, "responses": {200: found} | _problems(*statuses)}


@contextmanager
def _or_gone() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:  # it was swept since
        raise _gone() from error


def _gone() -> NoAnswerError:
    remedy = "it may have expired; see `expire_time` of its alert"
    return NoAnswerError(404, "no such evidence", remedy)


def _a_page_of_alerts() -> dict[int | str, Any]:
    properties = {
        "alerts": {"type": "array", "items": schema_of(pb.Event)},
        "next_page_token": {"type": "string", "description": "empty on the last page"},
    }
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {200: {"content": {"application/json": {"schema": schema}}}}
