"""What is worth decoding."""

from types import SimpleNamespace

import pytest

from edge.stream.economy import Decode, Economy, Lag


def economy(fps=8):
    return Economy(SimpleNamespace(codec_context=SimpleNamespace(skip_frame="DEFAULT")), fps)


def packet(time, *, key=False):
    return SimpleNamespace(is_keyframe=key, dts=time * 1000, pts=time * 1000, time_base=0.001)


def stream(seconds, *, fps=25, gop=25, start=0):
    """Packets of a camera: time and whether it is a key picture."""
    for number in range(start, start + int(seconds * fps)):
        yield packet(number / fps, key=number % gop == 0)


def wanted(one, packets, *, idle=False, late=0.0):
    return [one.wants(p, p.dts / 1000 + 100 + late, idle=idle) for p in packets]


def test_everything_is_decoded_from_the_first_key_picture_on():
    assert wanted(economy(), stream(3, start=5)) == [False] * 20 + [True] * 55


def test_an_idle_camera_costs_its_key_pictures_alone():
    one = economy()

    chosen = wanted(one, stream(4), idle=True)

    assert [i for i, yes in enumerate(chosen) if yes] == [0, 25, 50, 75]
    assert one.decode is Decode.KEY
    assert one.skipped == 96


def test_after_idleness_all_is_decoded_from_a_key_picture_on():
    one = economy()
    wanted(one, stream(1.4), idle=True)

    assert wanted(one, stream(2, start=35)) == [False] * 15 + [True] * 35


def test_a_box_that_falls_behind_decodes_key_pictures_until_it_has_caught_up():
    one = economy()
    wanted(one, stream(2))

    behind = wanted(one, stream(2, start=50), late=2.0)
    caught_up = wanted(one, stream(2, start=100))

    assert sum(behind) == 2
    assert one.lag_s < 0.3
    assert all(caught_up)


@pytest.mark.parametrize(
    ("rate", "decode"), [(25, Decode.REFERENCE), (8, Decode.REFERENCE), (6, Decode.ALL)]
)
def test_reference_pictures_alone_are_decoded_where_they_are_enough(rate, decode):
    one = economy(fps=8)
    for number in range(4 * rate):
        one.wants(packet(number / rate, key=number == 0), number / rate, idle=False)
        one.see(number / rate)

    assert one.decode is decode
    assert one._codec.skip_frame == ("DEFAULT" if decode is Decode.ALL else "NONREF")


def test_lag_is_delay_beyond_the_usual():
    lag = Lag()

    assert lag.measure(0.0, 50.0) == 0
    assert lag.measure(1.0, 51.5) == pytest.approx(0.5, abs=0.01)
    assert lag.measure(None, 52.0) == pytest.approx(0.5, abs=0.01)
    assert lag.measure(2.0, 51.9) == 0  # this one was quicker


def test_a_clock_that_is_set_is_no_lag():
    lag = Lag()
    lag.measure(0.0, 50.0)

    assert lag.measure(-3600.0, 50.1) == 0
    assert lag.measure(-3599.0, 52.1) == pytest.approx(1.0, abs=0.01)


def test_a_slow_drift_is_no_lag():
    lag = Lag()
    for number in range(25 * 3600):
        lag.measure(number / 25, number / 25 * 1.0001)

    assert lag.lag_s < 0.1
