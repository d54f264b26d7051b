"""Builders: sequences in MOTChallenge's layout, of people who walk side by side."""

import numpy as np

from benchmarks.sequences import MotSequence, read_sequence

SIZE = "40,100"


def write_sequence(folder, *, frames=20, people=2, fps=10, classes=True, info=None):
    """A folder with seqinfo.ini, gt/gt.txt and det/det.txt; detections are the true boxes."""
    for made in ("gt", "det"):
        (folder / made).mkdir(parents=True)
    info = info or f"[Sequence]\nname={folder.name}\nframeRate={fps}\nseqLength={frames}\n"
    (folder / "seqinfo.ini").write_text(info)
    places = [(f, i, 100 * i + 2 * f) for f in range(1, frames + 1) for i in range(1, people + 1)]
    rest = "1,1,1" if classes else "1,-1,-1,-1"
    truth = "".join(f"{f},{i},{x},50,{SIZE},{rest}\n" for f, i, x in places)
    (folder / "gt" / "gt.txt").write_text(truth)
    found = "".join(f"{f},-1,{x},50,{SIZE},0.9,-1,-1,-1\n" for f, _, x in places)
    (folder / "det" / "det.txt").write_text(found)
    return folder


def sequence(tmp_path, name="WALK", **options) -> MotSequence:
    return read_sequence(write_sequence(tmp_path / name, **options))


def boxes(sequence):
    """How many boxes each frame has."""
    return np.array([len(found) for found in sequence.found])
