"""What a look measures and how looks compare."""

import numpy as np
import pytest

from edge.rules.image_measures import DETAIL, GRID, Eye, Reference, sharp
from tests.rules.make_scenes import SIZE, blurred, covered, moved, picture, scene

SCENE = scene()


def look(image, index=0, *, eye=None, **how):
    return (eye or Eye()).look(picture(image, index, **how))


@pytest.fixture(scope="module")
def compare():
    reference = Reference()
    for index in range(30):
        seen = look(SCENE, index)
        reference.compare(seen, 0.5)
        reference.learn(seen, 0.5)

    def compare(image):
        for index in range(30):
            found = reference.compare(look(image, 100 + index), 0.5)
        return found

    return compare


def test_a_look_is_small_whatever_the_picture():
    seen = look(scene())
    assert seen.detail.shape == DETAIL[::-1]
    assert {a.shape for a in (seen.luma, seen.fine, seen.coarse, seen.valid)} == {GRID[::-1]}


def test_the_same_scene_is_kept_sharp_and_laid_out_alike(compare):
    same = compare(SCENE)
    assert same.kept > 0.95
    assert same.layout > 0.9
    assert same.sharpness == pytest.approx(1.0, abs=0.1)


def test_light_and_contrast_do_not_matter(compare):
    dim = compare(SCENE * 0.4 + 30)
    assert dim.kept > 0.95
    assert dim.sharpness > 0.8


def test_edges_whose_sides_swapped_light_and_dark_are_kept(compare):
    assert compare(220 - SCENE).kept > 0.9


def test_blur_takes_sharpness_and_leaves_the_layout(compare):
    soft = compare(blurred(SCENE, 8))
    assert soft.sharpness < 0.2
    assert soft.layout > 0.8


def test_a_cover_is_smooth_and_has_no_layout(compare):
    hidden = compare(covered(SCENE))
    assert hidden.kept < 0.2
    assert hidden.smooth
    assert abs(hidden.layout) < 0.5


def test_another_scene_is_not_kept_and_not_smooth(compare):
    other = compare(scene(seed=9))
    assert other.kept < 0.2
    assert not other.smooth


def test_kept_tells_how_much_is_hidden(compare):
    assert compare(covered(SCENE, 0.5)).kept == pytest.approx(0.5, abs=0.1)


def test_swaying_by_one_percent_keeps_the_scene(compare):
    assert compare(moved(SCENE, 0.0125)).kept > 0.9


def test_too_dark_a_picture_is_not_compared(compare):
    assert compare(SCENE * 0.02) is None


def test_nothing_is_compared_before_something_was_learned():
    assert Reference().compare(look(SCENE), 0.5) is None


def test_pixels_that_were_never_lit_are_not_valid():
    masked = SCENE.copy()
    masked[:, : SIZE[0] // 2] = -100
    eye = Eye()
    assert look(masked, eye=eye).valid.mean() == pytest.approx(0.5)
    assert look(SCENE, eye=eye).valid.all()


def test_noise_alone_is_no_sharpness():
    soft = blurred(SCENE, 8)
    quiet, loud = look(soft, grain=0.5), look(soft, grain=3.0)
    for seen in (quiet, loud):
        assert sharp(seen.fine[seen.valid], seen.coarse[seen.valid]) < 0.2
    crisp = look(SCENE, grain=3.0)
    assert sharp(crisp.fine[crisp.valid], crisp.coarse[crisp.valid]) > 0.3


def test_a_flat_picture_counts_as_sharp_for_want_of_anything_to_see():
    assert sharp(np.zeros(5, np.float32), np.zeros(5, np.float32)) == 1.0
    assert sharp(np.zeros(0, np.float32), np.zeros(0, np.float32)) == 1.0
