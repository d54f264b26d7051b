"""What an event is, and a copy of one."""

from dataclasses import fields, replace

import pytest

from edge.alert_types import Clock, Direction, Event, Fact, Kind, Sighting, State

SEEN = Sighting(1, 0, 0.9, (0.1, 0.2, 0.3, 0.4), (0.2, 0.4))
EVENT = Event(
    Kind.ZONE,
    "gate",
    "fence",
    State.RAISED,
    "1/1",
    "entered",
    pts=1.5,
    time=9.0,
    sighting=SEEN,
    direction=Direction.INWARD,
    dwell_s=0.5,
    clock=Clock.RTCP,
    clock_offset_s=0.25,
    clock_uncertainty_s=0.1,
    facts=(Fact("dwell", 0.5, "s", least=0.2),),
    margin=0.5,
    confidence=0.75,
    who="lead",
    note="by hand",
)


@pytest.mark.parametrize("name", [field.name for field in fields(Event)])
def test_a_copy_differs_in_what_was_named_only(name):
    assert EVENT.but(**{name: "other"}) == replace(EVENT, **{name: "other"}) != EVENT


def test_an_event_has_no_fields_of_other_names():
    with pytest.raises(TypeError, match="colour"):
        EVENT.but(colour="red")
