"""The box as others see it."""

from types import SimpleNamespace

from edge.arming import Arming
from edge.box import Box
from edge.events.codec import Origin
from edge.inputs import Inputs
from edge.rules.armed import Gate
from edge.status import CameraHealth, CameraState

ORIGIN = Origin("quarry", "r1", "m", "ab", "CPUExecutionProvider", precision="bf16")


class NoOrders:
    """A store without any."""

    def orders(self):
        return []


class Thread:
    """A camera that streams."""

    def health(self):
        return CameraHealth("gate", CameraState.STREAMING)


def box(arming=None, alarms=None, **analysis):
    """A box whose analysis is so."""
    arming = arming or Arming({}, Inputs([]), NoOrders(), new_id=str)
    analysis = {"degraded": {}, "load": 0.0, "failing": "", "staleness_s": lambda _: 0.1} | analysis
    outbox = SimpleNamespace(
        box_id="box-1", last_sequence=7, open_alerts=list, consumers=list, trouble={}
    )
    return Box(
        SimpleNamespace(site="quarry"),
        "0.1",
        1000.0,
        origin=ORIGIN,
        outbox=outbox,
        journal=SimpleNamespace(failing=""),
        analysis=SimpleNamespace(**analysis),
        arming=arming,
        alarms=alarms,
        lives=None,
        cameras=[Thread()],
        relays=[],
    )


def test_what_computes_in_what_is_told():
    status = box().status()
    assert (status.model, status.provider, status.precision) == (
        "m",
        "CPUExecutionProvider",
        "bf16",
    )


def test_what_consumers_refused_for_good_is_told():
    made = box()
    made.outbox.consumers = lambda: ["pull:centre", "sink:gone"]
    made.outbox.backlog = lambda _: (3, 1.5)
    made.outbox.cursor = lambda _: 4
    made.outbox.rejected = {"pull:centre": 2}.get
    (told,) = made.status().consumers
    assert (told.name, told.backlog, told.rejected) == ("pull:centre", 3, 2)


def test_a_box_that_does_less_tells_why_in_words_for_people_and_is_ready():
    reasons = {"overloaded": "too many cameras", "detector_failed": "out of memory"}
    status = box(degraded=reasons, load=0.97).status()
    assert status.degraded == ("too many cameras", "out of memory")
    assert status.load == 0.97
    assert status.ready


def test_a_box_that_does_all_it_should_has_nothing_to_tell():
    assert box().status().degraded == ()


def test_what_is_armed_and_what_was_said_is_told():
    arming = Arming({("gate", "fence"): Gate("fence")}, Inputs(["door"]), NoOrders(), new_id=str)
    status = box(arming).status()
    assert [(one.camera, one.rule, one.armed) for one in status.rules] == [("gate", "fence", True)]
    assert [(one.name, one.active) for one in status.inputs] == [("door", False)]
    assert status.orders == ()
