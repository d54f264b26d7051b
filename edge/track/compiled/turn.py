"""One turn of the tracker over some cameras' frames, as loops; see `edge.track.vectors.turn`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from edge.track import numbers as of
from edge.track.compiled.border import admitted, check
from edge.track.compiled.likeness import likely
from edge.track.compiled.matching import match
from edge.track.compiled.motion import begin, centred, correct, predict
from edge.track.compiled.shake import shared_motion
from edge.track.compiled.telling import note, over, tell, write
from edge.track.state import (
    BIRTH,
    BIRTHS,
    BORN,
    CLASS,
    COUNT,
    ID,
    SEEN,
    START,
    UNNAMED,
    VOTES,
    Floats,
    Found,
    Knobs,
    Own,
    Rows,
    Tables,
    Told,
)
from edge.types import Boxes, Ids, Mask, Points, Scores


def turn(batch: Rows, pts: Floats, knobs: Knobs, found: Found, tables: Tables, told: Told) -> int:
    """See `edge.track.engines.Turn`; a call costs less with nothing but arrays and numbers."""
    arguments: tuple[Any, ...] = (*knobs, *found, *tables, *told)
    return _turn(batch, pts, *arguments)


@njit(cache=True, nogil=True)
def _turn(
    batch: Rows,
    pts: Floats,
    sure_at: float,
    new_at: float,
    confirm_s: float,
    lost_s: float,
    boxes: Boxes,
    scores: Scores,
    kinds: Ids,
    table: Floats,
    marks: Rows,
    spans: Rows,
    clocks: Floats,
    grounds: Floats,
    ids: Ids,
    seen_boxes: Boxes,
    seen_scores: Scores,
    seen_kinds: Ids,
    velocities: Points,
    tentative: Rows,
    ended: Ids,
    counts: Rows,
) -> int:
    """Advance each camera of the batch."""
    knobs, found = (sure_at, new_at, confirm_s, lost_s), (boxes, scores, kinds)
    wrong = check(batch, pts, found, (spans, clocks))
    if wrong != 0:
        return wrong
    over = 0
    for k in range(len(batch)):
        slot, first, last = batch[k, 0], batch[k, 1], batch[k, 2]
        start = spans[slot, START]
        room = start + spans[slot, COUNT] + (last - first)
        own = (table[start:room], marks[start:room])
        seen = (boxes[first:last], scores[first:last], kinds[first:last])
        out = Told(
            ids[first:last],
            seen_boxes[first:last],
            seen_scores[first:last],
            seen_kinds[first:last],
            velocities[first:last],
            tentative[first:last],
            ended[over:],
            counts[k],
        )
        _advance(spans[slot], (clocks[slot], pts[k]), (knobs, grounds[slot]), seen, own, out)
        clocks[slot] = pts[k]
        over += out.counts[1]
    return 0


@njit(cache=True, nogil=True)
def _advance(
    span: Rows,
    clock: tuple[float, float],
    set_to: tuple[Knobs, Floats],
    found: Found,
    own: Own,
    out: Told,
) -> None:
    """One camera's frame."""
    (before, now), ((sure_at, new_at, confirm_s, lost_s), ground) = clock, set_to
    out.counts[:] = 0
    count = span[COUNT]
    born = now
    if math.isnan(before):
        born = now - confirm_s
    else:
        predict(own[0][:count], now - before)
    count = _end(count, now, max(lost_s, of.FREEZE_S) + of.TICK_S, own, out)
    order = admitted(found[0], found[1], found[2])
    measured = centred(found[0], order)
    sure = np.empty(len(order), np.bool_)
    for j in range(len(order)):
        sure[j] = found[1][order[j]] >= sure_at
    taken, given = _associate(
        before,
        measured,
        sure,
        (order, found),
        (own[0][:count], own[1][:count]),
        ground,
    )
    _see(taken, order, measured, found, now, own)
    tell(count, taken, order, found, own, out)
    count = _go_on(taken, order, found, (now, confirm_s, lost_s), own, out)
    for j in range(len(order)):
        if given[j] < 0 and found[1][order[j]] >= new_at:
            span[BIRTHS] += 1
            note(count, order[j], False, out)
            _start(count, order[j], measured[j], found, (born, now, span[BIRTHS]), own)
            count += 1
    out.ended[: out.counts[1]].sort()
    span[COUNT] = count


