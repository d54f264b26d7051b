"""A camera's larger stream, for evidence."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from edge.picture import Still
from edge.second_stream import MOST_APART_S, SUFFIX, SecondStreams
from edge.stream.slots import Slots
from edge.types import Clock, Frame, Scene
from tests.make import detections, frame, tracks

LEFT = np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]], np.float32)


def larger(time, **options):
    """Twice the analysed picture's size."""
    image = Still(np.full((200, 400, 3), 90, np.uint8))
    return Frame("gate" + SUFFIX, 0, 0.0, time, image, **options)


def streams(*frames, found=()):
    slots = Slots(["gate" + SUFFIX])
    for one in frames:
        slots.offer(one)
    seen = detections(found)
    return SecondStreams(slots, SimpleNamespace(detect=lambda _: [seen]), {"gate": [LEFT]})


def analysed(people=((10, 20, 30, 60),)):
    return Scene(frame(), tracks(), np.array(people, np.float32).reshape(-1, 4))


def test_the_newest_picture_is_masked_and_its_people_are_known():
    like = analysed(people=())

    scene = streams(larger(like.frame.time), found=[(300, 150)]).scene(like)

    assert scene.frame.size == (400, 200)
    assert not scene.frame.image[:, :200].any()
    assert scene.people.tolist() == [[295, 130, 305, 150]]


def test_where_people_were_in_the_analysed_picture_is_hidden_too():
    like = analysed()

    assert streams(larger(like.frame.time)).scene(like).people.tolist() == [[20, 40, 60, 120]]


@pytest.mark.parametrize("apart", [-MOST_APART_S - 0.1, MOST_APART_S + 0.1])
def test_a_picture_of_another_moment_is_none(apart):
    like = analysed()

    assert streams(larger(like.frame.time + apart)).scene(like) is None


def test_moments_are_compared_by_the_boxs_clock():
    like = analysed()
    offset = {"clock": Clock.RTCP, "clock_offset_s": 40.0}

    assert streams(larger(like.frame.time + 40, **offset)).scene(like) is not None


def test_a_picture_is_kept_until_a_newer_one_comes():
    like = analysed()
    second = streams(larger(like.frame.time))

    assert second.scene(like) is not None
    assert second.scene(like) is not None


def test_a_camera_without_a_second_stream_has_no_larger_picture():
    like = analysed()
    other = replace(like, frame=frame(camera="yard"))

    assert streams(larger(like.frame.time)).scene(other) is None
