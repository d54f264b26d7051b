"""The committer's thread: who records waits for no disk, and nothing changes but that."""

import threading

import pytest

from edge.errors import OutboxError
from edge.events.committer import Committer
from edge.events.draft import Draft
from edge.types import State
from tests.events.make_events import (
    CLEARED,
    RAISED,
    UPDATED,
    drafts,
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
def done():
    """Events that were told to be stored."""
    return []


@pytest.fixture
def committer(log, done):
    made = Committer(log, 10, done.extend)
    made.start()
    yield made
    log.may.set()
    made.stop()
    made.join(10)
    assert not made.is_alive()


def ids(events):
    return [one.event_id for one in events]


def test_putting_waits_for_no_disk_and_the_next_transaction_takes_all_since(log, committer, done):
    first, *others = (messages(2) for _ in range(4))
    committer.put(drafts(first))
    log.asked.wait(10)
    for events in others:
        committer.put(drafts(events))
    assert committer.pending == 8
    assert done == []
    log.may.set()
    eventually(lambda: not committer.pending)
    assert log.transactions == [ids(first), ids([one for batch in others for one in batch])]


def test_what_was_committed_is_told_once(log, committer, done):
    log.may.set()
    events = messages(3)
    committer.put(drafts(events))
    eventually(lambda: done)
    committer.commit()
    assert done == events


def test_whoever_asks_for_it_has_it_on_the_disk(log, committer):
    log.may.set()
    for _ in range(50):
        events = messages(1)
        committer.put(drafts(events))
        committer.commit()
        assert log.stored[-1] == events[0].event_id
        assert committer.pending == 0


def test_a_disk_that_takes_nothing_is_tried_again_by_itself(log, committer):
    log.may.set()
    log.failing = OutboxError("the disk is full")
    events = messages(4)
    committer.put(drafts(events[:2]))
    eventually(lambda: committer.failing)
    committer.put(drafts(events[2:]))
    assert committer.pending == 4
    log.failing = None
    eventually(lambda: not committer.pending)
    assert log.stored == ids(events)
    eventually(lambda: not committer.failing)


def test_nothing_of_an_alert_that_was_given_up_follows(log, committer, done):
    log.may.set()
    log.failing = OutboxError("the disk is full")
    raised = [message(f"alert-{n}") for n in range(13)]
    committer.put(drafts(raised))
    eventually(lambda: committer.failing)
    committer.put(drafts([message("alert-0", CLEARED), message("alert-12", CLEARED)]))
    log.failing = None
    eventually(lambda: not committer.pending)
    refused = committer.given_up()
    kept = {one.alert_id for one in done}
    assert {one.alert_id for one in done if one.state == RAISED} == kept
    assert {one.alert_id for one in refused} == {f"alert-{n}" for n in range(13)} - kept
    assert len(done) + len(refused) == 15


def test_a_disk_that_hangs_lets_the_queue_grow_to_a_bound(log, committer, done, monkeypatch):
    monkeypatch.setattr("edge.events.committer.MOST", 20)
    committer.put(drafts(messages(1)))
    log.asked.wait(10)
    for _ in range(10):
        committer.put(drafts(messages(10)))
    assert committer.pending <= 10 + 20 + 20 + 1
    log.may.set()
    eventually(lambda: not committer.pending)
    refused = committer.given_up()
    assert len(done) + len(refused) == 101
    assert ids(done) == log.stored


def test_an_error_that_nobody_foresaw_loses_nothing(log, committer):
    log.may.set()
    log.failing = ValueError("a defect")
    events = messages(2)
    committer.put(drafts(events))
    eventually(lambda: "a defect" in committer.failing)
    log.failing = None
    eventually(lambda: not committer.pending)
    assert log.stored == ids(events)


def test_an_event_that_cannot_be_worded_is_given_up_and_keeps_no_other(log, committer, done):
    def unsaid():
        raise KeyError("a defect")

    log.may.set()
    log.failing = OutboxError("the disk is full")
    before, after = messages(1), messages(2)
    bad = Draft("alert-bad", State.RAISED, unsaid, ())
    committer.put([*drafts(before), bad, *drafts(after)])
    eventually(lambda: committer.failing)
    committer.put(drafts([message("alert-bad", CLEARED)]))
    log.failing = None
    eventually(lambda: not committer.pending)
    assert done == before + after
    refused = committer.given_up()
    assert [(one.alert_id, one.state) for one in refused] == [
        ("alert-bad", State.RAISED),
        ("alert-bad", State.CLEARED),
    ]
    assert committer.given_up() == []


def test_with_a_raised_event_that_cannot_be_worded_its_whole_alert_is_given_up(log, done):
    def unsaid():
        raise KeyError("a defect")

    log.may.set()
    made = Committer(log, 10, done.extend)
    other = messages(2)
    bad = Draft("alert-bad", State.RAISED, unsaid, ())
    follow = drafts([message("alert-bad", UPDATED), message("alert-bad", CLEARED)])
    made._new.extend([drafts(other)[0], bad, *follow, drafts(other)[1]])
    made.commit(3)  # the last of them comes with the next transaction
    assert done == other
    assert made.given_up() == [bad, *follow]
    assert made.pending == 0


def test_a_thread_that_cannot_start_leaves_committing_to_whoever_puts(log, monkeypatch):
    def refused(_thread):
        raise RuntimeError("can't start new thread")

    log.may.set()
    made, events = Committer(log, 10), messages(1)
    monkeypatch.setattr(threading.Thread, "start", refused)
    with pytest.raises(RuntimeError):
        made.start()
    made.put(drafts(events))
    assert log.stored == ids(events)


def test_what_is_given_up_is_told_before_anything_else_of_its_alert_could_be_stored(log):
    """Refused by a full disk; what was put before the journal knows it goes the same way."""
    log.may.set()
    made = Committer(log, 2, lambda _events: None)
    log.failing = OutboxError("the disk is full")
    made.put(drafts([message(f"alert-{n}") for n in range(3)]))
    made._new.extend(drafts([message("alert-0", CLEARED)]))
    assert [one.alert_id for one in made.given_up()] == ["alert-0", "alert-0"]
    log.failing = None
    made.commit()
    assert len(log.stored) == 2


def test_before_the_start_and_after_the_stop_whoever_puts_commits(log):
    log.may.set()
    done = []
    made = Committer(log, 10, done.extend)
    first, last = messages(1), messages(1)
    made.put(drafts(first))
    assert log.stored == ids(first)
    made.start()
    made.stop()
    made.put(drafts(last))
    made.join(10)
    assert log.stored == ids(first + last)
    assert done == first + last


def test_a_journal_tells_of_what_is_committed(outbox, metrics):
    told = []
    journal = open_journal(outbox, metrics=metrics, committed=[told.extend])
    journal.committer.start()
    try:
        for number in range(20):
            journal.record([event(key=str(number))], None)
        eventually(lambda: len(told) == 20)
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
