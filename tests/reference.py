"""Geometry as the textbook has it, slow and exact, for integers and fractions."""

from fractions import Fraction
from itertools import pairwise


def turn(a, b, c):
    """+1 where c is on the right hand of a -> b in a picture, -1 on the left, 0 on the line."""
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (area > 0) - (area < 0)


def on_segment(point, a, b):
    return turn(a, b, point) == 0 and all(
        min(a[i], b[i]) <= point[i] <= max(a[i], b[i]) for i in (0, 1)
    )


def segments_meet(p, q, a, b):
    """The orientation test with its special cases (CLRS 33.1)."""
    if turn(p, q, a) * turn(p, q, b) < 0 and turn(a, b, p) * turn(a, b, q) < 0:
        return True
    ends = ((a, p, q), (b, p, q), (p, a, b), (q, a, b))
    return any(on_segment(point, *segment) for point, *segment in ends)


def holds(polygon, point):
    """Whether the winding number of the polygon around a point is odd (a point off its edges)."""
    winding = 0
    for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (a[1] <= point[1]) != (b[1] <= point[1]) and turn(a, b, point) == (
            1 if a[1] <= point[1] else -1
        ):
            winding += 1 if a[1] <= point[1] else -1
    return winding % 2 == 1


def crosses_itself(polygon):
    """Whether two edges that are not neighbours meet."""
    edges = list(zip(polygon, polygon[1:] + polygon[:1], strict=True))
    count = len(edges)
    return any(
        segments_meet(*edges[i], *edges[j])
        for i in range(count)
        for j in range(i + 2, count)
        if (j + 1) % count != i
    )


def off_segment(point, a, b):
    """The square of its distance."""
    along, away = (b[0] - a[0], b[1] - a[1]), (point[0] - a[0], point[1] - a[1])
    part = Fraction(along[0] * away[0] + along[1] * away[1], along[0] ** 2 + along[1] ** 2)
    part = min(max(part, 0), 1)
    return (away[0] - part * along[0]) ** 2 + (away[1] - part * along[1]) ** 2


def off_line(point, a, b):
    """The square of its distance from the straight line through both."""
    area = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
    return Fraction(area**2, (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2)


def places_by(line, point):
    """Side of, and square of the distance beside, the nearest part of a line of many.

    At a corner that two parts share it is the one that the point is farther beside; all answers,
    where several parts are as near.
    """
    parts = [*pairwise(line)]
    near = min(off_segment(point, *part) for part in parts)
    nearest = [part for part in parts if off_segment(point, *part) == near]
    aside = max(off_line(point, *part) for part in nearest)
    return {(turn(*part, point), aside) for part in nearest if off_line(point, *part) == aside}
