"""Builders: things that stand, are lost and are found, one sighting a second."""

from edge.rules.stopped import Stopped
from edge.types import State
from tests.rules.make_rules import built, lead

SQUARE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))
SPOT, OUT = (100, 50), (20, 50)
FOUND, NEAR, ASIDE = (101, 50), (104, 50), (120, 50)  # at rest is within 5 pixels
RAISED, UPDATED, CLEARED = State.RAISED, State.UPDATED, State.CLEARED
WIDE = {"width": 40, "height": 20}


def stopped(**options):
    return built(Stopped, **({"polygon": SQUARE, "after_s": 10.0, "learn_s": 100.0} | options))


def stand(rule, places, *, track=1, **look):
    """One track's foot points, one a second; None where it is not seen."""
    return lead(rule, [{track: p} if p else {} for p in places], **({"fps": 1.0} | look))


def parked(**options):
    """A rule that has learnt what is on SPOT, which track 1 was until the 200th second."""
    rule = stopped(**options)
    stand(rule, [SPOT] * 150)
    stand(rule, [None], first=200, ended=[1])
    return rule


def when(events):
    return [(event.state, event.reason, event.pts, event.dwell_s) for event in events]
