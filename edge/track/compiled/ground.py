"""The gate on the ground plane, as loops; see `edge.track.vectors.ground`."""

from __future__ import annotations

from numba import njit

from edge.track import numbers as of
from edge.track.state import VAR_PLACE, Floats


@njit(cache=True, nogil=True)
def near(h: Floats, track: Floats, box: Floats, score: float) -> bool:
    """Whether a track and a box may be one, as they stand on the ground."""
    u, v = track[0], track[1] + max(track[3], of.LEAST_SIZE) / 2
    w = h[6] * u + h[7] * v + h[8]
    u2, v2 = box[0], box[1] + box[3] / 2
    w2 = h[6] * u2 + h[7] * v2 + h[8]
    if not (w > of.HORIZON and w2 > of.HORIZON):
        return True
    x, y = (h[0] * u + h[1] * v + h[2]) / w, (h[3] * u + h[4] * v + h[5]) / w
    dx = (h[0] * u2 + h[1] * v2 + h[2]) / w2 - x
    dy = (h[3] * u2 + h[4] * v2 + h[5]) / w2 - y
    a, b = (h[0] - x * h[6]) / w, (h[1] - x * h[7]) / w
    c, d = (h[3] - y * h[6]) / w, (h[4] - y * h[7]) / w
    noise = (of.MEASURED + of.UNSURE_MEASURED * (1 - score)) * box[3]
    wrong = of.FOOT * (track[VAR_PLACE] + noise * noise)
    xx = wrong * (a * a + b * b) + of.GROUND_SD * of.GROUND_SD
    yy = wrong * (c * c + d * d) + of.GROUND_SD * of.GROUND_SD
    xy = wrong * (a * c + b * d)
    far = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / (xx * yy - xy * xy)
    return not far > of.GROUND_GATE
