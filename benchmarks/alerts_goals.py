"""What alerts have to be worth: by themselves, and against another tracker's of the same run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks import ours, pets
from benchmarks.alerts_boxes import OTHERS, PARTS, PUBLIC, TRUE
from benchmarks.alerts_contenders import OWN
from benchmarks.result import Goal, Row

PEER = "trackers ByteTrack"

LEAST_LINE = {1: 0.97, 3: 0.95}  # with our detector, where one frame in so many is analysed
LEAST_ZONE = {1: 0.80}
LEAST_TRUE = {1: 1.0, 2: 0.95, 3: 0.95}  # lines and zones, with true boxes


def goals(rows: Sequence[Row], *, whole: bool = True) -> Iterator[Goal]:
    """The goals of what was run; without `whole` none that all sequences are needed for."""
    mine = [row for row in rows if row["path"] == ours.NAME and row.get("data") == pets.SEQUENCE]
    for row in mine:
        every = int(row.get("every") or 0)
        if row["boxes"] == OWN:
            yield from _least("line", row, LEAST_LINE.get(every), f"one frame in {every}")
            yield from _least("zone", row, LEAST_ZONE.get(every), f"one frame in {every}")
        if row["boxes"] == TRUE:
            for kind in PARTS:
                where = f"true boxes, one frame in {every}"
                yield from _least(kind, row, LEAST_TRUE.get(every), where)
    if whole:
        yield from _no_worse([row for row in rows if row.get("data") == OTHERS])


def _least(kind: str, row: Row, least: float | None, where: str) -> Iterator[Goal]:
    if least is not None:
        yield Goal(f"{kind} F1, {where}", float(row[f"{kind}_f1"] or 0), least)


def _no_worse(rows: Sequence[Row]) -> Iterator[Goal]:
    """Than the peer, of the same boxes at the same rate, lines and zones."""
    public = [row for row in rows if str(row["boxes"]).startswith(PUBLIC)]
    theirs = {(row["boxes"], row["fps"]): row for row in public if row["path"] == PEER}
    for row in public:
        other = theirs.get((row["boxes"], row["fps"]))
        if row["path"] != ours.NAME or other is None:
            continue
        for kind in PARTS:
            name = f"{kind} F1, {row['data']}, {row['boxes']} boxes, {row['fps']} fps"
            value, least = (float(one[f"{kind}_f1"] or 0) for one in (row, other))
            yield Goal(f"{name}, no less than {PEER}'s", value, least)
