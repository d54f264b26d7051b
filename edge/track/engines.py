"""What computes a turn of the tracker: compiled loops where they can be, else NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.compiled import cached
from edge.track.state import Found, Knobs, Tables, Told
from edge.types import CLASSES

COMPILED, NUMPY = "compiled", "numpy"


class Turn(Protocol):
    """Advances the cameras of a turn, in place, and tells what it found out; returns 0.

    Where something is wrong it returns that instead (see `edge.track.vectors.border.check`), and
    nobody was advanced.

    `batch` has a row for each camera: its slot, its first detection and the one after its last;
    `pts` is its time. A camera is in a batch once.
    """

    def __call__(
        self,
        batch: NDArray[np.int64],
        pts: NDArray[np.float64],
        knobs: Knobs,
        found: Found,
        tables: Tables,
        told: Told,
    ) -> int:
        """Advance."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to compute a turn. All give the same results, bit for bit where no two ways tie."""

    name: str
    turn: Turn


def engine(name: str | None = None) -> Engine:
    """The engine of this name; without one, the fastest that runs here.

    Raises ImportError where `compiled` is asked for and numba is not installed.
    """
    if name not in (None, COMPILED, NUMPY):
        raise ValueError(f"no engine '{name}'; choose from {COMPILED}, {NUMPY}")
    if name == NUMPY:
        return _vectors()
    try:
        return _loops()
    except ImportError:
        if name == COMPILED:
            raise
        return _vectors()


@cache
def _vectors() -> Engine:
    from edge.track.vectors.turn import turn  # noqa: PLC0415 - one of the two is needed

    return Engine(NUMPY, turn)


@cache
def _loops() -> Engine:
    """Import the compiled loops; what was compiled before is found in the cache."""
    here = Path(__file__).parent
    sources = [here / "numbers.py", here / "state.py", *here.glob("compiled/*.py")]
    cached(sources, also=repr(sorted(CLASSES.items())))
    from edge.track.compiled.turn import turn  # noqa: PLC0415

    return Engine(COMPILED, turn)
