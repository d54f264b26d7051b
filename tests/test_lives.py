"""What becomes of alerts besides their rules: acknowledged by people, risen by time."""

import time
from itertools import count
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.alarms import MOST_CALLS
from edge.errors import OutboxError, Refusal, RefusalError
from edge.events.ladder import MOST, Ladder
from edge.lives import Lives, lives_for
from edge.metrics import Metrics
from edge.orders import Acknowledgement, AcknowledgeRequest
from edge.rpc import event_pb2 as pb
from edge.settings_life import Escalation
from edge.types import Grade, State
from tests.events.make_events import (
    CLEARED,
    NOW,
    ORIGIN,
    RAISED,
    UPDATED,
    FakeClock,
    event,
    open_journal,
    open_outbox,
    read_all,
    sample,
)
from tests.make_controls import latest

AFTER_S = (60.0, 300.0, 900.0)


class Log:
    """What is stored; takes nothing while it is full."""

    def __init__(self):
        self.kept, self.full = [], False

    def append(self, events):
        if self.full:
            raise OutboxError("the disk is full", "free space on it")
        self.kept += [pb.Event.FromString(one.SerializeToString()) for one in events]
        return events

    def open_alerts(self):
        return []

    def latest(self, alert_id):
        return latest(self.kept, alert_id)


class Desk:
    """A journal, and the lives of its alerts, by one clock that a test moves."""

    def __init__(self, log=None, *, ladder=None, now=NOW):
        self.log, self.clock, self.metrics = log or Log(), FakeClock(now), Metrics()
        self.lives = Lives(ladder, metrics=self.metrics, clock=self.clock, monotonic=self.clock)
        ids = count()
        self.journal = open_journal(
            self.log,
            clock=self.clock,
            metrics=self.metrics,
            committed=[self.lives.heed],
            new_id=lambda _time: f"id-{now:.0f}-{next(ids)}",
        )

    def happens(self, state=State.RAISED, key="1", **fields):
        """An event of a rule; the id of its alert."""
        made = event(state, key=key, at=self.clock.now, **fields)
        before = self.journal.alert_id(made)
        self.journal.record([made], None)
        return before or self.journal.alert_id(made)

    def turn(self, seconds=0.0):
        self.clock.now += seconds
        self.lives.turn(self.journal)

    def ask(self, alert_id, **fields):
        return self.lives.ask(AcknowledgeRequest(alert_id, **{"who": "lead"} | fields))

    def told(self, alert_id):
        """State, reason and level of the alert's events."""
        kept = [one for one in self.log.kept if one.alert_id == alert_id]
        return [(one.state, one.reason, one.level) for one in kept]


@pytest.fixture
def desk():
    return Desk()


def rising(**options):
    return Desk(ladder=Ladder([Grade.YELLOW, Grade.RED], AFTER_S), **options)


def reason(future):
    error = future.exception(timeout=0)
    return None if error is None else error.reason


# --- acknowledged


def test_an_acknowledgement_is_answered_when_it_is_stored_and_not_before(desk):
    alert = desk.happens()
    asked = desk.ask(alert, note="two men, guard sent")
    assert not asked.done()
    desk.turn(5.0)
    assert asked.result(timeout=0) == Acknowledgement("lead", "two men, guard sent", NOW + 5)
    last = desk.log.kept[-1]
    assert (last.state, last.reason, last.level) == (UPDATED, "acknowledged", 1)
    assert (last.acknowledgement.who, last.acknowledgement.note) == ("lead", "two men, guard sent")
    assert last.acknowledgement.time == last.detect_time
    assert len({one.event_id for one in desk.log.kept}) == 2


def test_all_that_follows_tells_of_it_and_what_was_before_does_not(desk):
    alert, other = desk.happens(), desk.happens(key="2")
    desk.ask(alert)
    desk.turn()
    for state in (State.UPDATED, State.CLEARED):
        desk.happens(state)
        desk.happens(state, key="2")
    mine = [one for one in desk.log.kept if one.alert_id == alert]
    assert [one.acknowledgement.who for one in mine] == ["", "lead", "lead", "lead"]
    assert not any(one.HasField("acknowledgement") for one in desk.log.kept if one not in mine)
    assert len(desk.told(other)) == 3


def test_an_alert_that_is_cleared_can_be_acknowledged_and_stays_cleared(desk):
    alert = desk.happens()
    desk.happens(State.CLEARED)
    desk.ask(alert)
    desk.turn()
    assert desk.told(alert)[1:] == [(CLEARED, "crossed", 1), (CLEARED, "acknowledged", 1)]


