"""Each weather does what it says to a picture, and the same thing on every call."""

import numpy as np
import pytest

from benchmarks.weather import (
    WEATHERS,
    Moment,
    clear,
    exposure,
    grainy,
    infrared,
    leaves,
    lit,
    night,
    rain,
    shake,
    snow,
    switching,
)

HEIGHT, WIDTH = 144, 192
rng = np.random.default_rng(1)
PICTURE = np.kron(
    rng.integers(40, 200, (HEIGHT // 12, WIDTH // 12, 3)), np.ones((12, 12, 1))
).astype(np.uint8)
GREY = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)


def moment(pts=0.0, *, seed=2):
    return Moment(pts, np.random.default_rng(seed))


def changed(before, after):
    """The share of the picture that differs."""
    return float((before != after).any(axis=2).mean())


@pytest.mark.parametrize("weather", WEATHERS, ids=lambda one: one.name)
def test_a_weather_makes_the_same_picture_again_and_leaves_its_input_alone(weather):
    before = PICTURE.copy()
    made, again = weather.over(PICTURE, 7, 9.0), weather.over(PICTURE, 7, 9.0)
    assert (made.shape, made.dtype) == (PICTURE.shape, np.uint8)
    assert np.array_equal(made, again)
    assert np.array_equal(PICTURE, before)


@pytest.mark.parametrize("weather", WEATHERS[1:], ids=lambda one: one.name)
def test_a_weather_is_not_the_same_in_every_picture(weather):
    made = [weather.over(PICTURE, index, index * 4.7) for index in range(3)]
    assert any(changed(made[0], other) > 0.005 for other in made[1:])


def test_night_is_dark_and_as_noisy_as_it_says():
    dark = night(0.3, sigma=5)(GREY, moment()).astype(float)
    assert dark.mean() == pytest.approx(30, abs=0.5)
    assert dark[..., 0].std() == pytest.approx(5, rel=0.1)
    assert np.array_equal(dark[..., 0], dark[..., 2])


def test_noise_lies_elsewhere_in_every_picture():
    one, other = (grainy(GREY, np.random.default_rng(seed), sigma=5) for seed in (1, 2))
    pair = np.corrcoef(one[..., 0].ravel(), other[..., 0].ravel())
    assert abs(pair[0, 1]) < 0.1


def test_rain_only_lightens_and_covers_more_with_more_streaks():
    few, many = (rain(count, light=70, haze=0.0)(GREY, moment()) for count in (10, 60))
    assert (few >= GREY).all()
    assert few.max() == 170
    assert 0 < changed(GREY, few) < changed(GREY, many) < 0.5


def test_haze_brings_the_brightness_together():
    made = rain(1, light=70, haze=0.15)(PICTURE, moment()).astype(float)
    assert made.std() == pytest.approx(0.85 * PICTURE.std(), rel=0.05)


def test_snow_sinks():
    flakes = snow(1)
    rows = [np.argwhere(flakes(GREY, moment(pts))[..., 0] > 100)[:, 0].mean() for pts in (0, 0.1)]
    assert 6 <= (rows[1] - rows[0]) % HEIGHT <= 30


def test_leaves_swing_in_the_upper_corners_alone():
    made = [leaves(40, swing=8)(GREY, moment(pts)) for pts in (0.0, 0.4)]
    assert changed(*made) > 0.01
    for one in made:
        moved = (one != GREY).any(axis=2)
        assert not moved[HEIGHT * 2 // 3 :].any()
        assert not moved[:, int(0.42 * WIDTH) : int(0.58 * WIDTH)].any()


@pytest.mark.parametrize(
    ("pts", "gain"), [(0.0, 1.0), (6.0, 1.3), (12.0, 1.5), (18.0, 0.42), (21.9, 0.4905)]
)
def test_exposure_swings_slowly_and_leaps_for_four_seconds(pts, gain):
    made = exposure(swing=0.3, every_s=9)(GREY, moment(pts))
    assert made.mean() == pytest.approx(100 * gain, abs=2)


def test_shake_shifts_by_little_and_now_and_then_by_a_jump():
    still, far = (shake(0.0, jumps=share, jump=12) for share in (0.0, 1.0))
    assert np.array_equal(still(PICTURE, moment()), PICTURE)
    moved = far(PICTURE, moment()).astype(float)
    shifts = [(x, y) for x in range(-13, 14) for y in range(-13, 14)]
    inside = np.s_[20:-20, 20:-20]
    gaps = [
        np.abs(np.roll(PICTURE, (y, x), (0, 1))[inside] - moved[inside]).mean() for x, y in shifts
    ]
    assert np.hypot(*shifts[int(np.argmin(gaps))]) == pytest.approx(12, abs=1)


def test_infrared_is_grey_with_other_tones_and_the_middle_lit():
    made = infrared(PICTURE, moment())
    assert np.array_equal(made[..., 0], made[..., 1])
    blue, red = np.zeros_like(GREY), np.zeros_like(GREY)
    blue[..., 0] = red[..., 2] = 200
    assert infrared(blue, moment()).mean() > 2 * infrared(red, moment()).mean()
    plain = infrared(GREY, moment()).astype(float)
    assert plain[60:84, 80:112].mean() > plain[:12, :12].mean() + 30


def test_switching_takes_turns():
    turns = switching(clear, night(0.3, sigma=0.1), every_s=8)
    means = [turns(GREY, moment(pts)).mean() for pts in (0.0, 7.9, 8.0, 15.9, 16.0)]
    assert means == pytest.approx([100, 100, 30, 30, 100], abs=0.5)


def test_white_stays_white():
    assert (lit(np.full((2, 2, 3), 255, np.uint8), 1.5) == 255).all()
