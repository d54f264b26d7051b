"""What the tracker has to reach: scores of its own, and better than every peer of the same run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks import ours, ownpets, peers
from benchmarks.courses import MOT15, MOT17, TRUE
from benchmarks.result import Goal, Row
from benchmarks.walkers import LABELS

AT_ONCE = f"{ours.NAME}, told at once"
UPDATE = "update alone"
LEAST = {  # HOTA and IDF1, percent
    (MOT17, "full"): (68.5, 80.0),
    (MOT17, "8"): (66.8, 76.5),
    (MOT17, "5"): (66.3, 75.2),
    (MOT15, "full"): (36.9, 48.5),
    (MOT15, "8"): (38.1, 51.9),
    (MOT15, "5"): (37.5, 51.2),
}
SWITCHES = 0.5  # of ByteTrack's, at most
MOST_US = {"us_20": 20.0, "us_60": 54.0, "us_64x10": 10.0}
Found = Mapping[str, Mapping[str, Any]]  # rows by tracker


def goals(rows: Sequence[Row], *, absolute: bool = True) -> Iterator[Goal]:
    """The goals of what was run; without `absolute` none that all sequences are needed for."""
    places: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        place = str(row["data"]), str(row.get("fps"))
        places.setdefault(place, {})[str(row["tracker"])] = row
    for (data, fps), found in places.items():
        where = f"{data}, full rate" if fps == "full" else f"{data}, {fps} fps"
        if (data, fps) in LEAST and absolute:
            yield from _least(where, found, *LEAST[data, fps])
        if data == ownpets.NAMES[1]:
            yield from _least(data, found, 56.0, 80.0)
        if (data, fps) in LEAST:
            yield from _best(where, found)
        if data == TRUE:
            yield from _switches(where, found)
        if data == UPDATE:
            yield from _costs(found)


def _least(where: str, found: Found, hota: float, idf1: float) -> Iterator[Goal]:
    yield Goal(f"HOTA, {where}", found[ours.NAME]["hota"], hota)
    yield Goal(f"IDF1, {where}", found[ours.NAME]["idf1"], idf1)


def _best(where: str, found: Found) -> Iterator[Goal]:
    """No peer has a better IDF1."""
    scores = {
        row["idf1"]: name
        for name, row in found.items()
        if name not in (ours.NAME, AT_ONCE) and not name.startswith("without ")
    }
    if scores:
        best = max(scores)
        name = f"IDF1, {where}, no less than the best peer's ({scores[best]})"
        yield Goal(name, found[ours.NAME]["idf1"], best)


def _switches(where: str, found: Found) -> Iterator[Goal]:
    if peers.BYTE in found:
        name = f"id switches, {where}, to half of ByteTrack's"
        most = SWITCHES * found[peers.BYTE]["switches"]
        yield Goal(name, found[ours.NAME]["switches"], most, at_least=False)


def _costs(found: Found) -> Iterator[Goal]:
    for crowd, most in MOST_US.items():
        yield Goal(
            f"us of an update, {LABELS[crowd]}", found[ours.NAME][crowd], most, at_least=False
        )