def test_what_becomes_of_an_alert_is_told_in_its_present_grade_and_when_it_is_over_in_its_last():
    desk = rising()
    desk.happens()
    over = desk.happens(key="2")
    desk.happens(State.CLEARED, key="2")
    desk.journal.reconfigure(ORIGIN, {("gate", "fence"): Grade.YELLOW})
    desk.turn(60.0)
    told = [(one.alert_id == over, one.reason, one.grade) for one in desk.log.kept[3:]]
    assert told == [(False, "escalated", pb.GRADE_YELLOW), (True, "escalated", pb.GRADE_RED)]


def test_the_next_alert_of_the_rule_is_not_acknowledged(desk):
    alert = desk.happens()
    desk.ask(alert)
    desk.turn()
    desk.happens(State.CLEARED)
    desk.happens()
    assert not desk.log.kept[-1].HasField("acknowledgement")


def test_acknowledged_again_nothing_changes_and_the_first_is_answered(desk):
    alert = desk.happens()
    first = desk.ask(alert)
    desk.turn()
    again = desk.ask(alert, who="tower", note="me too")
    desk.turn(60.0)
    assert again.result(timeout=0) == first.result(timeout=0)
    assert len(desk.told(alert)) == 2


def test_a_request_that_comes_again_is_answered_the_same(desk):
    alert = desk.happens()
    asked = desk.ask(alert, request_id="r1")
    assert desk.ask(alert, request_id="r1") is asked
    desk.turn()
    assert desk.ask(alert, request_id="r1").result(timeout=0) == asked.result(timeout=0)
    with pytest.raises(RefusalError) as caught:
        desk.ask(alert, request_id="r1", note="something else")
    assert caught.value.reason == "REQUEST_ID_REUSED"


def test_an_alert_that_is_not_there_is_not_acknowledged(desk):
    asked = desk.ask("nonsense")
    desk.turn()
    assert reason(asked) == "NO_SUCH_ALERT"
    assert asked.exception().kind is Refusal.NOT_FOUND


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"who": ""}, "NO_WHO"),
        ({"who": "a" * 65}, "BAD_TEXT"),
        ({"note": "a" * 201}, "BAD_TEXT"),
        ({"note": "a\nb"}, "BAD_TEXT"),
        ({"request_id": "a" * 65}, "BAD_TEXT"),
    ],
)
def test_what_makes_no_sense_is_refused(desk, fields, why):
    with pytest.raises(RefusalError) as caught:
        desk.ask("a", **fields)
    assert (caught.value.kind, caught.value.reason) == (Refusal.INVALID, why)


def test_while_the_disk_takes_nothing_it_is_refused_and_may_be_asked_again(desk):
    alert = desk.happens()
    desk.log.full = True
    asked = desk.ask(alert, request_id="r1")
    desk.turn()
    assert (reason(asked), asked.exception().kind) == ("STORE_FAILED", Refusal.LATER)
    desk.log.full = False
    desk.happens(State.UPDATED)
    assert not desk.log.kept[-1].HasField("acknowledgement")
    again = desk.ask(alert, request_id="r1")
    desk.turn()
    assert again.result(timeout=0).who == "lead"


def test_what_waits_for_the_disk_is_stored_before_it_is_acknowledged(desk):
    desk.log.full = True
    alert = desk.happens()
    early = desk.ask(alert)
    desk.turn()
    desk.log.full = False
    asked = desk.ask(alert)
    desk.turn()
    assert (reason(early), reason(asked)) == ("STORE_FAILED", None)
    assert desk.told(alert) == [(RAISED, "crossed", 1), (UPDATED, "acknowledged", 1)]


def test_not_more_than_so_many_wait(desk):
    for _ in range(MOST_CALLS):
        desk.ask("a")
    with pytest.raises(RefusalError) as caught:
        desk.ask("a")
    assert caught.value.reason == "TOO_MANY_CALLS"


def test_whoever_waits_when_the_service_stops_is_told_so(desk):
    asked = desk.ask("a")
    desk.lives.close()
    assert reason(asked) == "SHUTTING_DOWN"
    with pytest.raises(RefusalError) as caught:
        desk.ask("a")
    assert caught.value.reason == "SHUTTING_DOWN"


# --- risen


