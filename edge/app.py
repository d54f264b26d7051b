"""Wiring: settings to objects, threads and servers; stopping is leaving the stack."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import structlog

import edge
from edge.alarms import Alarms
from edge.analysis import Analysis
from edge.arming import Arming
from edge.box import Box
from edge.cameras import attention_for, lane_for, second_streams, thread_for
from edge.config import Loaded
from edge.delivery import Delivery
from edge.detect import Detector, open_detector
from edge.detect.engines import Engine, cores_left
from edge.detect.manifest import cache
from edge.detect.tended import Tended
from edge.events.committer import Committer
from edge.events.evidence import EvidenceStore
from edge.events.exhibits import Exhibits
from edge.events.ids import Uuid7, uuid7
from edge.events.journal import Journal, Origin
from edge.events.orders import OrderStore
from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.gates import alarms_for, gates_for
from edge.grades import grades_for
from edge.hearing import hearing
from edge.inputs import Inputs
from edge.lives import lives_for
from edge.metrics import Metrics
from edge.reload import Reload
from edge.rules import degraded
from edge.rules.degraded import Degraded
from edge.rules.measures import measures
from edge.rules.offline import Offline
from edge.serve.http import http_app
from edge.serve.servers import Servers
from edge.settings import Config
from edge.settings_base import is_loopback
from edge.sinks import relays_for
from edge.stores import clips_for, evidence_for, folder_of, outbox_for
from edge.stream.slots import Slots
from edge.stream.supervisor import CameraThread
from edge.takeover import Takeover
from edge.tokens import tokens_for
from edge.trajectories import tracking_for
from edge.watch import Watch

LOOPBACK = ("localhost", "127.0.0.1", "::1")
STOP_S = 1.2  # for the camera threads; one that sits in a read is left to end with the process


@dataclass(frozen=True, slots=True)
class Service:
    """A running box."""

    box: Box
    grpc_port: int
    http_port: int
    reload: Callable[[], None]  # has the configuration file read again


@contextmanager
def service(loaded: Loaded) -> Iterator[Service]:
    """Run a box until the block is left; raises FencelineError where it can't start."""
    settings, metrics = loaded.settings, Metrics()
    detector = Tended(lambda: detector_for(settings), clock=time.monotonic)
    with ExitStack() as stack:
        stack.callback(detector.close)
        grpc, evidence = settings.serve.grpc, evidence_for(loaded)
        outbox = stack.enter_context(outbox_for(loaded, metrics))
        store = stack.enter_context(OrderStore(folder_of(loaded) / "orders.db"))
        arming = Arming(gates_for(settings), Inputs(settings.inputs), store, new_id=uuid7)
        metrics.disarmed.set_function(lambda: len(arming.disarmed()))
        box = _assemble(loaded, detector, outbox, arming=arming, evidence=evidence, metrics=metrics)
        servers = Servers(
            box=box,
            log=box.outbox,
            evidence=evidence,
            http_app=http_app(
                box,
                box.outbox,
                evidence,
                metrics=metrics,
                hosts=_hosts(settings),
                controls=box,
                tokens=tokens_for(settings),
            ),
            grpc_listen=grpc.listen,
            http_listen=settings.serve.http.listen,
            cert=loaded.file(grpc.cert),
            key=loaded.file(grpc.key),
            client_ca=loaded.file(grpc.client_ca),
            http_cert=loaded.file(settings.serve.http.cert),
            http_key=loaded.file(settings.serve.http.key),
            controls=box,
            anybody=is_loopback(grpc.listen) or settings.serve.allow_insecure,
        )
        servers.start()
        stack.callback(servers.stop)
        box.connected = servers.connected
        box.reload = reload = Reload(loaded, Takeover(box, settings))
        stack.enter_context(_running(box))
        stack.enter_context(hearing(loaded, outbox.box_id, tell=box.set_input, metrics=metrics))
        yield Service(box, servers.grpc_port, servers.http_port, reload.ask)


def detector_for(settings: Config) -> Detector:
    """The configured model, loaded; raises ModelError."""
    wanted = settings.detect
    engine = Engine(
        wanted.providers,
        require=wanted.require,
        precision=wanted.precision,
        threads=wanted.threads or cores_left(len(settings.cameras)),
        cache=cache() / "engines",
    )
    return open_detector(
        settings.model, score=wanted.score, engine=engine, small=wanted.mode == "canvas"
    )


