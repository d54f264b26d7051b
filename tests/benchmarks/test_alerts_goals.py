"""Which goals there are of which rows."""

from benchmarks.alerts_boxes import OTHERS, PUBLIC, TRUE
from benchmarks.alerts_contenders import OWN
from benchmarks.alerts_goals import PEER, goals
from benchmarks.ours import NAME

PETS = "PETS09-S2L1"


def row(path=NAME, *, data=PETS, boxes=OWN, line=1.0, zone=1.0, **more):
    return {"data": data, "boxes": boxes, "path": path, "line_f1": line, "zone_f1": zone, **more}


def told(rows, **options):
    return {goal.name: (goal.value, goal.goal, goal.held) for goal in goals(rows, **options)}


def test_our_detector_on_pets_has_goals_at_every_and_every_third_frame():
    rows = [
        row(every=1, line=0.98, zone=0.79),
        row(every=2, line=0.1, zone=0.1),
        row(every=3, line=0.94, zone=0.1),
    ]
    assert told(rows) == {
        "line F1, one frame in 1": (0.98, 0.97, True),
        "zone F1, one frame in 1": (0.79, 0.8, False),
        "line F1, one frame in 3": (0.94, 0.95, False),
    }


def test_true_boxes_of_pets_are_perfect_at_every_frame_and_hardly_worse_below():
    found = told([row(boxes=TRUE, every=n, line=0.96, zone=0.96) for n in (1, 2, 3)])
    assert [held for *_, held in found.values()] == [False, False, True, True, True, True]
    assert told([row(boxes=TRUE, every=1, data="KITTI-17")]) == {}


def test_the_scripts_and_spoilt_boxes_have_none():
    assert told([row("first script", every=1), row(boxes=f"{OWN}: 3 in 10 missed", fps=7.0)]) == {}


def test_the_other_sequences_are_no_worse_than_the_peer_at_the_same_rate_from_the_same_boxes():
    shaken = f"{PUBLIC}, shaken by 0.05"
    rows = [
        row(data=OTHERS, boxes=PUBLIC, fps="about 8", line=0.8, zone=0.7),
        row(PEER, data=OTHERS, boxes=PUBLIC, fps="about 8", line=0.7, zone=0.8),
        row(PEER, data=OTHERS, boxes=shaken, fps="about 8"),
        row(data=OTHERS, boxes=shaken, fps="about 5"),
        row(data=OTHERS, boxes=TRUE, fps="all"),
    ]
    name = f"{{}} F1, {OTHERS}, {PUBLIC} boxes, about 8 fps, no less than {PEER}'s"
    assert told(rows) == {
        name.format("line"): (0.8, 0.7, True),
        name.format("zone"): (0.7, 0.8, False),
    }
    assert told(rows, whole=False) == {}
