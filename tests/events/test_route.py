"""Which events a sink is sent: what its grades, rules, cameras and level say together."""

import pytest

from edge.events.route import Route
from edge.rpc import event_pb2 as pb
from edge.types import Grade
from tests.events.make_events import CLEARED, message


def alert(camera="gate", **fields):
    made = message(**{"grade": pb.GRADE_RED, "level": 1} | fields)
    made.camera = camera
    return made


def test_without_a_word_everything_is_sent():
    assert Route().takes(alert())
    assert Route().takes(pb.Event())


@pytest.mark.parametrize(
    ("route", "takes"),
    [
        (Route(grades=(Grade.RED,)), True),
        (Route(grades=(Grade.BLUE, Grade.YELLOW)), False),
        (Route(rules=("fence", "yard")), True),
        (Route(rules=("yard",)), False),
        (Route(cameras=("gate",)), True),
        (Route(cameras=("yard",)), False),
        (Route(min_level=1), True),
        (Route(min_level=2), False),
        (Route((Grade.RED,), ("fence",), ("gate",)), True),
        (Route((Grade.RED,), ("yard",), ("gate",)), False),
    ],
)
def test_what_matches_is_sent(route, takes):
    assert route.takes(alert()) is takes


def test_an_alert_that_has_risen_is_sent_from_then_on():
    route = Route(min_level=3)
    assert [route.takes(alert(level=level)) for level in (1, 2, 3, 4)] == [False, False, True, True]
    assert route.takes(alert(level=3, state=CLEARED))


def test_an_event_of_an_older_version_has_the_first_level():
    assert Route(min_level=1).takes(alert(level=0))
    assert not Route(min_level=2).takes(alert(level=0))


def test_an_event_of_the_box_itself_is_of_no_camera():
    of_the_box = alert(camera="")
    assert Route().takes(of_the_box)
    assert not Route(cameras=("gate",)).takes(of_the_box)
