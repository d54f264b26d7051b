"""What the mirrors send: an event as JSON, as a CloudEvent, and the signature of that."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from edge.rpc import event_pb2 as pb
from edge.serve.protojson import to_json

JSON = "application/json"
CLOUD_EVENT = "application/cloudevents+json"
EVENT_TYPE = "fenceline.v1.event"
SECRET = "whsec_"  # noqa: S105 - what a Standard Webhooks secret begins with


def event_json(event: pb.Event) -> bytes:
    """Canonical ProtoJSON on one line."""
    return _text(to_json(event))


def cloud_event(event: pb.Event) -> bytes:
    """CloudEvents 1.0 in structured mode, with the extension `sequence`."""
    told = {
        "specversion": "1.0",
        "id": event.event_id,
        "source": f"/fenceline/{event.box_id}",
        "type": EVENT_TYPE,
        "subject": event.alert_id,
        "sequence": str(event.sequence),
        "datacontenttype": JSON,
        "data": to_json(event),
    }
    if event.HasField("capture_time"):
        told["time"] = event.capture_time.ToJsonString()
    return _text(told)


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """As Standard Webhooks words it: HMAC-SHA256 over id, time and body, in base64."""
    key = base64.b64decode(secret.removeprefix(SECRET))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def kind_of(event: pb.Event) -> str:
    """One word in lower case."""
    return pb.Kind.Name(event.kind).removeprefix("KIND_").lower()


def grade_of(event: pb.Event) -> str:
    """One word in lower case."""
    return pb.Grade.Name(event.grade).removeprefix("GRADE_").lower()


def _text(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
