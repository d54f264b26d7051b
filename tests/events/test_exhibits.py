"""What is shown of an alert: clip, best view and end; never after it, never instead of an event."""

import errno

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.events.exhibits import MOST_FOLLOWED
from edge.rpc import event_pb2 as pb
from edge.stream.clip import ClipEncoder
from edge.types import Grade, Sighting
from tests.events.make_events import NOW, ORIGIN, event, filled, sample
from tests.events.make_exhibits import (
    AFTER_S,
    BEFORE_S,
    CLEAR,
    HEIGHT,
    RAISE,
    TRACK,
    WIDTH,
    Yard,
    clips,
    clock_of,
    detail,
    seen,
)

BEST, CLEARED = pb.EVIDENCE_ROLE_BEST, pb.EVIDENCE_ROLE_CLEARED
BODY = np.s_[75:145, 142:178]  # where somebody stands in `seen`
EVIDENCE = ("UPDATED", "evidence")


@pytest.fixture
def yard(tmp_path):
    return Yard(tmp_path / "evidence")


def test_a_clip_goes_from_before_the_alert_to_after_it(yard):
    yard.watch(5)
    yard.watch(6, (RAISE, "1"))
    assert yard.told() == [("RAISED", "crossed"), EVIDENCE]
    assert yard.clip().media_type == "video/webm"
    frames = yard.film()
    assert clock_of(frames[0][1]) == pytest.approx(5 - BEFORE_S, abs=0.25)
    assert clock_of(frames[-1][1]) == pytest.approx(5 + AFTER_S, abs=0.35)
    assert len(frames) == pytest.approx((BEFORE_S + AFTER_S) * 5, abs=2)


def test_frames_of_a_clip_are_shown_when_they_were_taken(yard):
    yard.watch(5)
    yard.watch(6, (RAISE, "1"))
    start = clock_of(yard.film()[0][1])
    for time, image in yard.film():
        assert clock_of(image) - start == pytest.approx(time, abs=0.15)


def test_people_are_in_blocks_in_every_frame_of_a_clip(yard):
    yard.watch(5)
    yard.watch(6, (RAISE, "1"))
    plain = detail(seen(5.0).frame.image[BODY])
    assert plain > 50
    assert max(detail(image[BODY]) for _, image in yard.film()) < plain / 8


