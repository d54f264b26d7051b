"""Builders: people who walk past the grid's lines, and what our tracker and others tell of them."""

from benchmarks.alerts_replay import Guarded
from benchmarks.alerts_truth import grid, happenings
from tests.benchmarks.make_sequence import sequence

SIZE = (400, 180)  # the walkers of make_sequence stand in the lowest quarter, and go to the right


def guarded(tmp_path, name="WALK", *, frames=60, people=2, **options):
    """Each of them crosses one line of the grid, and comes to another cell."""
    one = sequence(tmp_path, name, frames=frames, people=people, **options)
    events = happenings(one.truth, grid(), size=SIZE, fps=one.source_fps)
    return Guarded(one, SIZE, grid(), tuple(events))
