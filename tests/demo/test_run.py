"""What the demo makes of the receiver's JSON lines."""

import pytest

from edge.demo.run import Arrivals, line_of
from edge.events.codec import to_json, to_message
from edge.types import Direction, Grade
from tests.events.make_events import NOW, ORIGIN, degraded, event


def arrived(told):
    message = to_message(told, origin=ORIGIN, grade=Grade.RED, ids=("e", "a"))
    message.box_id, message.sequence = "box-1", 7
    return {"received": NOW + 0.5, **to_json(message)}


def test_alerts_are_counted_by_camera_and_those_of_the_box_as_its_own():
    arrivals = Arrivals()
    for told in (event(), degraded()):
        arrivals.add(arrived(told))
    assert arrivals.alerts == {("gate", "fence"): 1, ("box", "box-degraded"): 1}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (event(direction=Direction.INWARD), ["gate", "fence", "person", "inward"]),
        (event(dwell_s=2.5), ["gate", "fence", "person", "dwelt 2.5 s"]),
        (event(sighting=None), ["gate", "fence", "crossed"]),
        (degraded(), ["box", "box-degraded", "overloaded"]),
    ],
)
def test_every_event_has_a_line(told, words):
    line = line_of(arrived(told))
    assert [word for word in words if word in line] == words