def test_an_alert_rises_and_all_that_follows_tells_its_level():
    desk = rising()
    alert = desk.happens()
    desk.turn(59.0)
    desk.turn(1.0)
    desk.happens(State.UPDATED)
    desk.turn(240.0)
    desk.happens(State.CLEARED)
    assert desk.told(alert) == [
        (RAISED, "crossed", 1),
        (UPDATED, "escalated", 2),
        (UPDATED, "crossed", 2),
        (UPDATED, "escalated", 3),
        (CLEARED, "crossed", 3),
    ]


def test_an_alert_that_is_cleared_rises_and_stays_cleared():
    desk = rising()
    alert = desk.happens()
    desk.happens(State.CLEARED)
    desk.turn(60.0)
    assert desk.told(alert)[2:] == [(CLEARED, "escalated", 2)]


def test_an_acknowledged_alert_keeps_its_level():
    desk = rising()
    alert = desk.happens()
    desk.turn(60.0)
    desk.ask(alert)
    desk.turn(1.0)
    desk.turn(3600.0)
    desk.happens(State.CLEARED)
    assert desk.told(alert)[2:] == [(UPDATED, "acknowledged", 2), (CLEARED, "crossed", 2)]


def test_without_the_section_nothing_rises(desk):
    alert = desk.happens()
    desk.turn(86_400.0)
    assert desk.told(alert) == [(RAISED, "crossed", 1)]
    assert lives_for(None, None, Metrics())._ladder is None


def test_while_the_disk_takes_nothing_it_rises_later():
    desk = rising()
    alert = desk.happens()
    desk.log.full = True
    desk.turn(60.0)
    desk.turn(10.0)
    assert len(desk.told(alert)) == 1
    desk.log.full = False
    desk.turn(1.0)
    desk.turn(1.0)
    assert desk.told(alert)[1:] == [(UPDATED, "escalated", 2)]


def test_an_alert_that_was_given_up_does_not_rise():
    desk = rising()
    desk.journal.committer._pending._most = 0
    desk.log.full = True
    desk.happens()
    desk.log.full = False
    desk.turn(3600.0)
    assert desk.log.kept == []


def test_too_many_that_wait_are_counted():
    desk = Desk(ladder=Ladder([Grade.RED], AFTER_S, most=2))
    for key in "abc":
        desk.happens(key=key)
    desk.turn()
    assert sample(desk.metrics, "escalations_dropped_total") == 1


def test_the_time_it_rises_counts_from_when_it_was_raised_also_where_that_is_stored_later():
    desk = rising()
    desk.log.full = True
    alert = desk.happens()
    desk.clock.now += 50.0
    desk.log.full = False
    desk.journal.retry()
    desk.turn(10.0)
    assert desk.told(alert)[1:] == [(UPDATED, "escalated", 2)]


# --- after a restart


def restarted(folder, steps, now):
    """A desk on an outbox of the disk, as `app` makes it; `steps` happen while it runs."""
    with open_outbox(folder, clock=FakeClock(now)) as outbox:
        ladder = Ladder([Grade.RED], AFTER_S)
        desk = Desk(outbox, ladder=ladder, now=now)
        desk.lives.resume(outbox)
        desk.journal.reconcile()
        result = steps(desk)
        return result, read_all(outbox)


def test_after_a_restart_alerts_go_on_rising_and_those_acknowledged_do_not(tmp_path):
    def before(desk):
        one, two = desk.happens(key="1"), desk.happens(key="2")
        desk.turn(60.0)
        desk.ask(two)
        desk.turn()
        return one, two

    def after(desk):
        desk.turn(0.0)
        desk.turn(200.0)
        desk.turn(1.0)

    (one, two), _ = restarted(tmp_path, before, NOW)
    _, events = restarted(tmp_path, after, NOW + 100.0)
    told = [(e.state, e.reason, e.level) for e in events if e.alert_id == one]
    assert told == [
        (RAISED, "crossed", 1),
        (UPDATED, "escalated", 2),
        (CLEARED, "restart", 2),
        (CLEARED, "escalated", 3),
    ]
    reasons = [e.reason for e in events if e.alert_id == two]
    assert reasons == ["crossed", "escalated", "acknowledged", "restart"]


def test_after_a_restart_an_alert_of_before_can_be_acknowledged(tmp_path):
    alert, _ = restarted(tmp_path, lambda desk: desk.happens(), NOW)

    def acknowledge(desk):
        asked = desk.ask(alert)
        desk.turn()
        return asked.result(timeout=0)

    first, events = restarted(tmp_path, acknowledge, NOW + 60)
    assert (events[-1].state, events[-1].reason) == (CLEARED, "acknowledged")
    assert restarted(tmp_path, acknowledge, NOW + 120)[0] == first


