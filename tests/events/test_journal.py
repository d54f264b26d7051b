"""The journal: alerts live RAISED, UPDATED, CLEARED, and wait where the disk takes none."""

import errno
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from edge.errors import OutboxError
from edge.events.draft import Draft
from edge.events.evidence import EvidenceStore
from edge.events.ids import replay_ids
from edge.rpc import event_pb2 as pb
from edge.types import Clock, Grade, State
from tests.events.make_events import (
    CLEARED,
    GRADES,
    NOW,
    ORIGIN,
    RAISED,
    UPDATED,
    FakeClock,
    degraded,
    event,
    filled,
    open_journal,
    open_outbox,
    read_all,
    sample,
    scene,
    sequences,
)

LIFE = [State.RAISED, State.UPDATED, State.CLEARED]


class FakeLog:
    """An outbox that can be told to fail."""

    def __init__(self, *still_open):
        self.batches, self.still_open, self.failing = [], list(still_open), False

    def append(self, events):
        if self.failing:
            raise OutboxError("the outbox x can't be used: the disk is full", "free space on it")
        self.batches.append(list(events))
        return list(events)

    def open_alerts(self):
        return self.still_open

    @property
    def events(self):
        return [one for batch in self.batches for one in batch]


class FakePictures:
    def __init__(self, failure=None):
        self.failure, self.scenes, self.swept = failure, [], 0

    def write(self, seen, role):
        if self.failure:
            raise self.failure
        self.scenes.append(seen)
        return pb.Evidence(evidence_id=f"picture-{len(self.scenes)}", role=role)

    def sweep(self):
        self.swept += 1
        if self.failure:
            raise self.failure


@pytest.fixture
def log():
    return FakeLog()


def states(events):
    return [one.state for one in events]


def test_an_alert_has_one_id_for_its_life(log):
    journal = open_journal(log)
    for state in LIFE:
        journal.record([event(state)], scene())
    assert states(log.events) == [RAISED, UPDATED, CLEARED]
    assert len({one.alert_id for one in log.events}) == 1
    assert len({one.event_id for one in log.events}) == 3


def test_a_key_is_used_anew_by_the_next_alert(log):
    journal = open_journal(log)
    for state in LIFE * 2:
        journal.record([event(state)], scene())
    assert len({one.alert_id for one in log.events}) == 2


def test_alerts_are_told_apart_by_camera_rule_and_key(log):
    grades = GRADES | {("gate", "loading"): GRADES["gate", "fence"]}
    journal = open_journal(log, grades=grades)
    one, two, three = event(), event(key="2"), event(rule="loading")
    four = event(camera="yard", rule="loading")
    journal.record([one, two, three, four], scene())
    assert len({message.alert_id for message in log.events}) == 4
    assert states(log.events) == [RAISED] * 4


def test_an_alert_goes_on_under_another_configuration_and_says_so(log):
    journal = open_journal(log)
    journal.record([event()], scene())
    changed = replace(ORIGIN, config_revision="r2")
    journal.reconfigure(changed, GRADES | {("gate", "fence"): Grade.BLUE})
    journal.record([event(State.UPDATED)], scene())
    raised, updated = log.events
    assert raised.alert_id == updated.alert_id
    assert (raised.config_revision, updated.config_revision) == ("r1", "r2")
    assert updated.grade == pb.GRADE_BLUE


def test_the_events_of_a_frame_are_one_transaction(log):
    journal = open_journal(log)
    journal.record([event(key=str(n)) for n in range(250)], scene())
    assert [len(batch) for batch in log.batches] == [250]


def test_a_frame_without_events_touches_no_disk(log):
    open_journal(log).record([], scene())
    assert log.batches == []


def test_what_the_box_knows_is_in_the_message(log):
    journal = open_journal(log, clock=FakeClock(NOW + 0.5))
    journal.record([event()], scene())
    (made,) = log.events
    assert made.grade == pb.GRADE_RED
    assert made.site == "quarry"
    assert made.capture_time.ToMilliseconds() == NOW * 1000
    assert made.detect_time.ToMilliseconds() == NOW * 1000 + 500


