"""The box as others see it."""

from types import SimpleNamespace

from edge.box import Box
from edge.events.codec import Origin
from edge.status import CameraHealth, CameraState

ORIGIN = Origin("quarry", "r1", "m", "ab", "CPUExecutionProvider", precision="bf16")


class Thread:
    """A camera that streams."""

    def health(self):
        return CameraHealth("gate", CameraState.STREAMING)


def box(**analysis):
    """A box whose analysis is so."""
    analysis = {"degraded": {}, "load": 0.0, "failing": "", "staleness_s": lambda _: 0.1} | analysis
    outbox = SimpleNamespace(box_id="box-1", last_sequence=7, open_alerts=list, consumers=list)
    return Box(
        SimpleNamespace(site="quarry"),
        "0.1",
        1000.0,
        origin=ORIGIN,
        outbox=outbox,
        journal=SimpleNamespace(failing=""),
        analysis=SimpleNamespace(**analysis),
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


def test_a_box_that_does_less_tells_why_in_words_for_people_and_is_ready():
    reasons = {"overloaded": "too many cameras", "detector_failed": "out of memory"}
    status = box(degraded=reasons, load=0.97).status()
    assert status.degraded == ("too many cameras", "out of memory")
    assert status.load == 0.97
    assert status.ready


def test_a_box_that_does_all_it_should_has_nothing_to_tell():
    assert box().status().degraded == ()
