"""What comes and stays differs from the usual; what is usual is learned where nobody stands."""

import numpy as np
import pytest

from edge.rules.background import LEARN_S, SLOW_S, Background, Whole
from edge.rules.spots import Spot
from tests.rules.make_scenes import SIZE
from tests.rules.make_yard import BARE, YARD, put

FREE = np.full(SIZE[::-1], 255, np.uint8)
NONE = np.zeros(SIZE[::-1], np.uint8)
FOOT, PATCH = (240, 200), (40, 30)
HERE, AROUND = (220, 170, 260, 200), (216, 166, 264, 204)
THERE = put(YARD, FOOT, PATCH)


def shown(background, image, looks, *, free=FREE, kept=NONE, grain=1.0):
    """What is found at the end of so many looks, a second apart."""
    for index in range(looks):
        noise = grain * np.random.default_rng(index).standard_normal(image.shape)
        luma = np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)
        found = background.look(luma, free=free, kept=kept, dt=1.0)
    return found


def learned(image=YARD):
    background = Background()
    shown(background, image, 15)
    return background


def blocked(box):
    x1, y1, x2, y2 = box
    free = FREE.copy()
    free[y1:y2, x1:x2] = 0
    return free


def differs(found, box=HERE):
    """Which part of the box does."""
    x1, y1, x2, y2 = box
    return float((found[y1:y2, x1:x2] > 0).mean())


def test_the_usual_differs_from_nothing():
    assert not shown(learned(), YARD, 30).any()


def test_what_comes_and_stays_differs_and_what_passes_does_not():
    background = learned()
    assert differs(shown(background, THERE, 1)) < 0.2
    found = shown(background, THERE, 4)
    assert differs(found) > 0.5
    assert differs(found, (0, 0, 200, 270)) == 0
    passing = [put(YARD, (60 + 45 * step, 200), PATCH) for step in range(9)]
    background = learned()
    assert max(differs(shown(background, one, 1)) for one in passing) < 0.2


def test_until_it_was_seen_for_a_while_nothing_is_told():
    background = Background()
    assert not shown(background, YARD, int(LEARN_S) - 4).any()
    assert not shown(background, THERE, 3).any()


def test_where_somebody_stood_at_first_it_is_learned_when_he_has_gone():
    background = Background()
    shown(background, THERE, 15, free=blocked(AROUND))
    assert not shown(background, YARD, int(LEARN_S) + 5).any()
    assert differs(shown(background, THERE, 8)) > 0.5


def test_where_somebody_stands_nothing_is_learned_or_told():
    background = learned()
    assert not shown(background, THERE, 60, free=blocked(AROUND)).any()
    assert not shown(background, YARD, 1).any()


def test_what_stays_is_usual_in_the_end_unless_it_is_kept():
    absorbed, kept = learned(), learned()
    long = round(1.5 * SLOW_S)
    assert differs(shown(absorbed, THERE, long)) < 0.2
    assert differs(shown(kept, THERE, long, kept=FREE)) > 0.5


def test_what_is_settled_is_usual_at_once():
    background = learned()
    shown(background, THERE, 6)
    background.settle(AROUND)
    assert differs(shown(background, THERE, 3)) == 0
    assert differs(shown(background, YARD, 6)) > 0.5


def test_settling_a_spot_leaves_what_is_around_it():
    background = learned()
    shown(background, THERE, 6)
    half = np.zeros((30, 40), bool)
    half[:, :20] = True
    background.settle(HERE, half)
    found = shown(background, THERE, 3)
    assert differs(found, (222, 170, 238, 200)) < 0.1
    assert differs(found, (242, 170, 258, 200)) > 0.4


def test_a_place_that_is_never_the_same_must_differ_by_more():
    """Something flickers there."""
    background, flicker = Background(), put(YARD, FOOT, PATCH, seed=8)
    for index in range(60):
        shown(background, flicker if index % 2 else YARD, 1)
    assert differs(shown(background, THERE, 3)) < 0.2


def test_a_spot_is_seen_where_nobody_stands_before_most_of_it():
    background = learned()
    spot = Spot(HERE, np.ones((30, 40), bool))
    for hidden, is_seen, is_free in ((0, True, True), (15, True, False), (25, False, False)):
        shown(background, YARD, 1, free=blocked((220, 170, 220 + hidden, 200)))
        assert (background.is_seen(spot), background.is_free(HERE)) == (is_seen, is_free)


def whole(*images, free=FREE):
    """For each picture whether it is another one."""
    judge = Whole()
    lumas = [np.clip(image, 0, 255).astype(np.uint8) for image in images]
    return [judge.look(luma, free=free, dt=1.0) for luma in lumas]


def test_a_picture_is_another_one_where_its_edges_are_gone():
    assert whole(YARD, YARD, np.roll(YARD, 60, axis=1), np.roll(YARD, 60, axis=1)) == [
        False,
        False,
        True,
        False,
    ]
    assert whole(YARD, 255 - YARD) == [False, True]
    assert whole(YARD, YARD * 0.2 + 60) == [False, True]


@pytest.mark.parametrize("light", [0.7, 1.4])
def test_a_little_more_or_less_light_is_the_same_picture(light):
    assert whole(YARD, YARD, YARD * light) == [False] * 3


def test_what_comes_and_goes_leaves_the_picture_the_same():
    """On bare ground it has all the edges there are."""
    with_it = put(BARE, FOOT, (60, 50))
    assert not any(whole(BARE, BARE, with_it, with_it, with_it, BARE, BARE))


def test_who_stands_before_it_is_not_the_picture():
    wall = put(YARD, (240, 270), (440, 250), seed=6)
    assert whole(YARD, wall)[1]
    assert not whole(YARD, wall, free=blocked((20, 20, 460, 270)))[1]
