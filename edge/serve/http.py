"""HTTP: probes, metrics, the JSON API and the console, as one ASGI application."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from fastapi.staticfiles import StaticFiles

from edge.metrics import Metrics
from edge.serve.answers import Delivery, Health, Readiness
from edge.serve.api import Api
from edge.serve.guard import Guard
from edge.serve.needs import BoxControls, BoxView, EventLog, EvidenceShelf
from edge.serve.problems import word_errors
from edge.serve.tell import PATHS, Tell
from edge.serve.tokens import Token

CONSOLE = Path(__file__).parent / "console"
METRICS_TYPE = "text/plain; version=1.0.0; charset=utf-8"


def http_app(  # noqa: PLR0913 - one keyword per thing that it is about
    box: BoxView,
    log: EventLog,
    evidence: EvidenceShelf,
    *,
    metrics: Metrics,
    hosts: Collection[str] = (),
    controls: BoxControls | None = None,
    tokens: Collection[Token] = (),
) -> FastAPI:
    """Make the application; `hosts` are the names it may be called by, none means any.

    Give the loopback names where it listens on loopback only: see `Guard`. Without `controls` it
    only reads. With `tokens` only the console's own files and /healthz are open to all.
    """
    app = FastAPI(
        title="Fenceline",
        version=box.status().version,
        summary="What one box sees, says and keeps. No secret is in any answer.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's documentation pages load scripts from elsewhere
        redoc_url=None,
    )
    app.add_middleware(
        Guard,
        hosts=hosts,
        told=() if controls is None else PATHS,
        tokens=tokens,
        open_to_all={"/", "/healthz", *(f"/{file.name}" for file in CONSOLE.iterdir())},
    )
    word_errors(app)
    app.include_router(_probes(box, metrics))
    app.include_router(Api(box, log, evidence).router())
    if controls is not None:
        app.include_router(Tell(controls).router())
    app.mount("/", StaticFiles(directory=CONSOLE, html=True))
    return app


def _probes(box: BoxView, metrics: Metrics) -> APIRouter:
    probes = APIRouter()

    @probes.get("/healthz")
    def healthz() -> Health:
        """Answer while the process serves."""
        return Health("ok")

    @probes.get("/readyz", responses={503: {"model": Readiness}})
    def readyz(response: Response) -> Readiness:
        """200 only while frames are really being analysed."""
        status = box.status()
        response.status_code = 200 if status.ready else 503
        delivery = [
            Delivery(one.name, one.connected, one.backlog, one.oldest_age_s)
            for one in status.consumers
        ]
        return Readiness(status.ready, status.not_ready, delivery)

    @probes.get("/metrics", response_class=Response)
    def prometheus() -> Response:
        """The Prometheus text format."""
        return Response(metrics.text(), media_type=METRICS_TYPE)

    return probes
