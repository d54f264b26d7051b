"""`fenceline run`: the service until it is stopped."""

from __future__ import annotations

from pathlib import Path

import structlog

from edge.app import service
from edge.config import load
from edge.logs import configure
from edge.stopping import on_hangup, stop_signals


def run_until_stopped(config: Path, *, verbose: bool) -> None:
    """Log what it runs with, and its end; raises FencelineError where it can't start."""
    configure(verbose=verbose)
    wait_for_stop = stop_signals()
    on_hangup(lambda: None)  # while it starts there is nothing to read again
    log = structlog.get_logger()
    with service(load(config)) as running:
        on_hangup(running.reload)
        status = running.box.status()
        log.info(
            "running",
            box=status.box_id,
            model=status.model,
            provider=status.provider,
            precision=status.precision,
            grpc_port=running.grpc_port,
            http_port=running.http_port,
            cameras=len(status.cameras),
        )
        wait_for_stop()
        log.info("stopping")
    log.info("stopped")
