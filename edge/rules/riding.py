"""Who sits in a vehicle or on one, as far as boxes tell it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from edge.rules.view import View

LOWER = 0.1  # of the person's height: so far below the vehicle's box a foot may be (wheels, jitter)
SHARED = 1 / 3  # of the person's box, that is the vehicle's too: less of a cyclist is none
SLOW = 0.15  # of the person's height per second: a difference in speed that boxes jitter with,
PART = 0.3  # and so much of the vehicle's speed besides, which is measured no better
Box = Sequence[float]  # x1 y1 x2 y2, pixels


def rides(view: View, row: int, vehicles: Iterable[int]) -> bool:
    """Whether the person of this row sits in or on one of the vehicles of those rows.

    His foot point is in the vehicle's box, a third of his box is in it, and the two go together
    in the picture. So does who stands beside a parked one within its box: he is taken to ride.
    """
    boxes = view.boxes
    x1, y1, x2, y2 = person = boxes[row]
    middle, higher = (x1 + x2) / 2, y2 - LOWER * (y2 - y1)
    for other in vehicles:
        left, top, right, bottom = vehicle = boxes[other]
        stands_in = left <= middle <= right and top <= y2 and higher <= bottom and other != row
        if stands_in and _shares(person, vehicle) and _together(view, row, other):
            return True
    return False


def _shares(person: Box, vehicle: Box) -> bool:
    x1, y1, x2, y2 = person
    left, top, right, bottom = vehicle
    across, down = min(x2, right) - max(x1, left), min(y2, bottom) - max(y1, top)
    return across * down >= SHARED * (x2 - x1) * (y2 - y1)


def _together(view: View, row: int, vehicle: int) -> bool:
    x, y = view.tracks.velocity[row].tolist()
    along, down = view.tracks.velocity[vehicle].tolist()
    height = view.heights[row] * view.size[1]
    most = SLOW * height + PART * math.hypot(along, down)
    return math.hypot(x - along, y - down) <= most
