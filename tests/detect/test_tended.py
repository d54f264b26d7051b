"""A detector that fails or hangs is left behind, opened again, and taken back if it is the same."""

import threading
from contextlib import suppress

import numpy as np
import pytest

from edge.detect.tended import FIRST_S, LAST_S, OPEN_S, Tended
from edge.errors import ModelError
from tests.detect.make_scene import Painted, frame_of, painted

IMAGE = painted((416, 416), [(40, 50, 80, 120)])
HANG_S = 0.2


class Opened(Painted):
    """A detector whose calls fail, or hang until they are let go, when it is told to."""

    def __init__(self, **facts):
        super().__init__()
        self.fails, self.go = None, threading.Event()
        self.go.set()
        self.threads = set()
        vars(self).update(facts)

    def infer(self, images):
        self.threads.add(threading.current_thread())
        self.go.wait()
        if self.fails:
            raise self.fails
        return super().infer(images)


class Room:
    """Opens detectors, one after the other as told; has the clock of who tends them."""

    def __init__(self, *coming):
        self.now, self.coming, self.opened, self.tries = 0.0, list(coming), [], 0
        self.gate = threading.Event()
        self.gate.set()

    def open(self):
        self.tries += 1
        self.gate.wait()
        one = self.coming.pop(0) if self.coming else Opened()
        if isinstance(one, Exception):
            raise one
        self.opened.append(one)
        return one

    def clock(self):
        return self.now


@pytest.fixture
def tended():
    """Makes a tended detector; in the end nothing hangs and no thread is left."""
    before, made = set(threading.enumerate()), []

    def make(*coming):
        room = Room(*coming)
        made.append((Tended(room.open, hang_s=HANG_S, clock=room.clock), room))
        return made[-1]

    yield make
    for one, room in made:
        one.close()
        for detector in room.opened:
            detector.go.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


def fail(one, match="failed"):
    """A call that fails, and how it does."""
    with pytest.raises(ModelError, match=match) as caught:
        one.infer([IMAGE])
    return caught.value


def mended(one, room, after_s):
    """Whether a call succeeds after a pause, when what is opened has had its time."""
    room.now += after_s
    with suppress(ModelError):
        one.infer([IMAGE])
    return settled(one)


def settled(one):
    """Whether a call succeeds once the detector is open, or could not be opened."""
    if one._opening is not None:
        one._opening.opened.exception(5)
        with suppress(ModelError):
            one.infer([IMAGE])
    return one.trouble is None


def test_it_is_the_detector_that_was_opened(tended):
    one, room = tended(Opened(name="m", sha256="ab", provider="P", precision="bf16"))
    assert (one.name, one.sha256, one.provider, one.precision) == ("m", "ab", "P", "bf16")
    assert (one.fit, one.sizes) == (room.opened[0].fit, room.opened[0].sizes)
    assert one.trouble is None


def test_it_detects_what_the_detector_detects(tended):
    one, _ = tended()
    (found,) = one.infer([IMAGE])
    assert found.xyxy.tolist() == [[40, 50, 80, 120]]
    picture = frame_of(painted((832, 416), [(40, 50, 80, 120)])).picture
    assert one.detect([picture])[0].xyxy == pytest.approx(np.array([[40, 50, 80, 120]]), abs=1)


def test_all_calls_are_made_by_one_thread_of_its_own(tended):
    one, room = tended()
    for _ in range(3):
        one.infer([IMAGE])
    (thread,) = room.opened[0].threads
    assert thread is not threading.current_thread()


def test_without_images_nothing_is_asked(tended):
    one, room = tended()
    room.opened[0].fails = RuntimeError("never called")
    assert one.infer([]) == []


def test_what_can_t_be_opened_at_first_is_an_error():
    def refuse():
        raise ModelError("no such file", "get it")

    with pytest.raises(ModelError, match="no such file"):
        Tended(refuse, clock=lambda: 0.0)


@pytest.mark.parametrize(
    "error", [ModelError("the device failed", "check"), RuntimeError("failed")]
)
def test_a_call_that_fails_is_an_error_and_a_trouble(tended, error):
    one, room = tended()
    room.opened[0].fails = error
    told = fail(one)
    assert told.remedy
    assert one.trouble == ("detector_failed", told.what)
    assert fail(one).what == told.what  # while it is away
    assert room.tries == 1


