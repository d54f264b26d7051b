"""How likely a track and a detection are one."""

from __future__ import annotations

import numpy as np

from edge.track.numbers import GROW, GROW_UNSURE, LEAST_SIZE, MOST_GROWN, OTHER_CLASS, WIDEN
from edge.track.state import VAR_PLACE, Floats
from edge.types import Mask


def likeness(motion: Floats, measured: Floats, sure: Mask, same_class: Mask) -> Floats:
    """0..1 for pairs of a track (rows of `State.motion`) and a measured box (centre and size).

    Overlap of the two boxes, both grown (C-BIoU, arXiv:2211.14317) by as much as the prediction
    may be wrong, so that one rule serves every rate and gap; times the overlap of their heights
    (Hybrid-SORT, arXiv:2308.00783), to the power of 1.5 for sure detections, whose heights can be
    trusted; less where the classes differ.
    """
    (cx, cy), (x, y) = motion[:, :2].T, measured[:, :2].T
    height = np.maximum(motion[:, 3], LEAST_SIZE)
    half_w, half_h = np.maximum(motion[:, 2], LEAST_SIZE) / 2, height / 2
    w, h = measured[:, 2] / 2, measured[:, 3] / 2
    doubt = WIDEN * (np.sqrt(motion[:, VAR_PLACE]) / height)
    factor = 1 + 2 * np.minimum(np.where(sure, GROW, GROW_UNSURE) + doubt, MOST_GROWN)
    a_w, a_h, b_w, b_h = half_w * factor, half_h * factor, w * factor, h * factor
    across = np.minimum(cx + a_w, x + b_w) - np.maximum(cx - a_w, x - b_w)
    down = np.minimum(cy + a_h, y + b_h) - np.maximum(cy - a_h, y - b_h)
    shared = np.minimum(cy + half_h, y + h) - np.maximum(cy - half_h, y - h)
    spanned = np.maximum(cy + half_h, y + h) - np.minimum(cy - half_h, y - h)
    both = across * down
    tall = np.maximum(shared / spanned, 0)
    power = np.where(sure, tall * np.sqrt(tall), tall)
    value = both / (4 * (a_w * a_h) + 4 * (b_w * b_h) - both) * power
    meet = (across > 0) & (down > 0) & (shared > 0)
    return np.where(meet, np.where(same_class, value, OTHER_CLASS * value), 0.0)
