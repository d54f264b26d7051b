"""The alerts of the cameras and the box themselves, as the analysis thread asks for them."""

from edge.rules.degraded import Degraded
from edge.rules.offline import Offline
from edge.status import CameraHealth, CameraState
from edge.types import State
from edge.watch import Watch


def test_each_camera_is_told_of_by_itself_and_looked_at_twice_a_second():
    now, looked = [0.0], []

    def gate():
        looked.append(now[0])
        return CameraHealth("gate", CameraState.LOST)

    healths = {"gate": gate, "yard": lambda: CameraHealth("yard", CameraState.STREAMING)}
    rules = [Offline("gate", 2), Offline("yard", 2)]
    watch = Watch(healths, rules, monotonic=lambda: now[0], clock=lambda: 1000 + now[0])
    told = []
    for tick in range(31):
        now[0] = tick / 10
        told += watch.events()

    assert [(event.camera, event.state, event.time) for event in told] == [
        ("gate", State.RAISED, 1002)
    ]
    assert len(looked) == 7


def test_the_box_is_told_of_beside_its_cameras_and_looked_at_as_often():
    now, looked = [0.0], []

    def reasons():
        looked.append(now[0])
        return {"overloaded": "too many cameras"} if now[0] < 2 else {}

    watch = Watch(
        {"gate": lambda: CameraHealth("gate", CameraState.LOST)},
        [Offline("gate", 1)],
        degraded=Degraded(1, 0.5),
        reasons=reasons,
        monotonic=lambda: now[0],
        clock=lambda: 1000 + now[0],
    )
    told = []
    for tick in range(31):
        now[0] = tick / 10
        told += watch.events()

    assert [(event.camera, event.reason, event.time) for event in told] == [
        ("gate", "lost", 1001),
        ("", "overloaded", 1001),
        ("", "restored", 1002.5),
    ]
    assert len(looked) == 7


def test_without_a_rule_for_the_box_nobody_asks_how_it_is():
    def reasons():
        raise AssertionError

    watch = Watch({}, reasons=reasons, monotonic=lambda: 0.0, clock=lambda: 0.0)

    assert watch.events() == []
