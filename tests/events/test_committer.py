"""The committer's thread: who records waits for no disk, and nothing changes but that."""

import threading

import pytest

from edge.errors import OutboxError
from edge.events.committer import Committer
from edge.types import State
from tests.events.make_events import (
    CLEARED,
    RAISED,
    event,
    eventually,
    message,
    messages,
    open_journal,
    sample,
    sequences,
)


class SlowLog:
    """An outbox whose disk takes its time, or takes nothing, as the test says."""

    def __init__(self):
        self.transactions, self.failing = [], None
        self.may, self.asked = threading.Event(), threading.Event()

    def append(self, events):
        self.asked.set()
        assert self.may.wait(10)
        if self.failing:
            raise self.failing
        if events:
            self.transactions.append([one.event_id for one in events])
        return list(events)

    def open_alerts(self):
        return []

    def latest(self, alert_id):
        return None

    @property
    def stored(self):
        return [one for transaction in self.transactions for one in transaction]


@pytest.fixture
def log():
    return SlowLog()


@pytest.fixture
def committer(log):
    made = Committer(log, 10)
    made.start()
    yield made
    log.may.set()
    made.stop()
    made.join(10)
    assert not made.is_alive()


def ids(events):
    return [one.event_id for one in events]


def test_putting_waits_for_no_disk_and_the_next_transaction_takes_all_that_came(log, committer):
    first, *others = (messages(2) for _ in range(4))
    committer.put(first)
    log.asked.wait(10)
    for events in others:
        committer.put(events)
    assert committer.pending == 8
    assert committer.heard() == ([], [])
    log.may.set()
    eventually(lambda: not committer.pending)
    assert log.transactions == [ids(first), ids([one for batch in others for one in batch])]


def test_what_was_committed_is_heard_once(log, committer):
    log.may.set()
    events = messages(3)
    committer.put(events)
    eventually(lambda: log.stored)
    committer.commit()
    assert committer.heard() == (events, [])
    assert committer.heard() == ([], [])


def test_whoever_asks_for_it_has_it_on_the_disk(log, committer):
    log.may.set()
    for _ in range(50):
        events = messages(1)
        committer.put(events)
        committer.commit()
        assert log.stored[-1] == events[0].event_id
        assert committer.pending == 0


def test_a_disk_that_takes_nothing_is_tried_again_by_itself(log, committer):
    log.may.set()
    log.failing = OutboxError("the disk is full")
    events = messages(4)
    committer.put(events[:2])
    eventually(lambda: committer.failing)
    committer.put(events[2:])
    assert committer.pending == 4
    log.failing = None
    eventually(lambda: not committer.pending)
    assert log.stored == ids(events)
    eventually(lambda: not committer.failing)


def test_nothing_of_an_alert_that_was_given_up_follows(log, committer):
    log.may.set()
    log.failing = OutboxError("the disk is full")
    raised = [message(f"alert-{n}") for n in range(13)]
    committer.put(raised)
    eventually(lambda: committer.failing)
    committer.put([message("alert-0", CLEARED), message("alert-12", CLEARED)])
    log.failing = None
    eventually(lambda: not committer.pending)
    done, refused = committer.heard()
    kept = {one.alert_id for one in done}
    assert {one.alert_id for one in done if one.state == RAISED} == kept
    assert {one.alert_id for one in refused} == {f"alert-{n}" for n in range(13)} - kept
    assert len(done) + len(refused) == 15


def test_a_disk_that_hangs_lets_the_queue_grow_to_a_bound(log, committer, monkeypatch):
    monkeypatch.setattr("edge.events.committer.MOST", 20)
    committer.put(messages(1))
    log.asked.wait(10)
    for _ in range(10):
        committer.put(messages(10))
    assert committer.pending <= 10 + 20 + 1
    log.may.set()
    eventually(lambda: not committer.pending)
    done, refused = committer.heard()
    assert len(done) + len(refused) == 101
    assert ids(done) == log.stored


def test_an_error_that_nobody_foresaw_loses_nothing(log, committer):
    log.may.set()
    log.failing = ValueError("a defect")
    events = messages(2)
    committer.put(events)
    eventually(lambda: "a defect" in committer.failing)
    log.failing = None
    eventually(lambda: not committer.pending)
    assert log.stored == ids(events)


def test_before_the_start_and_after_the_stop_whoever_puts_commits(log):
    log.may.set()
    made = Committer(log, 10)
    first, last = messages(1), messages(1)
    made.put(first)
    assert log.stored == ids(first)
    made.start()
    made.stop()
    made.put(last)
    made.join(10)
    assert log.stored == ids(first + last)
    assert made.heard()[0] == first + last


def test_a_journal_tells_of_what_is_committed_with_its_next_call(outbox, metrics):
    told = []
    journal = open_journal(outbox, metrics=metrics, committed=[told.extend])
    journal.committer.start()
    try:
        for number in range(20):
            journal.record([event(key=str(number))], None)
        eventually(lambda: not journal.pending)
        journal.retry()
        assert len(told) == 20
        name = {"camera": "gate", "rule": "fence", "state": "raised"}
        assert sample(metrics, "events_total", **name) == 20
        journal.record([event(State.CLEARED, key="3")], None)
        latest = journal.latest(told[3].alert_id)
        assert latest.state == CLEARED
        latest.reason = "escalated"
        journal.tell(latest)
    finally:
        journal.committer.stop()
        journal.committer.join(10)
    kept = outbox.read(0)
    assert sequences(kept) == list(range(1, 23))
    assert [one.reason for one in kept[-2:]] == ["crossed", "escalated"]
