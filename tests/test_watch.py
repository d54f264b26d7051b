"""The camera's own alerts, as the analysis thread asks for them."""

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
