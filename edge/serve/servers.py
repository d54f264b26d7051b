"""The listeners of the box: gRPC and HTTP on one event loop, in one thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext

import grpc
import structlog
import uvicorn
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from starlette.types import ASGIApp

from edge.errors import ListenError
from edge.rpc import box_pb2, box_pb2_grpc, events_pb2
from edge.serve import wire
from edge.serve.box import Box
from edge.serve.certificates import Files, Watched, context_for, load
from edge.serve.events import Events
from edge.serve.needs import BoxControls, BoxView, EventLog, EvidenceShelf

MOST_CALLS = 256
MOST_CONNECTIONS = 256
RENEW_S = 2.0  # between looks at the certificate of HTTP
SERVICES = (
    "",  # the box as a whole
    events_pb2.DESCRIPTOR.services_by_name["Events"].full_name,
    box_pb2.DESCRIPTOR.services_by_name["Box"].full_name,
)
STOP_OTHER = "stop the other process or change serve.{}.listen"


@dataclass(slots=True, kw_only=True)
class Servers:
    """Listens between `start` and `stop`; port 0 means any free one."""

    box: BoxView
    log: EventLog
    evidence: EvidenceShelf
    http_app: ASGIApp
    grpc_listen: str
    http_listen: str
    cert: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    http_cert: Path | None = None
    http_key: Path | None = None
    keepalive_s: float = wire.KEEPALIVE_S
    controls: BoxControls | None = None  # without, it only reads
    anybody: bool = True  # whoever reaches it may tell it something
    grpc_port: int = field(default=0, init=False)  # known after `start`
    http_port: int = field(default=0, init=False)
    _events: Events = field(init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _stop: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _started: Future[None] = field(default_factory=Future, init=False)
    _thread: threading.Thread = field(init=False)
    _grace_s: float = field(default=0.5, init=False)

    def __post_init__(self) -> None:
        self.anybody = self.anybody or self.client_ca is not None
        self._events = Events(self.log, self.evidence, controls=self.controls, anybody=self.anybody)
        self._thread = threading.Thread(target=self._run, name="serve", daemon=True)

    def start(self) -> None:
        """Return when both listen; raises ListenError."""
        self._thread.start()
        self._started.result()

    def stop(self, grace_s: float = 0.5) -> None:
        """Say NOT_SERVING, end the streams, let calls finish for so long, and close."""
        self._grace_s = grace_s
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            if self._loop:
                self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread.is_alive():
            self._thread.join()

    def connected(self) -> set[str]:
        """The pull consumers that read now, as the outbox names them."""
        return set(self._events.readers)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - the top of a thread; whoever starts it is told
            if self._started.done():
                structlog.get_logger().error("nothing is served any more", reason=str(error))
            else:
                self._started.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        remedy = STOP_OTHER.format("http")
        with wire.bound_socket("HTTP", self.http_listen, remedy=remedy) as http_socket:
            checks, calls = health.aio.HealthServicer(), self._calls()
            config = self._http_config()
            pages, renewing = uvicorn.Server(config), self._secured(config)
            try:
                await self._open(calls, checks)
                serving = asyncio.create_task(pages.serve(sockets=[http_socket]))
                await _until_started(pages, serving)
                self.http_port = http_socket.getsockname()[1]
                self._started.set_result(None)
                await self._stop.wait()
                await checks.enter_graceful_shutdown()
                self._events.drain()
                pages.should_exit = True
                await asyncio.gather(calls.stop(self._grace_s), serving)
            finally:
                if renewing:
                    renewing.cancel()
                await calls.stop(0)
                self._events.drain()

    def _secured(self, config: uvicorn.Config) -> asyncio.Task[None] | None:
        """TLS for HTTP where it is wanted; the task has new connections shown what is renewed."""
        if self.http_cert is None or self.http_key is None:
            return None
        watched = Watched(Files(self.http_cert, self.http_key))
        config.load()
        config.ssl = context_for(watched.files)
        return asyncio.create_task(_renew(config.ssl, watched))

    def _calls(self) -> grpc.aio.Server:
        options = wire.server_options(self.keepalive_s)
        calls = grpc.aio.server(options=options, maximum_concurrent_rpcs=MOST_CALLS)
        self._events.add_to(calls)
        box = Box(self.box, self.controls, anybody=self.anybody)
        box_pb2_grpc.add_BoxServicer_to_server(box, calls)
        return calls

    async def _open(self, calls: grpc.aio.Server, checks: health.aio.HealthServicer) -> None:
        health_pb2_grpc.add_HealthServicer_to_server(checks, calls)
        credentials = wire.server_credentials(self.cert, self.key, self.client_ca)
        remedy = STOP_OTHER.format("grpc")
        self.grpc_port = wire.listen(calls, self.grpc_listen, credentials, remedy=remedy)
        for service in SERVICES:
            await checks.set(service, health_pb2.HealthCheckResponse.SERVING)
        self._events.open()
        await calls.start()

    def _http_config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self.http_app,
            log_config=None,  # the process configures its logs
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=1,
        )


async def _renew(context: SSLContext, watched: Watched) -> None:
    while True:
        await asyncio.sleep(RENEW_S)
        if watched.changed():
            with contextlib.suppress(ListenError):  # changed again meanwhile: looked at next time
                load(context, watched.files)


async def _until_started(pages: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not pages.started:
        if serving.done():
            await serving
            raise ListenError("HTTP did not start", "see the log")
        await asyncio.sleep(0.005)
