"""Which cameras' pictures are looked at now."""

import numpy as np
import pytest

from edge.attention import OPEN, Attention
from edge.detect.gaze import Gaze, Urgency
from edge.detect.sight import Sight
from edge.errors import ModelError
from edge.types import Event, Grade, Kind, State
from tests.detect.make_scene import Painted, frame_of, painted

NOBODY = np.zeros((0, 4), np.float32)
SOMEBODY = np.array([[100, 100, 130, 180]], np.float32)
GRADES = {
    ("gate", "fence"): Grade.RED,
    ("gate", "path"): Grade.BLUE,
    ("yard", "all"): Grade.YELLOW,
}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Slow(Painted):
    """Sees, and takes so much of a clock's time."""

    def __init__(self, clock, takes_s=0.0):
        super().__init__()
        self.clock, self.takes_s, self.fails = clock, takes_s, False

    def infer(self, images):
        self.clock.now += self.takes_s * len(images)
        if self.fails:
            raise ModelError("failed", "check")
        return super().infer(images)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def detector(clock):
    return Slow(clock)


@pytest.fixture
def attention(clock, detector):
    gazes = {name: Gaze(detector.fit) for name in ("gate", "yard", "dock")}
    return Attention(Sight(detector), gazes, GRADES, clock=clock)


def frame(camera="gate", pts=0.0, boxes=((100, 100, 130, 180),)):
    return frame_of(painted((640, 360), boxes), pts, camera=camera)


def event(state=State.RAISED, *, camera="gate", rule="fence", key="1"):
    return Event(Kind.ZONE, camera, rule, state, key, "entered", 0.0, 0.0)


def settle(attention, *cameras):
    """Each camera's first picture, which is looked at as a whole."""
    attention.see([attention.claim(frame(name), NOBODY).glance for name in cameras])


def ranks(attention, camera="gate"):
    """The rank with nobody, and with somebody, in sight."""
    return [attention.claim(frame(camera, 0.1), one).rank for one in (NOBODY, SOMEBODY)]


def test_a_claim_says_what_is_worth_a_look_and_since_when_nobody_looked(attention, clock):
    settle(attention, "gate")
    clock.now += 2.5
    claim = attention.claim(frame(pts=0.1), SOMEBODY)
    assert claim.glance.urgency is Urgency.TRACK
    assert len(claim.glance.looks) == 1
    assert claim.waited_s == 2.5


def test_before_the_first_look_a_camera_waits_since_the_start(attention, clock):
    clock.now += 7
    assert attention.claim(frame("dock"), NOBODY).waited_s == 7


def test_what_is_seen_is_what_is_painted(attention):
    glances = [attention.claim(frame(name), NOBODY).glance for name in ("gate", "yard")]
    for objects, seen in attention.see(glances):
        assert objects.xyxy == pytest.approx(SOMEBODY, abs=2)
        assert seen.xyxy == pytest.approx(SOMEBODY, abs=2)


def test_a_known_thing_is_seen_but_not_worth_following(attention):
    for index in range(120):
        glance = attention.claim(frame(pts=index / 10), SOMEBODY).glance
        ((objects, seen),) = attention.see([glance])
    assert len(objects) == 0
    assert len(seen) == 1


def test_who_was_looked_at_has_not_waited_and_the_others_have(attention, clock):
    settle(attention, "gate", "yard")
    clock.now += 1
    settle(attention, "yard")
    waited = [attention.claim(frame(name, 0.2), NOBODY).waited_s for name in ("gate", "yard")]
    assert waited == [1, 0]


def test_a_look_that_failed_was_none(attention, detector, clock):
    settle(attention, "gate")
    clock.now += 1
    detector.fails = True
    with pytest.raises(ModelError):
        attention.see([attention.claim(frame(pts=0.1), SOMEBODY).glance])
    assert attention.claim(frame(pts=0.2), NOBODY).waited_s == 1


def test_the_graver_a_camera_s_rules_the_more_pressing_it_is(attention):
    settle(attention, "gate", "yard", "dock")
    nobody, somebody = zip(
        *(ranks(attention, name) for name in ("gate", "yard", "dock")), strict=True
    )
    assert nobody[0] > nobody[1] > nobody[2] == Urgency.NOTHING
    assert somebody[0] > somebody[1] > somebody[2] == Urgency.TRACK
    assert max(nobody) < Urgency.SWEEP


@pytest.mark.parametrize(("rule", "grade"), [("path", 0), ("fence", 2)])
def test_an_open_alert_comes_first_and_a_graver_one_before(attention, rule, grade):
    settle(attention, "gate")
    attention.heed([event(rule=rule)])
    assert ranks(attention) == [OPEN + grade] * 2
    assert OPEN > Urgency.TRACK + 0.6


def test_the_gravest_open_alert_counts_until_it_is_cleared(attention):
    settle(attention, "gate")
    attention.heed([event(), event(key="2"), event(rule="path")])
    attention.heed([event(State.CLEARED)])
    assert ranks(attention)[0] == OPEN + 2
    attention.heed([event(State.CLEARED, key="2")])
    assert ranks(attention)[0] == OPEN
    attention.heed([event(State.CLEARED, rule="path")])
    assert ranks(attention)[0] < OPEN


def test_alerts_that_no_grade_is_known_of_press_nobody(attention):
    settle(attention, "gate")
    attention.heed([event(rule="offline"), event(State.CLEARED, rule="offline")])
    assert ranks(attention)[0] < OPEN


def test_an_alert_of_one_camera_presses_no_other(attention):
    settle(attention, "gate", "yard")
    attention.heed([event()])
    assert ranks(attention, "yard")[1] < OPEN


def test_when_there_is_not_time_for_all_the_pressing_are_looked_at(attention, detector):
    detector.takes_s = 0.2
    attention.budget.passed(0, busy_s=0, taken=0, dropped=0, live=True)
    for pts in range(30):
        for name in ("gate", "yard", "dock"):
            attention.see([attention.claim(frame(name, 5.0 * pts), NOBODY).glance])
    claims = [attention.claim(frame(name, 200), NOBODY) for name in ("dock", "yard", "gate")]
    chosen, left = attention.choose(claims)
    assert [one.frame.camera for one in chosen] == ["gate"]
    assert {one.frame.camera for one in left} == {"dock", "yard"}


def test_a_busy_box_sweeps_less_often(attention):
    for _ in range(100):
        attention.budget.passed(1, busy_s=1, taken=1, dropped=0, live=True)
    settle(attention, "gate")
    assert not attention.claim(frame(pts=5), NOBODY).glance.whole
    assert attention.claim(frame(pts=17), NOBODY).glance.whole


def test_the_area_is_that_of_the_network_s_input(attention):
    assert attention.area == 416 * 416