@pytest.mark.parametrize("state", [State.UPDATED, State.CLEARED])
def test_nothing_happens_to_an_alert_that_was_never_raised_and_it_is_said_once(log, state):
    journal = open_journal(log)
    with capture_logs() as said:
        journal.record([event(state)], scene())
        journal.record([event(state)], scene())
    assert log.events == []
    assert len(said) == 1


def test_an_alert_that_is_raised_twice_goes_on_under_its_id(log):
    journal = open_journal(log)
    with capture_logs() as said:
        for state in (State.RAISED, State.RAISED, State.CLEARED):
            journal.record([event(state)], scene())
    assert states(log.events) == [RAISED, UPDATED, CLEARED]
    assert len({one.alert_id for one in log.events}) == 1
    assert len(said) == 1


def test_the_picture_of_the_raising_goes_with_the_whole_alert(log):
    journal = open_journal(log, FakePictures())
    for state in LIFE:
        journal.record([event(state)], scene())
    assert [one.evidence.evidence_id for one in log.events] == ["picture-1"] * 3
    assert [len(one.more_evidence) for one in log.events] == [0, 0, 1]
    assert log.events[-1].more_evidence[0].role == pb.EVIDENCE_ROLE_CLEARED


def test_alerts_of_one_frame_share_its_picture(log):
    pictures = FakePictures()
    open_journal(log, pictures).record([event(), event(key="2")], scene())
    assert len(pictures.scenes) == 1
    assert [one.evidence.evidence_id for one in log.events] == ["picture-1"] * 2


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left"), ValueError("odd")])
def test_an_event_goes_out_without_a_picture_that_can_not_be_stored(log, metrics, failure):
    journal = open_journal(log, FakePictures(failure), metrics=metrics)
    with capture_logs() as said:
        journal.record([event()], scene())
        journal.record([event(key="2")], scene())
    assert states(log.events) == [RAISED, RAISED]
    assert not any(one.HasField("evidence") for one in log.events)
    assert sample(metrics, "evidence_errors_total") == 2
    assert len(said) == 1


def test_committed_events_are_counted(log, metrics):
    journal = open_journal(log, metrics=metrics)
    for state in LIFE:
        journal.record([event(state)], scene())
    for state in ("raised", "updated", "cleared"):
        labels = {"camera": "gate", "rule": "fence", "state": state}
        assert sample(metrics, "events_total", **labels) == 1


def test_events_wait_in_their_order_while_the_disk_takes_none(log, metrics):
    journal = open_journal(log, metrics=metrics)
    journal.record([event()], scene())
    log.failing = True
    journal.record([event(State.UPDATED)], scene())
    journal.record([event(State.CLEARED), event(key="2")], scene())
    assert (len(log.events), journal.pending) == (1, 3)
    assert "the disk is full; free space" in journal.failing
    log.failing = False
    journal.record([event(State.UPDATED, key="2")], scene())
    assert states(log.events) == [RAISED, UPDATED, CLEARED, RAISED, UPDATED]
    assert (journal.pending, journal.failing) == (0, "")
    assert not sample(metrics, "events_refused_total")


def test_waiting_events_are_stored_though_no_more_frames_come(log):
    log.failing = True
    journal = open_journal(log)
    journal.record([event()], scene())
    log.failing = False
    journal.retry()
    assert states(log.events) == [RAISED]
    assert journal.failing == ""


def test_failing_and_recovering_are_each_said_once(log):
    journal = open_journal(log)
    with capture_logs() as said:
        log.failing = True
        for n in range(5):
            journal.record([event(key=str(n))], scene())
        log.failing = False
        journal.retry()
        journal.retry()
    assert [one["event"] for one in said] == ["events can't be stored", "events are stored again"]


def test_a_long_outage_is_stored_in_small_batches(log):
    log.failing = True
    journal = open_journal(log)
    for n in range(950):
        journal.record([event(key=str(n))], scene())
    log.failing = False
    journal.retry()
    assert len(log.events) == 950
    assert max(len(batch) for batch in log.batches) <= 100


