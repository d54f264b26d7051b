"""What the box keeps on its disk, as it is configured."""

from __future__ import annotations

from pathlib import Path

from edge.config import Loaded
from edge.events.evidence import EvidenceStore
from edge.events.exhibits import Clips
from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.settings import Config
from edge.stream.clip import ClipEncoder


def clips_for(settings: Config) -> Clips | None:
    """How clips of alerts are made, where they are wanted."""
    wanted = settings.evidence
    if not wanted.clip:
        return None
    return Clips(
        lambda size, fps: ClipEncoder(size, fps=fps),
        before_s=wanted.before_s,
        after_s=wanted.after_s,
        width=wanted.width,
        fps=wanted.fps,
    )


def outbox_for(loaded: Loaded, metrics: Metrics) -> Outbox:
    """The log of events."""
    storage = loaded.settings.storage
    folder = folder_of(loaded)
    return Outbox(
        folder / "outbox.db",
        box=loaded.settings.box,
        max_rows=storage.max_events,
        max_bytes=storage.max_event_bytes,
        max_age_s=storage.max_event_days * 86_400,
        metrics=metrics,
    )


def evidence_for(loaded: Loaded) -> EvidenceStore:
    """Pictures and clips."""
    storage = loaded.settings.storage
    return EvidenceStore(
        folder_of(loaded) / "evidence",
        max_bytes=storage.max_evidence_bytes,
        max_age_s=storage.max_evidence_hours * 3600,
    )


def folder_of(loaded: Loaded) -> Path:
    """Where all of it is."""
    return loaded.resolve(loaded.settings.storage.dir)
