"""Where a camera's pictures are looked at: all of it at first and now and then, else what moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detect.barren import LOOK_S, LULL_S
from edge.detect.gaze import (
    BARREN_S,
    FRUIT,
    FULL,
    LARGE_VAIN_S,
    SURE,
    VAIN_S,
    Gaze,
    Urgency,
)
from edge.detect.stills import LEARN_S
from edge.detect.whole import Fit
from edge.privacy import masked
from edge.types import Detections
from tests.detect.make_scene import FPS, frame_of, scene, taken, with_object

SIZE = WIDTH, HEIGHT = 480, 270
NOBODY = np.zeros((0, 4), np.float32)
SOMEBODY = np.array([[100, 100, 130, 180]], np.float32)
FIT = Fit((416, 416), letterbox=False)
MODES = ["full", "motion", "tiles", "canvas"]


def gaze(mode="canvas", **options):
    return Gaze(FIT, mode=mode, **options)


def still():
    return scene(WIDTH, HEIGHT)


def glances(  # noqa: PLR0913 - what a camera may do
    one, images, *, start=0.0, expected=NOBODY, session=0, fps=FPS, slack=1.0, fails=()
):
    """Each image looked at in turn, but for those that the detector fails at."""
    out = []
    for index, image in enumerate(taken(images, noise=1.0)):
        frame = frame_of(image, start + index / fps, session=session)
        glance = one.look(frame, expected, slack=slack)
        if index not in fails:
            one.objects(glance, Detections.empty())
        out.append(glance)
    return out


def pts_of_whole(found):
    return [round(glance.frame.pts, 3) for glance in found if glance.whole]


def covers(glance, box):
    return glance.whole or any(
        x1 <= box[0] and y1 <= box[1] and x2 >= box[2] and y2 >= box[3]
        for x1, y1, x2, y2 in glance.looked
    )


@pytest.mark.parametrize("mode", MODES)
def test_the_first_picture_is_looked_at_as_a_whole(mode):
    (first,) = glances(gaze(mode), [still()])
    assert first.whole
    assert first.looked is None
    assert [part.region for part in first.looks] == [(0, 0, WIDTH, HEIGHT)]
    assert first.looks[0].size == (416, 416)
    assert first.urgency is Urgency.SWEEP


def test_a_letterboxed_whole_keeps_its_ratio():
    one = Gaze(Fit((416, 416), letterbox=True))
    assert glances(one, [still()])[0].looks[0].size == (416, 234)


@pytest.mark.parametrize("mode", ["motion", "tiles", "canvas"])
@pytest.mark.parametrize("sweep_s", [1.0, 4.0])
def test_where_nothing_moves_only_sweeps_look(mode, sweep_s):
    found = glances(gaze(mode, sweep_s=sweep_s), [still()] * 100)
    wanted = [pts for pts in np.arange(0, 10, 1.0).tolist() if pts % sweep_s == 0]
    assert pts_of_whole(found) == wanted
    assert all(glance.looked == [] and glance.cost == 0 for glance in found if not glance.whole)
    assert all(glance.urgency is Urgency.NOTHING for glance in found if not glance.whole)


def test_in_full_mode_every_picture_is_looked_at():
    assert all(glance.whole for glance in glances(gaze("full"), [still()] * 20))


def test_slack_makes_sweeps_rarer():
    found = glances(gaze(sweep_s=2.0), [still()] * 130, slack=3.0)
    assert pts_of_whole(found) == [0, 6, 12]


def test_a_sweep_that_failed_is_due_again():
    found = glances(gaze(sweep_s=2.0), [still()] * 40, fails=(20, 21))
    assert pts_of_whole(found) == [0, 2, 2.1, 2.2]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_appears_without_motion_is_looked_at_by_the_next_sweep(seed):
    """Painted in so slowly that no pixel ever differs enough."""
    random, box = np.random.default_rng(seed), (200, 100, 240, 200)
    value = float(random.uniform(170, 220))
    here = still()[100:200, 200:240]
    slowly = [with_object(still(), box, here + (value - here) * i / 600) for i in range(600)]
    found = glances(gaze(sweep_s=4.0), slowly)
    assert not any(glance.looks for glance in found if not glance.whole)
    looked = pts_of_whole(found)
    assert max(np.diff([*looked, len(slowly) / FPS])) <= 4.0 + 1e-6


@settings(deadline=None, max_examples=10)
@given(st.lists(st.floats(0.02, 1.5), min_size=20, max_size=60), st.floats(0.5, 6))
def test_at_any_rate_no_sweep_is_later_than_the_next_picture(gaps, sweep_s):
    one, pts, swept = gaze(sweep_s=sweep_s), 0.0, 0.0
    for gap, image in zip(gaps, taken([scene()] * len(gaps)), strict=True):
        glance = one.look(frame_of(image, pts), NOBODY)
        one.objects(glance, Detections.empty())
        swept = pts if glance.whole else swept
        assert pts - swept < sweep_s
        pts += gap


def test_who_moves_is_looked_at_and_no_more():
    boxes = [(100 + 4 * i, 150, 118 + 4 * i, 200) for i in range(20)]
    walk = [with_object(still(), box, 220) for box in boxes]
    found = glances(gaze(), [*[still()] * 2 * FPS, *walk])[2 * FPS :]
    assert all(covers(glance, box) for glance, box in zip(found, boxes, strict=True))
    assert all(glance.urgency is Urgency.MOTION for glance in found)
    assert all(glance.cost < 0.2 * 416**2 for glance in found)


def test_who_is_followed_is_looked_at_though_nothing_moves():
    found = glances(gaze(), [still()] * 30, expected=SOMEBODY)[1:]
    assert all(covers(glance, SOMEBODY[0]) for glance in found)
    assert {glance.urgency for glance in found} == {Urgency.TRACK}
    assert not any(glance.whole for glance in found)


def test_a_sweep_is_as_urgent_as_who_is_followed():
    assert glances(gaze(), [still()], expected=SOMEBODY)[0].urgency is Urgency.TRACK


def test_in_motion_mode_what_moves_makes_all_of_it_worth_a_look():
    found = glances(gaze("motion"), [still()] * 10, expected=SOMEBODY)
    assert all(glance.whole for glance in found)


def test_as_tiles_parts_are_unscaled():
    found = glances(gaze("tiles"), [still()] * 10, expected=SOMEBODY)[1:]
    _, y1, _, y2 = found[0].looks[0].region
    scales = FIT.scales(*SIZE)
    assert found[0].looks[0].size[1] == pytest.approx((y2 - y1) * scales[1] / max(scales), abs=1)
    assert not any(glance.whole for glance in found)


def test_parts_that_cost_as_much_as_all_of_it_are_all_of_it():
    crowd = np.array([(0, 0, 450, 260), (200, 100, 208, 112)], np.float32)
    found = glances(gaze(), [still()] * 3, expected=crowd)
    assert all(glance.whole for glance in found)
    assert found[-1].urgency is Urgency.TRACK


@pytest.mark.parametrize(("count", "whole"), [(40, False), (80, True)])
def test_of_very_many_objects_none_is_looked_at_alone(count, whole):
    """However small they are: to pack them takes longer."""
    corner = np.array([(90 + 180 * (i % 10), 60 + 120 * (i // 10)) for i in range(count)])
    crowd = np.hstack((corner, corner + 3)).astype(np.float32)
    one, image = gaze(), np.zeros((1080, 1920), np.float32)
    assert [glance.whole for glance in glances(one, [image] * 2, expected=crowd)] == [True, whole]


def test_parts_never_cost_more_than_all_of_it():
    random = np.random.default_rng(1)
    one = gaze()
    glances(one, [still()])
    for count in range(60):
        corner = random.uniform(0, 400, (count, 2)) * [1, 0.5]
        crowd = np.hstack((corner, corner + random.uniform(5, 60, (count, 2)))).astype(np.float32)
        (glance,) = glances(one, [still()], start=0.1, expected=crowd)
        assert glance.whole or glance.cost <= FULL * 416**2


@pytest.mark.parametrize("expected", [NOBODY, SOMEBODY])
def test_in_a_storm_all_of_it_is_looked_at_once_a_second_and_tracks_always(expected):
    random = np.random.default_rng(1)
    blocks = [random.choice([5, 250], (9, 16)) for _ in range(60)]
    storm = [np.kron(one, np.ones((30, 30))) for one in blocks]
    found = glances(gaze(), storm, expected=expected)
    assert all(glance.moved.everywhere for glance in found)
    assert pts_of_whole(found) == [0, 1, 2, 3, 4, 5]
    assert all(covers(glance, box) for glance in found for box in expected)


def test_a_light_that_is_switched_is_looked_at_at_once():
    found = glances(gaze(), [*[still()] * 15, *[200 - still()] * 15])
    assert pts_of_whole(found) == [0, 1.5]


def test_a_new_session_begins_anew():
    one = gaze()
    glances(one, [still()] * 10, start=50)
    (first, second) = glances(one, [200 - still()] * 2, session=1)
    assert first.whole
    assert not second.whole
    assert not len(second.moved.boxes)


def test_masks_never_move():
    mask = np.array([[0, 0], [0.31, 0], [0.31, 1], [0, 1]], np.float32)
    one = gaze()
    images = taken([still()] * 15 + [still() * 0.8 + 30] * 15, noise=1.0)
    found = [
        one.look(masked(frame_of(image, index / FPS), [mask]), NOBODY)
        for index, image in enumerate(images)
    ]
    assert not any(glance.looks for glance in found if not glance.whole)


@pytest.mark.parametrize(
    ("size", "luma"),
    [
        ((1920, 1080), (320, 180)),
        ((640, 360), (160, 90)),
        ((3840, 2160), (320, 180)),
        ((300, 600), (160, 320)),
        ((800, 10), (200, 2)),
        ((64, 48), (160, 120)),
    ],
)
def test_motion_is_looked_for_in_a_small_picture_of_the_same_shape(size, luma):
    glance = gaze().look(frame_of(np.zeros((size[1], size[0]), np.uint8)), NOBODY)
    assert glance.moved.mask.shape == luma[::-1]


def sign_at(score):
    return Detections(SOMEBODY, np.array([score], np.float32), np.zeros(1, np.int64))


def reported(one, score, *, images, start=0.0):
    """How often the same thing is worth following, looked at in every picture."""
    out = []
    for index, image in enumerate(taken(images, noise=1.0)):
        glance = one.look(frame_of(image, start + index / FPS), SOMEBODY)
        out.append(len(one.objects(glance, sign_at(score))))
    return out


def test_what_is_found_from_the_start_where_nothing_moves_is_no_object():
    one = gaze()
    told = reported(one, 0.6, images=[still()] * 12 * FPS)
    assert told[0] == 1
    assert sum(told) == pytest.approx(LEARN_S * FPS, abs=3)
    assert one.learned == 1
    assert told[-1] == 0


def test_what_is_too_unsure_to_start_a_track_is_left_to_the_tracker():
    one = gaze()
    told = reported(one, SURE - 0.01, images=[still()] * 12 * FPS)
    assert all(told)
    assert one.learned == 0


def test_what_was_learned_is_forgotten_with_the_session():
    one = gaze()
    reported(one, 0.6, images=[still()] * 12 * FPS)
    glances(one, [still()], session=1)
    assert one.learned == 0


def swayings(count, *, x=40, y=60, size=(20, 30)):
    """Something moves to and fro that the detector never finds anything in."""
    places = [x + 6 * (n % 2) for n in range(count)]
    return [with_object(still(), (at, y, at + size[0], y + size[1]), 250) for at in places]


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_what_moves_and_is_never_anything_is_looked_at_once_a_second(fps):
    one = gaze(sweep_s=60)
    images = [*[still()] * 2 * fps, *swayings(8 * fps)]
    looked = [bool(glance.looked) for glance in glances(one, images, fps=fps)][2 * fps :]
    assert all(looked[: int(VAIN_S / 2 * fps)])
    assert sum(looked[2 * fps :]) == pytest.approx(6 / BARREN_S, abs=1)


def test_what_moves_in_vain_in_much_of_the_picture_is_in_vain_sooner():
    def looks_at(size):
        images = [*[still()] * 20, *swayings(20, size=size)]
        return sum(bool(glance.looked) for glance in glances(gaze(sweep_s=60), images))

    assert looks_at((40, 200)) < looks_at((20, 30)) / 2


def test_what_moves_elsewhere_is_looked_at_however_barren_one_place_is():
    one = gaze(sweep_s=60)
    glances(one, [*[still()] * 20, *swayings(50)])
    box = (300, 150, 340, 210)
    images = [with_object(image, box, 250) for image in swayings(5)]
    found = glances(one, images, start=7.0)
    assert all(covers(glance, box) for glance in found)


def found_in(glance, score):
    """What the detector would say if all that is looked at first were an object."""
    box = np.array([glance.looked[0]], np.float32)
    return Detections(box, np.array([score], np.float32), np.zeros(1, np.int64))


@pytest.mark.parametrize(("score", "looks"), [(FRUIT, 5), (FRUIT - 0.01, 1)])
def test_what_is_found_at_last_is_looked_at_all_the_time_again(score, looks):
    one = gaze(sweep_s=60)
    glances(one, [*[still()] * 20, *swayings(40)])
    last = glances(one, swayings(20), start=6.0, fails=range(20))
    seen = next(glance for glance in last if glance.looked)
    one.objects(seen, found_in(seen, score))
    after = glances(one, swayings(5), start=8.0, fails=range(5))
    assert sum(bool(glance.looked) for glance in after) >= looks


@pytest.mark.parametrize(("lull_s", "all_the_time"), [(LULL_S + 4, True), (LULL_S - 3, False)])
def test_after_a_lull_what_moves_is_looked_at_all_the_time_again(lull_s, all_the_time):
    one = gaze(sweep_s=60)
    glances(one, [*[still()] * 20, *swayings(40)])
    glances(one, [still()] * int(lull_s * FPS), start=6.0)
    after = glances(one, swayings(5), start=6.0 + lull_s)
    assert all(glance.looked for glance in after[1:]) == all_the_time


LARGE_BOX = (100, 80, 200, 170)


def large_ones(count):
    return swayings(count, x=LARGE_BOX[0], y=LARGE_BOX[1], size=(100, 90))


def test_what_is_large_and_unknown_gets_some_whole_looks():
    found = glances(gaze(sweep_s=60), [*[still()] * 20, *large_ones(30)])
    assert len([pts for pts in pts_of_whole(found) if pts]) == round(LARGE_VAIN_S / LOOK_S)


def test_what_is_found_large_is_looked_at_as_a_whole_until_it_is_followed():
    one = gaze(sweep_s=60)
    glances(one, [still()] * 20)
    (first,) = glances(one, large_ones(1), start=2.0, fails=[0])
    assert first.whole
    box = np.array([LARGE_BOX], np.float32)
    one.objects(first, Detections(box, np.array([FRUIT], np.float32), np.full(1, 2)))
    after = glances(one, large_ones(11)[1:], start=2.1, expected=box)
    assert [glance.whole for glance in after] == [True] * 5 + [False] * 5


def test_followed_objects_are_looked_at_however_barren_the_rest_is():
    one = gaze(sweep_s=60)
    expected = np.array([[380, 200, 410, 270]], np.float32)
    found = glances(one, swayings(100), expected=expected)
    assert all(glance.whole or glance.looked for glance in found)
    assert all(covers(glance, (380, 200, 410, 270)) for glance in found)
