import struct
from fractions import Fraction
from types import SimpleNamespace

import pytest

from edge.stream.camera_clock import TRUST_S, CameraClock
from edge.types import Clock

NOW = 1_700_000_000.0


def packet(wall=None, *, pts=9000, new=False):
    """A packet with the reference time FFmpeg makes of a sender report, or none."""
    report = None if wall is None else struct.pack("<qi", round(wall * 1e6), 0)
    return SimpleNamespace(
        pts=pts,
        time_base=Fraction(1, 90_000),
        has_sidedata=lambda kind: report is not None and (kind == "prft" or new),
        get_sidedata=lambda _kind: report,
    )


def test_without_reports_the_time_is_that_of_arrival():
    clock = CameraClock()
    clock.hear(packet(), NOW)

    assert clock.tell(0.1, NOW) == (NOW, Clock.ARRIVAL)
    assert clock.offset_s == 0


def test_a_report_gives_every_picture_its_capture_time():
    clock = CameraClock()
    clock.hear(packet(NOW - 2, pts=90_000), NOW)

    assert clock.offset_s == pytest.approx(-2)
    when, told_by = clock.tell(1.5, NOW + 0.5)  # half a second after the report's picture
    assert when == pytest.approx(NOW - 1.5)
    assert told_by is Clock.RTCP


def test_a_picture_without_a_timestamp_has_the_reports_time():
    clock = CameraClock()
    clock.hear(packet(NOW - 2, pts=None), NOW)

    assert clock.tell(None, NOW) == (pytest.approx(NOW - 2), Clock.RTCP)


@pytest.mark.parametrize("off", [-3600 * 8, 3600 * 8, -NOW])
def test_a_clock_that_was_never_set_is_told_but_not_believed(off):
    clock = CameraClock()
    clock.hear(packet(NOW + off), NOW)

    assert clock.tell(0.1, NOW) == (NOW, Clock.ARRIVAL)
    assert clock.offset_s == pytest.approx(off)
    assert abs(off) > TRUST_S


def test_the_offset_is_that_of_the_least_delayed_packets():
    clock = CameraClock()
    for delay in (0.8, 0.05, 0.3, 0.06, 0.4):
        clock.hear(packet(NOW + 5), NOW + delay)

    assert clock.offset_s == pytest.approx(5 - 0.05, abs=0.02)


def test_the_offset_follows_a_clock_that_is_set_back():
    clock = CameraClock()
    clock.hear(packet(NOW + 20), NOW)
    for _ in range(500):
        clock.hear(packet(NOW - 20), NOW)

    assert clock.offset_s == pytest.approx(-20, abs=0.1)


def test_a_clock_that_goes_wrong_is_not_believed_any_more():
    clock = CameraClock()
    clock.hear(packet(NOW), NOW)
    clock.hear(packet(0), NOW)

    assert clock.tell(0.1, NOW) == (NOW, Clock.ARRIVAL)


def test_how_sure_the_time_is_is_what_the_last_report_corrected():
    clock = CameraClock()
    clock.hear(packet(NOW, pts=0, new=True), NOW)
    assert clock.uncertainty_s is None  # one report says nothing of the next
    clock.hear(packet(NOW + 2, pts=180_000), NOW + 2)
    assert clock.uncertainty_s is None

    clock.hear(packet(NOW + 4.002, pts=360_000, new=True), NOW + 4)

    assert clock.uncertainty_s == pytest.approx(0.002, abs=1e-4)


def test_a_clock_that_is_set_is_unsure_until_the_next_report():
    clock = CameraClock()
    for seconds, wall in ((0, 0), (2, 2), (4, 34)):
        clock.hear(packet(NOW + wall, pts=90_000 * seconds, new=True), NOW + seconds)
    assert clock.uncertainty_s == pytest.approx(30)

    clock.hear(packet(NOW + 36, pts=90_000 * 6, new=True), NOW + 6)

    assert clock.uncertainty_s == pytest.approx(0, abs=1e-4)
    assert clock.tell(6.0, NOW + 6) == (pytest.approx(NOW + 36), Clock.RTCP)