def origin_for(loaded: Loaded, detector: Detector) -> Origin:
    """What every event says of where it comes from."""
    return Origin(
        site=loaded.settings.site,
        config_revision=loaded.revision,
        model=detector.name,
        model_sha256=detector.sha256,
        provider=detector.provider,
        precision=detector.precision,
    )


def _assemble(
    loaded: Loaded,
    detector: Tended,
    outbox: Outbox,
    *,
    arming: Arming,
    evidence: EvidenceStore,
    metrics: Metrics,
) -> Box:
    settings, origin = loaded.settings, origin_for(loaded, detector)
    evidence.recover()
    grades = grades_for(settings)
    second = second_streams(loaded, detector, metrics)
    exhibits = Exhibits(evidence, clips=clips_for(settings), metrics=metrics, larger=second.scene)
    lives = lives_for(settings.escalation, outbox, metrics)
    relays = relays_for(loaded, outbox, metrics)
    delivery = Delivery(relays, settings.delivery, metrics)
    journal = Journal(
        outbox,
        exhibits,
        origin=origin,
        grades=grades,
        clock=time.time,
        new_id=Uuid7(),
        metrics=metrics,
        committed=[lives.heed, delivery.heed],
    )
    journal.reconcile()
    slots = Slots([camera.name for camera in settings.cameras])
    cameras = [
        thread_for(one, loaded, slots, metrics, armed=partial(arming.sees, one.name))
        for one in settings.cameras
    ]
    alarms = Alarms(alarms_for(settings), arming)
    states = {thread.health().name: thread for thread in cameras}
    watched = [Offline(camera.name, camera.offline.after_s) for camera in settings.cameras]
    tracking = tracking_for(settings.track)
    structlog.get_logger().info("engines ready", tracker=tracking.prepare(), rules=measures().NAME)

    def reasons() -> Mapping[str, str]:
        return {**analysis.degraded, **outbox.trouble}

    analysis = Analysis(
        slots,
        attention_for(settings, detector),
        journal,
        lanes={one.name: lane_for(one, settings, tracking) for one in settings.cameras},
        follow=tracking.update,
        watch=Watch(
            {name: thread.health for name, thread in states.items()},
            watched,
            degraded=Degraded(settings.degraded.after_s, settings.degraded.clear_s),
            reasons=reasons,
            sinks=delivery.events,
        ),
        metrics=metrics,
        trouble=lambda: detector.trouble,
        told=arming.told,
        alarms=alarms,
        lives=lives,
    )
    _tell(metrics, origin, reasons)
    return Box(
        settings,
        edge.__version__,
        time.time(),
        origin=origin,
        outbox=outbox,
        journal=journal,
        analysis=analysis,
        arming=arming,
        alarms=alarms,
        lives=lives,
        cameras=cameras,
        second=second.threads,
        relays=relays,
    )


def _tell(metrics: Metrics, origin: Origin, reasons: Callable[[], Mapping[str, str]]) -> None:
    """What pictures are analysed with, and, asked when somebody looks, why with less than all."""
    model = (origin.model, origin.model_sha256, origin.provider, origin.precision)
    metrics.model_info.labels(*model).set(1)
    for cause in degraded.CAUSES:
        metrics.degraded.labels(cause).set_function(partial(_is_one, cause, reasons))


def _is_one(cause: str, reasons: Callable[[], Mapping[str, str]]) -> bool:
    return cause in reasons()


@contextmanager
def _running(box: Box) -> Iterator[None]:
    """The threads: started from the outbox backwards, stopped from the cameras on."""
    threads: list[Relay | Committer | Analysis | CameraThread | Reload] = [
        *box.relays,
        box.journal.committer,
        box.analysis,
        *box.cameras,
        *box.second,
        *([box.reload] if box.reload else []),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in reversed(threads):
            thread.stop()
        deadline = time.monotonic() + STOP_S
        for thread in reversed(threads):
            thread.join(max(0.05, deadline - time.monotonic()))
        box.journal.committer.commit()  # what a full disk refused: the last chance
        if box.journal.pending:
            structlog.get_logger().error("events are lost", count=box.journal.pending)
        late = [thread.name for thread in threads if thread.is_alive()]
        if late:
            structlog.get_logger().warning("still in a read, left behind", threads=late)


def _hosts(settings: Config) -> tuple[str, ...]:
    """The names this machine may be called by, where nobody else can reach it."""
    return LOOPBACK if is_loopback(settings.serve.http.listen) else ()
