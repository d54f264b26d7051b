"""One event as a line to read."""

from edge.events.codec import to_message
from edge.receive_command import line_of
from edge.types import Grade
from tests.events.make_events import ORIGIN, degraded, event


def line(told):
    return line_of(to_message(told, origin=ORIGIN, grade=Grade.RED, ids=("e", "a"))).plain


def test_a_line_says_where_by_which_rule_and_what():
    assert line(event()).split()[1:6] == ["gate", "fence", "red", "raised", "person"]


def test_an_event_of_the_box_itself_is_said_to_be():
    assert line(degraded()).split()[1:7] == [
        "box",
        "box-degraded",
        "red",
        "raised",
        "-",
        "overloaded",
    ]
