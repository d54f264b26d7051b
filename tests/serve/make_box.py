"""A box that is not there: what the servers ask of it, answered from memory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from edge.errors import OutboxError
from edge.picture import Still
from edge.privacy import burn_masks, jpeg, planes
from edge.rpc import event_pb2 as pb
from edge.status import BoxStatus, CameraHealth, CameraState, ConsumerHealth
from edge.stream.clip import ClipEncoder
from edge.types import Frame, Scene, Tracks

MASK = np.array([[0, 0], [0.2, 0], [0.2, 0.3], [0, 0.3]], np.float32)
PERSON = (300.0, 150.0, 348.0, 290.0)
SHAPES = (
    {
        "name": "fence",
        "type": "tripwire",
        "grade": "red",
        "points": ((0.05, 0.6), (0.95, 0.7)),
        "direction": "inward",
    },
    {
        "name": "yard",
        "type": "zone",
        "grade": "blue",
        "points": ((0.1, 0.7), (0.5, 0.62), (0.6, 0.95), (0.15, 0.95)),
    },
)


def yard(width=640, height=360):
    """Ground, a wall, and grain fine enough to see what pixelating takes away."""
    rows = np.linspace(70, 150, height, dtype=np.float32)[:, None, None]
    grain = np.random.default_rng(7).normal(0, 24, (height, width, 1)).astype(np.float32)
    image = np.clip(rows + grain + np.array([0, 8, 4], np.float32), 0, 255).astype(np.uint8)
    cv2.rectangle(image, (0, 60), (width, 150), (120, 128, 140), -1)
    for x in range(0, width, 16):
        cv2.line(image, (x, 60), (x, 150), (60, 66, 76), 2)
    return image


def scene(index=0, *, camera="gate", session=0, people=(PERSON,), at=None):
    """A picture of the yard with its mask burned in and these people in it."""
    image = burn_masks(yard(), [MASK])
    for x1, y1, x2, y2 in np.array(people, int).reshape(-1, 4):
        image[y1:y2:4, x1:x2] = (30, 60, 230)
    boxes = np.array(people, np.float32).reshape(-1, 4)
    count = len(boxes)
    tracks = Tracks(
        np.arange(41, 41 + count),
        boxes,
        np.full(count, 0.87, np.float32),
        np.zeros(count, np.int64),
        np.zeros((count, 2), np.float32),
        np.zeros(0, np.int64),
    )
    now = time.time() if at is None else at
    return Scene(
        Frame(camera, index, index / 10, now, Still(image), session=session), tracks, boxes
    )


def camera(name="gate", **changes):
    health = CameraHealth(
        name,
        CameraState.STREAMING,
        since=time.time() - 3600,
        frames=1000,
        dropped=3,
        reconnects=1,
        width=640,
        height=360,
        staleness_s=0.2,
    )
    return replace(health, **changes)


def status(**changes):
    now = BoxStatus(
        site="quarry-north",
        box_id="box-1a2b3c4d",
        version="0.1.0",
        config_revision="5f0c2e9a",
        started=time.time() - 7300,
        not_ready=(),
        degraded=(),
        load=0.42,
        model="picodet-s-416",
        model_sha256="ab" * 32,
        provider="CPUExecutionProvider",
        precision="fp32",
        cameras=(camera("gate"), camera("yard")),
        consumers=(
            ConsumerHealth("sink:centre", 12, 0, None, connected=True),
            ConsumerHealth("pull:archive", 4, 8, 95.0, reason="no stream since 14:02", rejected=2),
        ),
        last_sequence=12,
        open_alerts=1,
    )
    return replace(now, **changes)


def alert(sequence, *, state="RAISED", grade="RED", age_s=5.0, kind="TRIPWIRE", **changes):
    """The latest event of an alert that began some seconds ago."""
    event = pb.Event(
        event_id=f"event-{sequence}",
        alert_id=f"alert-{sequence}",
        box_id="box-1a2b3c4d",
        sequence=sequence,
        site="quarry-north",
        camera="gate",
        rule="fence" if kind == "TRIPWIRE" else "yard",
        kind=pb.Kind.Value(f"KIND_{kind}"),
        state=pb.State.Value(f"STATE_{state}"),
        grade=pb.Grade.Value(f"GRADE_{grade}"),
        reason="crossed" if kind == "TRIPWIRE" else "dwelling",
    )
    event.capture_time.FromNanoseconds(int((time.time() - age_s) * 1e9))
    event.publish_time.FromNanoseconds(int((time.time() - age_s + 0.18) * 1e9))
    event.object.class_name = "person"
    event.object.score = 0.87
    for i in range(12):
        event.object.path.add().point.CopyFrom(pb.Point(x=0.3 + i * 0.02, y=0.5 + i * 0.025))
    if kind == "TRIPWIRE":
        event.direction = pb.DIRECTION_INWARD
    else:
        event.dwell.FromMilliseconds(34_000)
    event.MergeFrom(pb.Event(**changes))
    return event


def of_the_box(event):
    """The same event, but of the box itself."""
    for name in ("camera", "object", "direction", "dwell"):
        event.ClearField(name)
    return event


def with_evidence(event, evidence_id="e1"):
    event.evidence.evidence_id = evidence_id
    event.evidence.media_type = "image/jpeg"
    event.evidence.expire_time.FromSeconds(int(time.time()) + 3600)
    return event


def with_more(event):
    """A clip, a best view and the end."""
    for name, role, media_type in (
        ("c1", pb.EVIDENCE_ROLE_CLIP, "video/webm"),
        ("b1", pb.EVIDENCE_ROLE_BEST, "image/jpeg"),
        ("z1", pb.EVIDENCE_ROLE_CLEARED, "image/jpeg"),
    ):
        event.more_evidence.add(evidence_id=name, role=role, media_type=media_type)
    return event


@dataclass
class FakeBox:
    now: BoxStatus = field(default_factory=status)
    scenes: dict = field(default_factory=dict)
    shapes: dict = field(default_factory=lambda: {"gate": SHAPES, "yard": SHAPES[1:]})

    def status(self):
        return self.now

    def scene(self, camera):
        return self.scenes.get(camera)

    def overlay(self, camera):
        return self.shapes[camera]


@dataclass
class FakeLog:
    """Only the part that HTTP reads; alerts newest first."""

    events: list = field(default_factory=list)
    failing: str = ""

    def alerts(self, *, limit, before, open_only):
        if self.failing:
            raise OutboxError(self.failing, "free some space")
        found = [e for e in self.events if e.state != pb.STATE_CLEARED or not open_only]
        start = int(before or 0)
        more = str(start + limit) if len(found) > start + limit else ""
        return found[start : start + limit], more


@dataclass
class FakeShelf:
    folder: Path

    def path(self, evidence_id):
        found = [self.folder / f"{evidence_id}{suffix}" for suffix in (".jpg", ".webm")]
        return next((path for path in found if evidence_id.isalnum() and path.exists()), None)

    def put(self, evidence_id, shown):
        data = jpeg(shown.frame.image, shown.people)
        (self.folder / f"{evidence_id}.jpg").write_bytes(data)
        return data

    def put_clip(self, evidence_id, shown, *, seconds=2):
        clip = ClipEncoder(shown.frame.size, fps=5)
        for n in range(seconds * 5):
            clip.add(planes(shown.frame.image, shown.people), n / 5)
        data = clip.finish()
        (self.folder / f"{evidence_id}.webm").write_bytes(data)
        return data