def test_masks_are_black_in_every_frame_of_a_clip(yard):
    yard.watch(5)
    yard.watch(6, (RAISE, "1"))
    for _, image in yard.film():
        assert image[HEIGHT // 2 + 6 : HEIGHT, : WIDTH // 5 - 6].max() < 24


def test_somebody_found_late_is_hidden_in_the_frames_before(yard):
    yard.watch(4.5)
    yard.watch(0.5, known=False)
    yard.watch(6, (RAISE, "1"))
    plain = detail(seen(4.7).frame.image[BODY])
    assert max(detail(image[BODY]) for _, image in yard.film()) < plain / 8


def test_somebody_found_late_is_hidden_though_the_clip_is_being_made(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    yard.watch(0.5, known=False)
    yard.watch(3)
    plain = detail(seen(6.2).frame.image[BODY])
    assert max(detail(image[BODY]) for _, image in yard.film()) < plain / 8


def test_nothing_is_told_of_an_alert_after_its_end(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    yard.watch(10, (CLEAR, "1"))
    assert yard.told() == [("RAISED", "crossed"), ("CLEARED", "crossed")]
    assert clock_of(yard.film()[-1][1]) == pytest.approx(6, abs=0.35)


def test_each_moment_has_its_own_picture(yard):
    for n in range(2):
        yard.watch(1, (RAISE, str(n)))
        yard.watch(1, (CLEAR, str(n)))
    pictures = [one.evidence for one in yard.log] + [yard.piece(CLEARED, 1), yard.piece(CLEARED)]
    shown = [clock_of(yard.image(one)) for one in pictures]
    assert shown == pytest.approx([0, 0, 2, 2, 1, 3], abs=0.11)


def test_what_was_told_is_repeated_on_later_events(yard):
    yard.watch(5)
    yard.watch(6, (RAISE, "1"))
    yard.watch(1, (CLEAR, "1"))
    assert yard.clip(-1) == yard.clip(-2)
    assert yard.log[0].evidence.role == pb.EVIDENCE_ROLE_RAISED
    assert len({one.evidence.evidence_id for one in yard.log}) == 1
    assert len({one.event_id for one in yard.log}) == 3


def test_alerts_of_one_time_share_a_clip(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    yard.watch(6, (RAISE, "2"))
    assert yard.told()[2:] == [EVIDENCE, EVIDENCE]
    assert yard.clip(-1) == yard.clip(-2)
    assert len({one.alert_id for one in yard.log[2:]}) == 2
    assert yard.files().count(".webm") == 1


def test_who_shared_a_clip_that_another_ended_is_told(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"), (RAISE, "2"))
    yard.watch(1, (CLEAR, "1"))
    assert yard.told()[2:] == [("CLEARED", "crossed"), EVIDENCE]
    assert yard.clip(-1) == yard.clip(-2)
    assert yard.log[-1].alert_id == yard.log[1].alert_id


@pytest.mark.parametrize(
    ("grades", "grade"), [({("gate", "fence"): Grade.BLUE}, pb.GRADE_BLUE), ({}, pb.GRADE_RED)]
)
def test_a_clip_is_told_of_in_the_alert_s_present_grade_the_rule_s_if_it_is_there(
    yard, grades, grade
):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    yard.journal.reconfigure(ORIGIN, grades)
    yard.watch(6)
    assert yard.told()[1:] == [EVIDENCE]
    assert [one.grade for one in yard.log] == [pb.GRADE_RED, grade]


def test_alerts_that_end_together_need_no_event_more(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"), (RAISE, "2"))
    yard.watch(1, (CLEAR, "1"), (CLEAR, "2"))
    assert yard.told()[2:] == [("CLEARED", "crossed")] * 2
    assert yard.clip(-1) == yard.clip(-2)


def test_an_alert_after_a_clip_has_its_own(yard):
    yard.watch(5)
    yard.watch(6, (RAISE, "1"))
    yard.watch(6, (RAISE, "2"))
    assert yard.told().count(EVIDENCE) == 2
    assert yard.clip(-1).evidence_id != yard.clip(1).evidence_id


def test_a_new_session_ends_a_clip_with_what_there_is(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    ended = event(CLEAR, at=NOW + yard.pts - 0.1)
    yard.journal.record([ended], seen(yard.pts + 60, session=1))
    assert yard.told()[1:] == [("CLEARED", "crossed")]
    assert yard.piece(CLEARED) is None  # what is seen now is of another time
    assert clock_of(yard.film()[-1][1]) == pytest.approx(6, abs=0.35)


def test_a_picture_of_another_size_ends_a_clip(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    yard.watch(0.2, size=(160, 160))
    assert yard.told()[1:] == [EVIDENCE]
    assert {image.shape for _, image in yard.film()} == {(HEIGHT, WIDTH, 3)}


def test_the_best_view_is_kept_in_blocks(yard):
    yard.watch(1, height=20)
    yard.watch(1, (RAISE, "1"), height=20)
    yard.watch(2)
    yard.watch(1, height=20)
    yard.watch(1, (CLEAR, "1"), height=20)
    best = yard.image(yard.piece(BEST))
    assert 2 <= clock_of(best) <= 4
    assert detail(best[BODY]) < detail(seen(3).frame.image[BODY]) / 8


def test_a_raising_that_is_the_best_view_is_not_kept_twice(yard):
    yard.watch(1, (RAISE, "1"))
    yard.watch(2, height=20)
    yard.watch(1, (CLEAR, "1"), height=20)
    assert yard.piece(BEST) is None
    assert yard.piece(CLEARED)


def test_who_is_cut_off_by_the_border_is_no_better_view(yard):
    yard.watch(1, (RAISE, "1"))
    yard.watch(1, foot=(160, HEIGHT), height=100)
    yard.watch(1, (CLEAR, "1"))
    assert yard.piece(BEST) is None


def test_a_best_view_waits_as_encoded_bytes_only(yard):
    yard.watch(1, (RAISE, "1"), height=20)
    yard.watch(2)
    (followed,) = yard.exhibits._followed.values()
    assert (followed.track, type(followed.jpeg)) == (TRACK, bytes)


def test_an_alert_without_an_object_has_pictures_and_a_clip(yard):
    yard.watch(5)
    yard.see(seen(yard.pts), (RAISE, "1"), sighting=None)
    yard.watch(1)
    yard.see(seen(yard.pts), (CLEAR, "1"), sighting=None)
    assert yard.log[0].HasField("evidence")
    assert yard.clip()
    assert yard.piece(CLEARED)
    assert yard.piece(BEST) is None


def test_a_thing_that_nobody_tracks_has_pictures_and_a_clip(yard):
    thing = Sighting(0, None, 0.0, (0.4, 0.4, 0.5, 0.5), (0.45, 0.5))
    yard.watch(5)
    yard.see(seen(yard.pts), (RAISE, "1"), sighting=thing)
    yard.watch(2)
    yard.see(seen(yard.pts), (CLEAR, "1"), sighting=thing)
    assert yard.log[0].HasField("evidence")
    assert yard.log[0].object.box.left == pytest.approx(0.4)
    assert yard.clip()
    assert yard.piece(CLEARED)
    assert yard.piece(BEST) is None


def test_beyond_a_bound_alerts_have_the_picture_of_their_moment_only(yard):
    keys = [str(n) for n in range(MOST_FOLLOWED + 1)]
    yard.watch(1)
    yard.watch(1, *[(RAISE, key) for key in keys])
    yard.watch(1, *[(CLEAR, key) for key in keys])
    assert all(one.HasField("evidence") for one in yard.log)
    assert yard.clip(-2)
    assert not yard.log[-1].more_evidence
    assert yard.files() == [".jpg", ".jpg", ".webm"]  # all of one moment share


def test_without_a_scene_there_is_no_evidence_and_nothing_is_kept_of_the_alert(yard):
    yard.watch(1)
    yard.journal.record([event(RAISE)], None)
    yard.journal.record([event(CLEAR)], None)
    yard.watch(1, (RAISE, "2"))
    yard.journal.record([event(CLEAR, key="2")], None)
    assert yard.told() == [("RAISED", "crossed"), ("CLEARED", "crossed")] * 2
    assert [bool(one.more_evidence) for one in yard.log] == [False, False, False, True]
    assert yard.exhibits._followed == {}


def test_without_clips_there_are_pictures(tmp_path):
    yard = Yard(tmp_path / "evidence", clips=None)
    yard.watch(1, (RAISE, "1"))
    yard.watch(1, (CLEAR, "1"))
    assert yard.files() == [".jpg", ".jpg"]


def test_a_full_disk_loses_evidence_and_no_event(small_disk):
    yard = Yard(small_disk / "evidence")
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    with capture_logs() as said, filled(small_disk):
        yard.watch(6)
        yard.watch(1, (RAISE, "2"))
        yard.watch(1, (CLEAR, "1"), (CLEAR, "2"))
    assert [state for state, _ in yard.told()] == ["RAISED", "RAISED", "CLEARED", "CLEARED"]
    assert not any(one.more_evidence for one in yard.log)
    assert sample(yard.metrics, "evidence_errors_total") >= 3
    assert len(said) == 1
    assert yard.files() == [".jpg"]


@pytest.mark.parametrize("failure", [ValueError("odd"), OSError(errno.EIO, "broken")])
@pytest.mark.parametrize("step", ["__init__", "add", "finish"])
def test_an_encoder_that_fails_loses_its_clip_and_no_event(tmp_path, monkeypatch, step, failure):
    def fails(*_arguments, **_options):
        raise failure

    yard = Yard(tmp_path / "evidence", clips=clips(type("Broken", (ClipEncoder,), {step: fails})))
    yard.watch(5)
    yard.watch(6, (RAISE, "1"))
    yard.watch(1, (CLEAR, "1"))
    assert yard.told() == [("RAISED", "crossed"), ("CLEARED", "crossed")]
    assert yard.clip() is None
    assert yard.piece(CLEARED)
    assert sample(yard.metrics, "evidence_errors_total") == 1
    assert yard.exhibits._filming["gate"].alerts == []


def test_a_clip_that_a_stop_cuts_short_leaves_nothing_behind(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    del yard.journal, yard.exhibits
    assert yard.files() == [".jpg"]


def test_a_clip_of_an_alert_that_never_came_to_be_is_not_kept(yard):
    yard.watch(5)
    yard.watch(1, (RAISE, "1"))
    yard.exhibits.forget(yard.log[0].alert_id)
    yard.watch(6)
    assert yard.files() == [".jpg"]