@njit(cache=True, nogil=True)
def _end(count: int, now: float, most_s: float, own: Own, out: Told) -> int:
    """Forget the tracks that were not seen for so long; how many are left."""
    (table, marks), left = own, 0
    for i in range(count):
        if now - table[i, SEEN] > most_s:
            over(i, own, out)
            continue
        if i != left:
            table[left], marks[left] = table[i], marks[i]
        left += 1
    return left


@njit(cache=True, nogil=True)
def _associate(
    before: float,
    measured: Floats,
    sure: Mask,
    seen: tuple[Rows, Found],
    own: Own,
    ground: Floats,
) -> tuple[Rows, Rows]:
    """The detection of each track and the track of each detection, or -1: three passes."""
    table, marks = own
    count = len(table)
    taken, given = np.full(count, -1, np.int64), np.full(len(measured), -1, np.int64)
    if not count or not len(measured):
        return taken, given
    witness = np.empty(of.WITNESSES, np.int64)
    witnesses = 0
    for i in range(count):
        if witnesses < of.WITNESSES and marks[i, ID] != UNNAMED and table[i, SEEN] >= before:
            witness[witnesses] = i
            witnesses += 1
    if witnesses >= of.TOGETHER:
        across, down = shared_motion(table, witness[:witnesses], measured, sure)
        table[:, 0] += across
        table[:, 1] += down
    pairs = likely(own, measured, sure, seen, ground)
    named = marks[:, ID] != UNNAMED
    match(pairs, of.SURE, (named, sure), taken, given)
    if not sure.all():
        match(pairs, of.UNSURE, (named, ~sure), taken, given)
    if not named.all():
        match(pairs, of.TENTATIVE, (~named, sure), taken, given)
    return taken, given


@njit(cache=True, nogil=True)
def _see(taken: Rows, order: Rows, measured: Floats, found: Found, now: float, own: Own) -> None:
    """Take in what was measured; the tentative among the tracks may change class."""
    (table, marks), (_, scores, kinds) = own, found
    for i in range(len(taken)):
        if taken[i] < 0:
            continue
        j = order[taken[i]]
        score = np.float64(scores[j])
        correct(table, i, measured, taken[i], score)
        table[i, SEEN] = now
        table[i, VOTES + kinds[j]] += score
        if marks[i, ID] == UNNAMED:
            marks[i, CLASS] = np.argmax(table[i, VOTES:])


@njit(cache=True, nogil=True)
def _go_on(
    taken: Rows,
    order: Rows,
    found: Found,
    times: tuple[float, float, float],
    own: Own,
    out: Told,
) -> int:
    """Forget whose time is over, note who is tentative; how many tracks are left."""
    (now, confirm_s, lost_s), (table, marks), left = times, own, 0
    for i in range(len(taken)):
        tentative = marks[i, ID] == UNNAMED
        if taken[i] < 0 and (tentative or now - table[i, SEEN] > lost_s + of.TICK_S):
            over(i, own, out)
            continue
        if tentative:
            ripe = table[i, BORN] <= now - confirm_s + of.TICK_S
            if ripe:
                write(out.counts[0], i, order[taken[i]], found, own, out)
                out.counts[0] += 1
            note(left, order[taken[i]], ripe, out)
        if i != left:
            table[left], marks[left] = table[i], marks[i]
        left += 1
    return left


@njit(cache=True, nogil=True)
def _start(
    i: int,
    j: int,
    measured: Floats,
    found: Found,
    born: tuple[float, float, int],
    own: Own,
) -> None:
    """A new tentative track."""
    begin(own[0][i], measured, np.float64(found[1][j]))
    own[0][i, BORN], own[0][i, SEEN] = born[0], born[1]
    own[0][i, VOTES:] = 0.0
    own[0][i, VOTES + found[2][j]] = found[1][j]
    own[1][i, ID], own[1][i, CLASS], own[1][i, BIRTH] = UNNAMED, found[2][j], born[2]