def test_beyond_the_bound_updates_are_refused_and_counted(log, metrics):
    journal = open_journal(log, metrics=metrics, most_pending=5)
    log.failing = True
    journal.record([event()], scene())
    for _ in range(20):
        journal.record([event(State.UPDATED)], scene())
    journal.record([event(State.CLEARED)], scene())
    log.failing = False
    journal.retry()
    assert states(log.events) == [RAISED, UPDATED, UPDATED, UPDATED, CLEARED]
    assert sample(metrics, "events_refused_total") == 17


def test_an_alert_that_was_refused_whole_leaves_no_loose_end(log, metrics):
    journal = open_journal(log, metrics=metrics, most_pending=2)
    log.failing = True
    for key in "123":
        journal.record([event(key=key)], scene())
    log.failing = False
    journal.record([event(State.CLEARED, key=key) for key in "123"], scene())
    assert states(log.events) == [RAISED, RAISED, CLEARED, CLEARED]
    assert sample(metrics, "events_refused_total") == 1


def test_what_a_restart_left_open_is_cleared(tmp_path):
    clock = FakeClock()
    with open_outbox(tmp_path, clock=clock) as outbox:
        journal = open_journal(outbox, FakePictures())
        by_camera = {"clock": Clock.RTCP, "clock_offset_s": 0.5}
        journal.record([event(**by_camera), event(key="2")], scene())
        journal.record([event(State.CLEARED, key="2")], scene())
        raised = outbox.read(0)[0]
    clock.now += 100
    with open_outbox(tmp_path, clock=clock) as outbox:
        origin = replace(ORIGIN, config_revision="r2")
        open_journal(outbox, clock=clock, origin=origin, new_id=replay_ids("next")).reconcile()
        (cleared,) = outbox.read(3)
        assert outbox.open_alerts() == []
    assert (cleared.state, cleared.reason, cleared.sequence) == (CLEARED, "restart", 4)
    assert cleared.event_id != raised.event_id
    for same in ("alert_id", "camera", "rule", "kind", "grade", "site", "status", "object"):
        assert getattr(cleared, same) == getattr(raised, same), same
    assert cleared.evidence == raised.evidence
    assert (raised.config_revision, cleared.config_revision) == ("r1", "r2")
    for time in (cleared.capture_time, cleared.detect_time, cleared.publish_time):
        assert time.ToSeconds() == NOW + 100
    assert cleared.clock_source == pb.CLOCK_SOURCE_ARRIVAL
    assert raised.HasField("clock_offset")
    assert not cleared.HasField("clock_offset")


def test_an_alert_of_the_box_itself_lives_without_camera_or_picture(log, metrics):
    pictures = FakePictures()
    journal = open_journal(log, pictures, metrics=metrics)
    journal.record([event()], scene())
    for state, reason in zip(LIFE, ("overloaded", "detector_hangs", "restored"), strict=True):
        journal.record([degraded(state, reason)], None)
    journal.record([event(State.CLEARED)], scene())
    told = [one for one in log.events if not one.camera]
    assert [(one.state, one.reason) for one in told] == [
        (RAISED, "overloaded"),
        (UPDATED, "detector_hangs"),
        (CLEARED, "restored"),
    ]
    assert len({one.alert_id for one in told}) == 1
    assert not any(one.HasField("evidence") or one.more_evidence for one in told)
    assert all(one.grade == pb.GRADE_BLUE for one in told)
    labels = {"camera": "", "rule": "box-degraded", "state": "raised"}
    assert sample(metrics, "events_total", **labels) == 1
    assert states(log.events) == [RAISED, RAISED, UPDATED, CLEARED, CLEARED]


