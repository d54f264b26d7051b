"""How sure it is that an alert is right: 0..1."""

from __future__ import annotations

PRIOR = 1.0  # sightings' worth of doubt that an object begins with


def confidence(score: float, sightings: int, margin: float) -> float:
    """From the mean score of the track, how often it was seen, and how clear the case was.

    Each sighting takes away some of the doubt whether there is anybody; a `margin` of 0, where a
    limit is only just passed, halves what is left. It is to order alerts, and is no probability:
    `benchmarks alerts` tells how well it does.
    """
    seen = sightings / (sightings + PRIOR)
    return round(score * seen * (1 + margin) / 2, 3)
