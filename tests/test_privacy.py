"""Masks and pixelation: what no picture that leaves memory may show."""

import cv2
import numpy as np

from edge.picture import Still
from edge.privacy import Masked, burn_masks, cover, jpeg, pixelate, planes

PERSON = np.array([[40, 20, 80, 90]], np.float32)


def noise():
    return np.random.default_rng(1).integers(0, 256, (100, 200, 3), np.uint8)


def detail(image):
    """How much neighbouring pixels differ."""
    return np.abs(np.diff(image.astype(int), axis=1)).mean()


def test_a_mask_is_black_and_the_rest_untouched():
    image = noise()
    masked = burn_masks(image.copy(), [np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]], np.float32)])
    assert not masked[:, :100].any()
    assert (masked[:, 102:] == image[:, 102:]).all()


def test_a_person_is_a_few_blocks_and_the_rest_untouched():
    image = noise()
    out = pixelate(image, PERSON)
    assert len(np.unique(out[20:90, 40:80].reshape(-1, 3), axis=0)) <= 6 * 12
    assert (out[:, 100:] == image[:, 100:]).all()


def test_the_margin_around_a_person_is_pixelated_too():
    image = noise()
    out = pixelate(image, PERSON)
    assert (out[20:90, 37:40] != image[20:90, 37:40]).any()


def test_the_picture_given_is_not_changed():
    image = noise()
    pixelate(image, PERSON)
    assert (image == noise()).all()


def test_boxes_outside_the_picture_are_cut_off():
    boxes = np.array([[-30, -30, 20, 20], [190, 90, 260, 160], [300, 300, 310, 310]], np.float32)
    out = pixelate(noise(), boxes)
    assert detail(out[:20, :20]) < detail(noise()[:20, :20]) / 3


def test_an_encoded_picture_has_no_detail_where_people_are():
    data = np.frombuffer(jpeg(noise(), PERSON), np.uint8)
    seen = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert detail(seen[25:85, 45:75]) < detail(seen[25:85, 120:150]) / 3


def test_a_picture_of_a_clip_has_no_detail_where_people_are():
    seen = cv2.cvtColor(planes(noise(), PERSON), cv2.COLOR_YUV2BGR_I420)
    assert detail(seen[25:85, 45:75]) < detail(seen[25:85, 120:150]) / 3


def test_who_is_found_later_is_hidden_in_brightness_and_colour():
    nobody = np.zeros((0, 4), np.float32)
    picture = planes(noise(), nobody)
    cover(picture, PERSON)
    seen, known = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420), planes(noise(), nobody)
    assert detail(seen[25:85, 45:75]) < detail(seen[25:85, 120:150]) / 3
    assert (picture[:100, 120:] == known[:100, 120:]).all()
    blue = picture[100:125].reshape(50, 100)
    assert len(np.unique(blue[10:45, 20:40])) <= 6 * 12


LEFT = np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]], np.float32)


def masked():
    return Masked(Still(np.full((100, 200, 3), 200, np.uint8)), [LEFT])


def test_whatever_is_made_of_a_masked_picture_is_black_there():
    assert not masked().bgr()[:, :100].any()
    assert not masked().luma(20, 10)[:, :10].any()
    assert not masked().bgr(size=(50, 20))[:, :25].any()
    assert not masked().bgr(region=(50, 0, 150, 100))[:, :50].any()
    assert not masked().bgr(region=(50, 10, 150, 60), size=(30, 30))[:, :15].any()


def test_the_rest_of_a_masked_picture_is_as_it_was():
    assert (masked().bgr()[:, 102:] == 200).all()
    assert (masked().luma(20, 10)[:, 12:] == 200).all()
    assert (masked().bgr(region=(50, 10, 150, 60), size=(30, 30))[:, 18:] == 200).all()


def test_who_draws_over_a_picture_never_sees_who_is_in_it():
    seen = []

    def draw(image):
        seen.append(image.copy())
        image[20:22] = 255
        return image

    data = np.frombuffer(jpeg(noise(), PERSON, draw=draw), np.uint8)
    planes(noise(), PERSON, draw=draw)
    assert len(seen) == 2
    assert all((image == pixelate(noise(), PERSON)).all() for image in seen)
    assert cv2.imdecode(data, cv2.IMREAD_COLOR)[20:22].min() > 150