def test_an_alert_of_the_box_that_a_restart_left_open_is_cleared(tmp_path):
    with open_outbox(tmp_path) as outbox:
        open_journal(outbox).record([degraded()], None)
    with open_outbox(tmp_path) as outbox:
        (listed,) = outbox.alerts(limit=9, open_only=True)[0]
        open_journal(outbox, new_id=replay_ids("next")).reconcile()
        (cleared,) = outbox.read(1)
        assert outbox.open_alerts() == []
    assert (listed.kind, listed.camera) == (pb.KIND_DEGRADED, "")
    assert (cleared.kind, cleared.camera, cleared.grade) == (pb.KIND_DEGRADED, "", pb.GRADE_BLUE)
    assert (cleared.state, cleared.reason) == (CLEARED, "restart")
    assert cleared.alert_id == listed.alert_id


def test_reconciling_twice_clears_once(outbox):
    open_journal(outbox).record([event()], scene())
    for _ in range(2):
        open_journal(outbox, new_id=replay_ids("x")).reconcile()
    assert states(outbox.read(0)) == [RAISED, CLEARED]


def test_what_a_restart_left_open_is_cleared_once_the_disk_takes_it():
    log = FakeLog(pb.Event(alert_id="a", camera="gate", rule="fence", state=UPDATED))
    log.failing = True
    journal = open_journal(log)
    journal.reconcile()
    assert journal.failing
    log.failing = False
    journal.record([event()], scene())
    assert states(log.events) == [CLEARED, RAISED]


def test_a_quiet_box_forgets_too(log):
    clock, pictures = FakeClock(), FakePictures()
    journal = open_journal(log, pictures, clock=clock)
    for _ in range(300):
        clock.now += 1
        journal.record([], scene())
    assert pictures.swept == 5
    assert log.batches == [[]] * 5
    clock.now -= 1_000
    journal.retry()
    assert pictures.swept == 6


def test_a_disk_that_fails_while_sweeping_stops_nothing(log, metrics):
    clock = FakeClock()
    journal = open_journal(log, FakePictures(OSError("I/O")), clock=clock, metrics=metrics)
    log.failing = True
    clock.now += 100
    journal.retry()
    assert sample(metrics, "evidence_errors_total") == 1


def test_a_replay_gives_the_same_messages_each_time():
    def replayed():
        log, clock = FakeLog(), FakeClock()
        journal = open_journal(log, clock=clock, new_id=replay_ids("r1"))
        for n, state in enumerate(LIFE * 3):
            clock.now = NOW + n
            journal.record([event(state, at=clock.now)], scene())
        return [one.SerializeToString() for one in log.events]

    assert replayed() == replayed()


def test_a_full_disk_costs_no_event_and_no_order(small_disk, metrics):
    store = EvidenceStore(small_disk / "evidence", max_bytes=2**20, max_age_s=100, reserve_bytes=0)
    with open_outbox(small_disk) as outbox:
        journal = open_journal(outbox, store, metrics=metrics, clock=FakeClock())
        journal.record([event(key="0")], scene())
        with filled(small_disk):
            given = 1
            while not journal.failing:
                journal.record([event(key=str(given))], scene())
                given += 1
            for number in range(given):
                journal.record([event(State.CLEARED, key=str(number))], scene())
            assert journal.pending >= given
        journal.record([event(key="last")], scene())
        kept = read_all(outbox)
    assert journal.failing == ""
    assert sequences(kept) == list(range(1, 2 * given + 2))
    assert states(kept) == [RAISED] * given + [CLEARED] * given + [RAISED]
    assert [one.alert_id for one in kept[:given]] == [one.alert_id for one in kept[given:-1]]
    assert not list((small_disk / "evidence").glob("*.part"))


def test_a_clip_of_an_alert_that_cannot_be_worded_keeps_no_other_event_from_being_stored(log):
    def unsaid():
        raise KeyError("a defect")

    journal = open_journal(log)
    journal.record([event()], None)
    (alert,) = journal._open.values()
    alert.last = Draft(alert.alert_id, State.UPDATED, unsaid, ())
    assert journal._goes_on({alert.alert_id: pb.Evidence()}, []) == []
    journal.record([event(State.CLEARED)], None)
    assert [one.state for one in log.events] == [pb.STATE_RAISED, pb.STATE_CLEARED]
