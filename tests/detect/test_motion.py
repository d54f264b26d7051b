"""What moves is found, and what only looks like it is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edge.detect.motion import Motion, Moved
from tests.detect.make_scene import FPS, scene, taken, with_object

SETTLED = 10 * FPS
NONE = np.zeros((0, 4), np.float32)
SWINGS = [(0.6, 0), (1.5, 0), (1, 30), (1, -30), (1.4, -30), (0.6, 30), (1.5, 30), (0.7, -30)]


def watched(images, *, settled=None, noise=2.0, fps=FPS):
    """What moved in each of the images, after ten seconds of a still scene."""
    still = [scene() if settled is None else settled] * SETTLED
    motion = Motion()
    moved = [
        motion.update(image, index / fps)
        for index, image in enumerate(taken([*still, *images], noise=noise))
    ]
    return moved[SETTLED:]


def holds(moved, box):
    """Whether one of the boxes holds this one."""
    low, high = moved.boxes[:, :2] <= box[:2], moved.boxes[:, 2:] >= box[2:]
    return bool((low.all(axis=1) & high.all(axis=1)).any())


def calm(moved):
    return not len(moved.boxes) and not moved.everywhere and not moved.mask.any()


def test_the_first_picture_is_another_one_as_a_whole():
    first = Motion().update(np.zeros((90, 160), np.uint8), 5.0)
    assert first.everywhere
    assert first.mask.all()
    assert len(first.boxes) == 0


@pytest.mark.parametrize("noise", [0.0, 1.0, 2.5])
def test_a_still_scene_with_noise_does_not_move(noise):
    assert all(calm(moved) for moved in watched([scene()] * 100, noise=noise))


@pytest.mark.parametrize("contrast", [-40, 40, 90])
@pytest.mark.parametrize("step", [(3, 0), (-2, 1), (0, 2)])
def test_a_small_object_that_moves_is_found(contrast, step):
    boxes = [
        (x, y, x + 3, y + 3) for x, y in ((80 + i * step[0], 40 + i * step[1]) for i in range(20))
    ]
    images = [
        with_object(scene(), box, scene()[box[1] : box[3], box[0] : box[2]] + contrast)
        for box in boxes
    ]
    found = watched(images)
    assert all(holds(moved, box) for moved, box in zip(found, boxes, strict=True))
    assert all(len(moved.boxes) <= 2 for moved in found)


@pytest.mark.parametrize("corner", [(0, 0), (157, 0), (0, 87), (157, 87)])
def test_an_object_in_a_corner_is_found(corner):
    box = (*corner, corner[0] + 3, corner[1] + 3)
    (moved,) = watched([with_object(scene(), box, 200)])
    assert holds(moved, box)


@pytest.mark.parametrize(("gain", "offset"), SWINGS)
def test_a_change_of_exposure_is_no_motion(gain, offset):
    """Bright and dark ends are clipped, which no line explains."""
    wide = scene(dark=20, bright=220)
    images = [wide * gain + offset] * 3 + [wide] * 10
    assert all(calm(moved) for moved in watched(images, settled=wide))


def test_an_exposure_that_swings_is_no_motion():
    swing = np.sin(np.arange(100) / 5)
    images = [scene() * (1 + 0.4 * one) + 20 * one for one in swing]
    assert all(calm(moved) for moved in watched(images))


def test_who_moves_while_the_exposure_changes_is_found():
    box = (80, 40, 88, 60)
    (moved,) = watched([with_object(scene(), box, 220) * 0.7 + 20])
    assert holds(moved, box)
    assert len(moved.boxes) == 1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
@pytest.mark.parametrize(("gain", "offset"), SWINGS)
def test_a_mask_never_moves(share, gain, offset):
    def masked(image):
        return with_object(image, (0, 0, 160 * share, 90), -100)  # black with the noise

    images = [masked(scene() * gain + offset)] * 5 + [masked(scene())] * 5
    assert all(calm(moved) for moved in watched(images, settled=masked(scene())))


@pytest.mark.parametrize("gain", [0.8, 1.4])
def test_a_sky_that_stays_white_never_moves(gain):
    def under_sky(image):
        return with_object(image, (0, 0, 160, 30), 300)

    images = [under_sky(scene() * gain)] * 20 + [under_sky(scene())] * 20
    assert all(calm(moved) for moved in watched(images, settled=under_sky(scene())))


def test_somebody_lit_in_the_dark_is_no_exposure():
    dark, box = np.zeros((90, 160), np.float32), (60, 20, 100, 80)
    found = watched([with_object(dark, box, 150)] * 3, settled=dark)
    assert all(holds(moved, box) for moved in found)


@pytest.mark.parametrize("seed", [1, 2])
def test_leaves_stop_being_motion_and_who_crosses_them_shows(seed):
    random, patch = np.random.default_rng(seed), np.s_[20:70, 60:120]

    def leaves():
        image = scene()
        image[patch] += random.uniform(-60, 60, image[patch].shape)
        return image

    crossing = [(60 + 3 * i, 35, 68 + 3 * i, 55) for i in range(15)]
    flickers = [leaves() for _ in range(40 * FPS)]
    images = [*flickers, *[with_object(leaves(), box, 215) for box in crossing]]
    found = watched(images)
    assert found[0].boxes.size
    assert np.mean([moved.mask.mean() for moved in found[25 * FPS : 40 * FPS]]) < 0.001
    assert all(
        moved.shares(np.array([box], np.float32))[0] > 0.6
        for moved, box in zip(found[40 * FPS :], crossing, strict=True)
    )


@pytest.mark.parametrize(
    "switched",
    [lambda image: 230 - image, lambda _: scene(dark=90, bright=250, seed=8)],
    ids=["infrared", "a lamp"],
)
@pytest.mark.parametrize("range_", [(20, 220), (60, 130)])
def test_another_light_is_everywhere_and_is_learned_in_a_second(switched, range_):
    before = scene(dark=range_[0], bright=range_[1])
    found = watched([switched(before)] * 40, settled=before)
    assert found[0].everywhere
    assert not any(moved.everywhere for moved in found[FPS:])
    assert all(calm(moved) for moved in found[FPS + FPS // 2 :])


def test_after_another_light_who_moves_is_found_again():
    light, boxes = 230 - scene(), [(40 + 2 * i, 40, 48 + 2 * i, 60) for i in range(20)]
    walk = [with_object(light, box, 230) for box in boxes]
    found = watched([*[light] * 20 * FPS, *walk])
    assert all(holds(moved, box) for moved, box in zip(found[20 * FPS :], boxes, strict=True))


def test_a_camera_that_shakes_is_learned_and_forgotten():
    wide = scene(320, 180, dark=20, bright=220)
    random = np.random.default_rng(4)
    shaken = [np.roll(wide, tuple(random.integers(-4, 5, 2)), (0, 1)) for _ in range(100)]
    found = watched([*shaken, *[wide] * 3 * FPS], settled=wide)
    assert found[0].everywhere
    assert all(moved.everywhere or moved.mask.mean() < 0.1 for moved in found[FPS:])
    assert all(moved.mask.mean() < 0.005 and len(moved.boxes) < 5 for moved in found[-FPS:])


@pytest.mark.parametrize("contrast", [-50, 25, 60])
def test_what_stops_is_background_after_a_while(contrast):
    box = (70, 30, 82, 60)
    here = with_object(scene(), box, scene()[30:60, 70:82] + contrast)
    found = watched([here] * 60 * FPS)
    assert all(holds(moved, box) for moved in found[: 3 * FPS])
    assert all(calm(moved) for moved in found[30 * FPS :])


def test_a_background_once_seen_is_back_at_once():
    box = (70, 30, 82, 60)
    found = watched([*[with_object(scene(), box, 200)] * FPS, *[scene()] * FPS])
    assert all(calm(moved) for moved in found[FPS:])


def test_rain_is_no_motion():
    random = np.random.default_rng(5)

    def rain():
        image = scene()
        image[random.integers(0, 30, 40) * 3, random.integers(0, 53, 40) * 3] = 255
        return image

    assert all(calm(moved) for moved in watched([rain() for _ in range(100)]))


@pytest.mark.parametrize("place", [(0, 0), (1, 1), (1, 158), (88, 1), (88, 158), (0, 80), (1, 80)])
def test_a_speck_at_the_edge_is_no_motion(place):
    image = scene()
    image[place] = 255
    assert calm(watched([image])[0])


def test_another_size_begins_anew():
    motion = Motion()
    for index, image in enumerate(taken([scene()] * SETTLED)):
        motion.update(image, index / FPS)
    (other, again) = taken([scene(320, 180)] * 2)
    first = motion.update(other, 10.0)
    assert first.everywhere
    assert first.mask.shape == (180, 320)
    assert calm(motion.update(again, 10.1))


def test_while_the_clock_goes_back_nothing_is_learned():
    box = (70, 30, 82, 60)
    motion, here = Motion(), with_object(scene(), box, 190)
    first, *images = taken([scene(), *[here] * 60])
    motion.update(first, 60.0)
    found = [motion.update(image, 59.0 - index) for index, image in enumerate(images)]
    assert all(holds(moved, box) for moved in found)


@pytest.mark.parametrize("fps", [1, 25])
def test_at_any_rate_the_same_is_learned(fps):
    box = (70, 30, 82, 60)
    motion, here = Motion(), with_object(scene(), box, 190)
    images = [*[scene()] * 10 * fps, *[here] * 40 * fps]
    found = [motion.update(image, i / fps) for i, image in enumerate(taken(images))]
    stopped = found[10 * fps :]
    assert all(holds(moved, box) for moved in stopped[: 4 * fps])
    assert all(calm(moved) for moved in stopped[30 * fps :])


side = st.integers(-10, 60).map(float) | st.floats(-10, 60, width=32)


@given(
    hnp.arrays(np.uint8, (30, 50), elements=st.integers(0, 1)),
    st.lists(st.tuples(side, side, st.floats(0, 30, width=32), st.floats(0, 30, width=32))),
)
def test_the_share_of_a_box_is_that_of_the_pixels_it_touches(mask, rows):
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in rows], np.float32).reshape(-1, 4)
    shares = Moved(mask, NONE, everywhere=False).shares(boxes)
    for (x1, y1, x2, y2), share in zip(boxes.tolist(), shares.tolist(), strict=True):
        left, top = int(np.clip(np.floor(x1), 0, 49)), int(np.clip(np.floor(y1), 0, 29))
        right = max(int(np.clip(np.ceil(x2), 0, 50)), left + 1)
        bottom = max(int(np.clip(np.ceil(y2), 0, 30)), top + 1)
        assert share == pytest.approx(mask[top:bottom, left:right].mean())
