"""Events as messages, messages as JSON."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from edge.events.codec import duration, timestamp, to_json, to_message
from edge.rpc import event_pb2 as pb
from edge.rules.degraded import CAUSES
from edge.types import (
    CLASSES,
    Clock,
    Direction,
    Fact,
    Gap,
    Grade,
    Kind,
    Motion,
    PathPoint,
    Sighting,
    State,
)
from tests.events.make_events import NOW, ORIGIN, degraded, event


def converted(*, grade=Grade.RED, origin=ORIGIN, **fields):
    return to_message(event(**fields), origin=origin, grade=grade, ids=("e", "a"))


def test_a_message_says_what_the_event_said():
    seen = Sighting(7, CLASSES["car"], 0.75, (0.1, 0.2, 0.3, 0.4), (0.2, 0.4))
    made = converted(sighting=seen, direction=Direction.INWARD, dwell_s=2.5, at=NOW + 0.25)
    assert (made.event_id, made.alert_id) == ("e", "a")
    assert (made.site, made.camera, made.rule) == ("quarry", "gate", "fence")
    assert (made.kind, made.state) == (pb.KIND_TRIPWIRE, pb.STATE_RAISED)
    assert (made.grade, made.status, made.reason) == (pb.GRADE_RED, pb.STATUS_ACTUAL, "crossed")
    assert made.capture_time.ToMicroseconds() == (NOW + 0.25) * 1e6
    assert made.direction == pb.DIRECTION_INWARD
    assert made.dwell.ToMilliseconds() == 2500
    assert (made.object.class_name, made.object.track_id) == ("car", 7)
    assert made.object.score == pytest.approx(0.75)
    box = made.object.box
    assert [box.left, box.top, box.right, box.bottom] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert [made.object.foot_point.x, made.object.foot_point.y] == pytest.approx([0.2, 0.4])
    assert made.analysis.model_sha256 == ORIGIN.model_sha256
    assert made.analysis.provider == "CPUExecutionProvider"
    assert made.config_revision == "r1"


def test_a_thing_of_no_class_has_a_place_and_no_name():
    made = converted(sighting=Sighting(0, None, 0.0, (0.1, 0.2, 0.3, 0.4), (0.2, 0.4)))
    assert (made.object.class_name, made.object.track_id, made.object.score) == ("", 0, 0)
    assert to_json(made)["object"].keys() == {"box", "foot_point"}


def test_what_is_not_known_is_not_set():
    made = converted(sighting=None)
    for name in (
        "object",
        "dwell",
        "clock_offset",
        "clock_uncertainty",
        "evidence",
        "publish_time",
        "detect_time",
    ):
        assert not made.HasField(name), name
    assert made.direction == pb.DIRECTION_UNSPECIFIED
    assert not made.sequence
    assert not made.box_id


def test_a_path_is_timed_from_its_first_point():
    path = (PathPoint(0.1, 0.9, 12.5), PathPoint(0.2, 0.8, 13.0), PathPoint(0.3, 0.7, 15.25))
    made = converted(path=path)
    assert [p.offset.ToMilliseconds() for p in made.object.path] == [0, 500, 2750]
    assert [p.point.x for p in made.object.path] == pytest.approx([0.1, 0.2, 0.3])


def test_a_path_tells_the_ground_where_it_is_known():
    made = converted(path=(PathPoint(0.1, 0.9, 1.0, (3.14159, -2.0)), PathPoint(0.1, 0.1, 2.0)))
    one, other = made.object.path
    assert (one.ground.x, one.ground.y) == pytest.approx((3.14, -2.0))
    assert not other.HasField("ground")


def test_gaps_are_timed_from_the_paths_first_point():
    path = (PathPoint(0.1, 0.9, 12.5), PathPoint(0.2, 0.8, 20.0))
    made = converted(path=path, gaps=(Gap(13.0, 14.25), Gap(15.0, 16.0)))
    told = [(gap.lost.ToMilliseconds(), gap.found.ToMilliseconds()) for gap in made.object.gaps]
    assert told == [(500, 1750), (2500, 3500)]


def test_a_gap_before_the_path_is_not_told():
    assert not converted(path=(PathPoint(0.1, 0.9, 12.5),), gaps=(Gap(12.0, 13.0),)).object.gaps
    assert not converted(gaps=(Gap(12.0, 13.0),)).object.gaps


def test_a_motion_says_how_fast_which_way_and_how_sure():
    moved = Motion(1.23456, 0.1, 359.96, 12.34, on_ground=True)
    made = converted(motion=moved).object.motion
    assert (made.speed, made.speed_sd) == pytest.approx((1.2346, 0.1))
    assert (made.heading, made.heading_sd) == pytest.approx((0.0, 12.3))
    assert made.on_ground
    assert not converted().object.HasField("motion")


@pytest.mark.parametrize(
    ("clock", "number", "known"),
    [
        (Clock.ARRIVAL, pb.CLOCK_SOURCE_ARRIVAL, False),
        (Clock.RTCP, pb.CLOCK_SOURCE_RTCP, True),
        (Clock.FILE, pb.CLOCK_SOURCE_FILE, False),
    ],
)
def test_the_offset_of_a_clock_is_told_where_there_are_two(clock, number, known):
    made = converted(clock=clock, clock_offset_s=-0.125 if known else 0.0)
    assert made.clock_source == number
    assert made.HasField("clock_offset") == known
    assert made.clock_offset.ToMilliseconds() == (-125 if known else 0)


def test_every_word_of_ours_is_in_the_contract():
    for field, words in [("KIND", Kind), ("STATE", State), ("GRADE", Grade)]:
        enum = getattr(pb, field.title())
        told = {name.removeprefix(f"{field}_").lower() for name, _ in enum.items()}
        assert told == {str(word) for word in words} | {"unspecified"}
    assert {pb.Direction.Value(f"DIRECTION_{word.upper()}") for word in Direction} == {1, 2}
    for name, number in CLASSES.items():
        made = converted(sighting=Sighting(1, number, 1, (0, 0, 1, 1), (0, 1)))
        assert made.object.class_name == name


def test_a_message_survives_the_wire():
    made = converted(path=(PathPoint(0.1, 0.9, 12.5),), dwell_s=1.0, direction=Direction.OUTWARD)
    assert pb.Event.FromString(made.SerializeToString()) == made


def test_json_is_what_people_read():
    made = converted(dwell_s=2.5, direction=Direction.OUTWARD, at=NOW + 0.0625)
    made.sequence = 2**40
    told = to_json(made)
    assert (told["kind"], told["state"], told["grade"]) == ("tripwire", "raised", "red")
    assert (told["direction"], told["status"], told["clock_source"]) == (
        "outward",
        "actual",
        "arrival",
    )
    assert told["capture_time"] == "2023-11-14T22:13:20.062Z"
    assert told["dwell"] == 2.5
    assert told["sequence"] == 2**40
    assert told["object"]["box"] == {"left": 0.1, "top": 0.2, "right": 0.3, "bottom": 0.4}
    assert "evidence" not in told


def test_json_has_its_keys_in_the_contracts_order_always():
    made = converted(path=(PathPoint(0.1, 0.9, 1.0), PathPoint(0.2, 0.9, 2.0)))
    order = [field.name for field in pb.Event.DESCRIPTOR.fields]
    told = list(to_json(made))
    assert told == [name for name in order if name in told]
    again = pb.Event.FromString(made.SerializeToString(deterministic=True))
    assert json.dumps(to_json(made)) == json.dumps(to_json(again))
    assert [p.get("offset") for p in to_json(made)["object"]["path"]] == [0.0, 1.0]


def test_times_are_kept_to_the_microsecond():
    assert timestamp(1_700_000_000.123456).ToMicroseconds() == 1_700_000_000_123_456
    assert duration(-0.000001).ToMicroseconds() == -1


def test_how_sure_the_cameras_clock_is_goes_along():
    made = converted(clock=Clock.RTCP, clock_uncertainty_s=0.004)

    assert made.clock_uncertainty.ToMilliseconds() == 4


def test_the_precision_is_told_where_it_is_known():
    assert converted(origin=replace(ORIGIN, precision="bf16")).analysis.precision == "bf16"
    assert to_json(converted())["analysis"].keys() == {"model", "model_sha256", "provider"}


def test_the_numbers_that_decided_are_told_with_their_limits():
    facts = (
        Fact("dwell", 12.5, "s", least=10.0),
        Fact("count", 3.0, most=2.0),
        Fact("depth", 0.25),
    )
    one, other, last = converted(facts=facts).facts
    assert (one.name, one.value, one.unit, one.least) == ("dwell", 12.5, "s", 10.0)
    assert (other.name, other.value, other.unit, other.most) == ("count", 3.0, "", 2.0)
    assert [one.HasField("most"), other.HasField("least")] == [False, False]
    assert not last.HasField("least")
    assert not last.HasField("most")


def test_a_number_or_a_limit_of_0_is_told():
    made = converted(facts=(Fact("count", 0.0, least=1.0), Fact("dwell", 2.0, "s", least=0.0)))
    assert to_json(made)["facts"] == [
        {"name": "count", "value": 0.0, "least": 1.0},
        {"name": "dwell", "value": 2.0, "unit": "s", "least": 0.0},
    ]


def test_how_sure_it_is_is_told_where_something_was_seen():
    assert converted(confidence=0.25).confidence == 0.25
    assert to_json(converted(confidence=0.0))["confidence"] == 0.0
    assert not converted(confidence=None).HasField("confidence")


def test_an_event_of_the_box_itself_has_no_camera():
    made = to_message(degraded(), origin=ORIGIN, grade=Grade.BLUE, ids=("e", "a"))
    told = to_json(made)
    assert (told["kind"], told["rule"], told["reason"]) == (
        "degraded",
        "box-degraded",
        "overloaded",
    )
    assert "camera" not in told
    assert "object" not in told


def test_every_cause_is_among_the_contracts_words():
    contract = (Path(__file__).parents[2] / "proto/fenceline/v1/event.proto").read_text()
    words = contract.partition("// One word: ")[2].partition("string reason")[0]
    assert set(CAUSES) <= {word.strip(" /.\n") for word in words.split(",")}
