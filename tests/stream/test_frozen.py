"""A picture that comes again and again."""

from types import SimpleNamespace

from edge.stream.frozen import Frozen


def picture(content):
    return SimpleNamespace(sample=lambda: bytes([content]))


def first_hold(frozen, *, seconds, fps=5, content=lambda _number: 1):
    for number in range(int(seconds * fps)):
        if frozen.holds(picture(content(number)), number / fps):
            return number / fps
    return None


def test_pictures_that_differ_are_never_frozen():
    assert first_hold(Frozen(2), seconds=60, content=lambda n: n % 256) is None


def test_the_same_picture_for_the_limit_is():
    assert first_hold(Frozen(4), seconds=60) == 4


def test_a_few_pictures_are_not_enough_to_tell():
    assert first_hold(Frozen(4), seconds=60, fps=0.5) == 18


def test_each_session_that_stays_frozen_gets_more_time():
    frozen = Frozen(2)

    times = []
    for _ in range(3):
        frozen.begin()
        times.append(first_hold(frozen, seconds=60))

    assert times == [2, 4, 8]


def test_a_picture_that_moves_ends_that():
    frozen = Frozen(2)
    first_hold(frozen, seconds=60)
    frozen.begin()
    first_hold(frozen, seconds=1, content=lambda n: n)

    frozen.begin()

    assert first_hold(frozen, seconds=60) == 2


def test_it_can_be_switched_off():
    assert first_hold(Frozen(0), seconds=60) is None