def test_after_a_pause_it_is_opened_again_and_the_trouble_is_over(tended):
    one, room = tended()
    room.opened[0].fails = RuntimeError("failed")
    fail(one)
    room.now = FIRST_S - 0.01
    fail(one)
    assert room.tries == 1
    assert mended(one, room, 0.02)
    assert room.tries == 2
    assert one.trouble is None
    assert len(one.infer([IMAGE])[0]) == 1


def test_it_is_the_trouble_until_a_call_succeeds(tended):
    again = Opened(fails=RuntimeError("failed again"))
    one, room = tended(Opened(fails=RuntimeError("failed")), again)
    fail(one)
    assert not mended(one, room, FIRST_S)
    assert "failed again" in one.trouble[1]


def test_the_pauses_double_up_to_a_bound_and_begin_anew(tended):
    one, room = tended(Opened(fails=RuntimeError("failed")), *[ModelError("gone", "wait")] * 9)
    fail(one)
    pauses = []
    for _ in range(9):
        room.gate.clear()
        began = room.now
        while one._opening is None:
            room.now += 0.5
            fail(one, "failed|gone")
        pauses.append(room.now - began)
        room.gate.set()
        assert not settled(one)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert mended(one, room, LAST_S)
    room.opened[-1].fails = RuntimeError("failed")
    fail(one)
    assert mended(one, room, FIRST_S)


def test_a_call_that_hangs_is_noticed_and_left_behind(tended):
    one, room = tended()
    room.opened[0].go.clear()
    told = fail(one, "gave no answer")
    assert one.trouble == ("detector_hangs", told.what)
    assert mended(one, room, FIRST_S)
    assert len(room.opened) == 2


def test_what_answers_too_late_is_no_answer(tended):
    """The thread that hung ends as soon as its call does."""
    one, room = tended()
    room.opened[0].go.clear()
    fail(one, "gave no answer")
    (hung,) = room.opened[0].threads
    room.opened[0].go.set()
    hung.join(5)
    assert not hung.is_alive()
    assert fail(one, "gave no answer")
    assert mended(one, room, FIRST_S)


@pytest.mark.parametrize(
    "change",
    [
        {"provider": "another"},
        {"precision": "fp16"},
        {"sizes": ((416, 416),)},
        {"sha256": "1" * 64},
    ],
)
def test_it_comes_back_as_what_it_was_or_not_at_all(tended, change):
    """Events say what they were computed with."""
    one, room = tended(Opened(), Opened(**change), Opened())
    room.opened[0].fails = RuntimeError("failed")
    fail(one)
    assert not mended(one, room, FIRST_S)
    assert "came back" in one.trouble[1]
    assert (one.provider, one.precision, one.sha256) == ("fake", "fp32", "0" * 64)
    assert mended(one, room, 2 * FIRST_S)


@pytest.mark.parametrize(
    "error", [ModelError("gone", "wait"), RuntimeError("gone"), OSError("gone")]
)
def test_whatever_opening_raises_it_is_tried_again(tended, error):
    one, room = tended(Opened(fails=RuntimeError("failed")), error)
    fail(one)
    assert not mended(one, room, FIRST_S)
    assert "gone" in one.trouble[1]
    assert mended(one, room, 2 * FIRST_S)


@pytest.fixture
def stuck(tended):
    """One that failed and is being opened again, which hangs; its room, and the thread."""
    one, room = tended(Opened(fails=RuntimeError("failed")))
    fail(one)
    room.gate.clear()
    room.now += FIRST_S
    fail(one)
    return one, room, one._opening


def test_opening_that_hangs_is_given_up_and_its_thread_ends_when_it_can(stuck):
    one, room, opening = stuck
    room.now += OPEN_S - 1
    fail(one)
    assert one.trouble[0] == "detector_failed"
    room.now += 1
    fail(one, "can't be opened again")
    assert one.trouble[0] == "detector_hangs"
    room.gate.set()
    opening.join(5)
    assert not opening.is_alive()
    assert mended(one, room, 2 * FIRST_S)


def test_closing_ends_what_is_being_opened_too(stuck):
    one, room, opening = stuck
    one.close()
    room.gate.set()
    opening.join(5)
    assert not opening.is_alive()