def raised_message(name, *, grade=pb.GRADE_RED, **fields):
    made = pb.Event(event_id=name, alert_id=name, state=RAISED, grade=grade, **fields)
    made.detect_time.FromMicroseconds(round(NOW * 1e6))
    return made


def test_after_a_restart_all_that_wait_rise_however_many_were_raised_since(tmp_path):
    """The first is older than 1,500 others, which do not wait: blue, acknowledged, or risen."""
    others = [
        *(raised_message(f"blue-{n}", grade=pb.GRADE_BLUE) for n in range(500)),
        *(raised_message(f"seen-{n}", acknowledgement={"who": "lead"}) for n in range(500)),
        *(raised_message(f"risen-{n}", level=4) for n in range(500)),
    ]
    with open_outbox(tmp_path, clock=FakeClock(NOW), rows=10_000, size=2**24) as outbox:
        outbox.append([raised_message("first"), *others, raised_message("last")])
        desk = Desk(outbox, ladder=Ladder([Grade.RED], AFTER_S), now=NOW + 100)
        desk.lives.resume(outbox)
        desk.turn()
        told = [(e.alert_id, e.level) for e in outbox.read(len(others) + 2)]
    assert told == [("first", 2), ("last", 2)]


def test_of_too_many_that_wait_the_newest_rise(tmp_path):
    with open_outbox(tmp_path, clock=FakeClock(NOW), rows=10_000, size=2**24) as outbox:
        outbox.append([raised_message(f"a-{n}") for n in range(MOST + 450)])
        ladder = Ladder([Grade.RED], AFTER_S)
        Desk(outbox, ladder=ladder, now=NOW + 100).lives.resume(outbox)
    assert [name for name, _ in ladder.due(NOW + 100)] == [f"a-{n + 450}" for n in range(MOST)]


def test_the_wiring_resumes_what_the_outbox_has(tmp_path):
    now = time.time() - 100
    restarted(tmp_path, lambda desk: desk.happens(), now)
    with open_outbox(tmp_path) as outbox:
        lives = lives_for(Escalation(after_s=(60.0,)), outbox, Metrics())
        told = []
        record = SimpleNamespace(latest=outbox.latest, tell=told.append)
        lives.turn(record)
    assert [(one.reason, one.level) for one in told] == [("escalated", 2)]


# --- against an obvious reference


class World:
    """A desk and, by hand, when each alert was raised and what level it had when acknowledged."""

    def __init__(self):
        self.desk, self.current, self.raised, self.stopped = rising(), {}, {}, {}

    def step(self, what, key):
        """One thing happens; while the disk takes nothing only time passes."""
        if what in {"fill", "empty"}:
            self.desk.log.full = what == "fill"
        elif not self.desk.log.full:
            getattr(self, what)(key)

    def begin(self, key):
        if key not in self.current:
            self.current[key] = self.desk.happens(key=key)
            self.raised[self.current[key]] = self.desk.clock.now

    def update(self, key):
        if key in self.current:
            self.desk.happens(State.UPDATED, key=key)

    def clear(self, key):
        if key in self.current:
            self.desk.happens(State.CLEARED, key=key)
            del self.current[key]

    def acknowledge(self, _key):
        if self.raised:
            oldest = next(iter(self.raised))
            self.stopped.setdefault(oldest, self.level(oldest))
            self.desk.ask(oldest)

    def wait(self, _key):
        pass

    def level(self, alert):
        passed = self.desk.clock.now - self.raised[alert]
        return self.stopped.get(alert, 1 + sum(passed >= after_s for after_s in AFTER_S))

    def check(self):
        for alert in self.raised:
            told = self.desk.told(alert)
            levels = [level for _, _, level in told]
            rises = [at for at, (_, reason, _) in enumerate(told) if reason == "escalated"]
            assert rises == [at for at in range(1, len(told)) if levels[at] > levels[at - 1]]
            assert [state for state, _, _ in told] == sorted(state for state, _, _ in told)
            if not self.desk.log.full:
                assert levels[-1] == self.level(alert)


THINGS = ["begin", "update", "clear", "acknowledge", "wait", "fill", "empty"]
STEPS = st.lists(
    st.tuples(st.sampled_from(THINGS), st.sampled_from("ab"), st.integers(0, 400)), max_size=30
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_at_all_times_the_level_is_what_the_time_since_it_was_raised_says(steps):
    world = World()
    for what, key, seconds in steps:
        world.step(what, key)
        world.desk.turn(0.0)
        world.desk.turn(float(seconds))
        world.check()
