"""The outbox: what is committed stays, in order, under one identity."""

import re
import sqlite3
import threading

import pytest

from edge.errors import OutboxError
from edge.events.tail import MOST as TAIL
from edge.rpc import event_pb2 as pb
from tests.events.make_events import (
    CLEARED,
    NOW,
    UPDATED,
    FakeClock,
    eventually,
    message,
    messages,
    open_outbox,
    sequences,
)

REFUSE_THE_FIFTH = """CREATE TRIGGER refuse BEFORE INSERT ON event WHEN new.sequence = 5
    BEGIN SELECT raise(ABORT, 'no'); END"""


def test_an_event_gets_box_sequence_and_publish_time(outbox):
    given = message()
    (stored,) = outbox.append([given])
    assert stored.box_id == outbox.box_id
    assert stored.sequence == 1
    assert stored.publish_time.ToMicroseconds() == NOW * 1e6
    assert stored.event_id == given.event_id


def test_what_was_refused_is_given_again_and_numbered_anew(outbox):
    given = messages(6)
    outbox._store.writer.execute(REFUSE_THE_FIFTH)
    with pytest.raises(OutboxError):
        outbox.append(given)
    assert outbox.last_sequence == 0
    outbox._store.writer.execute("DROP TRIGGER refuse")
    assert sequences(outbox.append([message(), *given])) == [1, 2, 3, 4, 5, 6, 7]


def test_what_was_committed_just_now_is_at_hand(outbox):
    assert outbox.recent(0) == []
    outbox.append(messages(TAIL + 2))
    assert [at for at in range(5) if outbox.recent(at) is None] == [0, 1]
    assert sequences(outbox.recent(2, limit=3)) == [3, 4, 5]
    assert outbox.recent(TAIL + 2) == []


def test_what_is_appended_is_read_back_in_order(outbox):
    stored = outbox.append(messages(3)) + outbox.append(messages(2))
    assert sequences(stored) == [1, 2, 3, 4, 5]
    assert outbox.read(0) == stored
    assert outbox.read(2, limit=2) == stored[2:4]
    assert outbox.read(5) == []
    assert (outbox.first_sequence, outbox.last_sequence) == (1, 5)


def test_a_new_outbox_is_empty(outbox):
    assert (outbox.first_sequence, outbox.last_sequence) == (1, 0)
    assert outbox.read(0) == outbox.open_alerts() == outbox.consumers() == []
    assert outbox.append([]) == []
    assert outbox.backlog("centre") == (0, None)


def test_everything_survives_reopening(tmp_path):
    with open_outbox(tmp_path) as outbox:
        stored = outbox.append(messages(3))
        outbox.confirm("centre", 2)
        identity = outbox.box_id
    with open_outbox(tmp_path) as outbox:
        assert outbox.read(0) == stored
        assert outbox.cursor("centre") == 2
        assert outbox.box_id == identity
        assert sequences(outbox.append(messages(1))) == [4]


def test_a_box_is_named_and_told_from_every_other(tmp_path):
    with open_outbox(tmp_path / "a") as one, open_outbox(tmp_path / "b") as two:
        assert re.fullmatch(r"box-[0-9a-f]{8}", one.box_id)
        assert one.box_id != two.box_id


def test_a_batch_that_fails_halfway_leaves_nothing_and_skips_no_sequence(outbox):
    outbox.append(messages(2))
    outbox._store.writer.execute(REFUSE_THE_FIFTH)
    with pytest.raises(OutboxError):
        outbox.append(messages(4))
    assert sequences(outbox.read(0)) == [1, 2]
    assert outbox.last_sequence == len(outbox.open_alerts()) == 2
    outbox._store.writer.execute("DROP TRIGGER refuse")
    assert sequences(outbox.append(messages(4))) == [3, 4, 5, 6]


def test_a_sequence_is_not_reused_after_all_events_are_gone(tmp_path):
    clock = FakeClock()
    with open_outbox(tmp_path, clock=clock) as outbox:
        outbox.append(messages(3))
        clock.now += 4000
        outbox.prune()
        assert (outbox.first_sequence, outbox.last_sequence) == (4, 3)
        assert outbox.read(0) == []
    with open_outbox(tmp_path, clock=clock) as outbox:
        assert (outbox.first_sequence, outbox.last_sequence) == (4, 3)
        assert sequences(outbox.append(messages(1))) == [4]


def test_commits_wait_for_the_disk(outbox):
    assert outbox._store.writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert outbox._store.writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_cursor_goes_forward_only_and_not_beyond_the_newest(outbox):
    outbox.append(messages(5))
    for told, kept in [(0, 0), (3, 3), (2, 3), (4, 4), (99, 5)]:
        outbox.confirm("centre", told)
        assert outbox.cursor("centre") == kept
    assert outbox.cursor("stranger") == 0
    assert outbox.consumers() == ["centre"]


def test_the_consumer_that_confirmed_longest_ago_makes_room(tmp_path, monkeypatch):
    monkeypatch.setattr("edge.events.cursors.MOST_CONSUMERS", 3)
    with open_outbox(tmp_path) as outbox:
        outbox.append(messages(5))
        for name in ("a", "b", "c"):
            outbox.confirm(name, 1)
        outbox.confirm("a", 2)
        outbox.confirm("d", 1)
        assert outbox.consumers() == ["a", "c", "d"]
    with open_outbox(tmp_path) as outbox:
        assert outbox.consumers() == ["a", "c", "d"]
        outbox.confirm("e", 1)
        assert outbox.consumers() == ["a", "d", "e"]


def test_the_backlog_is_counted_with_the_age_of_its_oldest(outbox, clock):
    outbox.append(messages(2))
    clock.now += 10
    outbox.append(messages(3))
    assert outbox.backlog("centre") == (5, 10.0)
    outbox.confirm("centre", 2)
    assert outbox.backlog("centre") == (3, 0.0)
    outbox.confirm("centre", 5)
    assert outbox.backlog("centre") == (0, None)


def test_a_refused_event_is_kept_aside_whole_and_once(outbox, tmp_path):
    (stored,) = outbox.append(messages(1))
    assert outbox.dead_letter("centre", 1, "no such site")
    assert not outbox.dead_letter("centre", 1, "again")
    with sqlite3.connect(tmp_path / "outbox.db") as database:
        found = database.execute("SELECT consumer, sequence, reason, body FROM dead_letter")
        ((*told, body),) = found.fetchall()
    database.close()
    assert told == ["centre", 1, "no such site"]
    assert pb.Event.FromString(body) == stored


def test_an_alert_is_open_until_it_is_cleared_and_shows_its_latest_event(outbox):
    outbox.append([message("a"), message("b")])
    outbox.append([message("a", UPDATED, reason="dwelling")])
    outbox.append([message("b", CLEARED)])
    (latest,) = outbox.open_alerts()
    assert (latest.alert_id, latest.reason, latest.sequence) == ("a", "dwelling", 3)


def test_alerts_are_listed_newest_first_page_by_page(outbox):
    outbox.append([message(name) for name in "abcde"])
    outbox.append([message("a", UPDATED), message("d", CLEARED)])
    one, token = outbox.alerts(limit=2)
    two, token = outbox.alerts(limit=2, before=token)
    three, end = outbox.alerts(limit=2, before=token)
    assert [e.alert_id for e in one + two + three] == list("edcba")
    assert [e.state for e in one] == [pb.STATE_RAISED, CLEARED]
    assert end == ""
    still_open, _ = outbox.alerts(limit=9, open_only=True)
    assert [e.alert_id for e in still_open] == list("ecba")


@pytest.mark.parametrize("token", ["nonsense", "-1", "0", "", "\u00b2"])
def test_a_token_that_never_was_one_leads_to_an_empty_page(outbox, token):
    outbox.append(messages(2))
    assert outbox.alerts(limit=5, before=token) == ([], "")
    assert len(outbox.alerts(limit=5, before="9" * 60)[0]) == 2


def test_a_commit_is_announced_when_it_can_be_read(outbox):
    heard = []
    unlisten = outbox.listen(lambda: heard.append(sequences(outbox.read(0))))
    outbox.append(messages(1))
    outbox.append(messages(2))
    unlisten()
    unlisten()
    outbox.append(messages(1))
    assert heard == [[1], [1, 2, 3]]


def test_a_listener_that_fails_does_not_make_a_commit_fail(outbox):
    heard = []
    outbox.listen(lambda: 1 / 0)
    outbox.listen(lambda: heard.append(outbox.last_sequence))
    assert sequences(outbox.append(messages(1))) == [1]
    assert heard == [1]


def test_waiting_ends_with_a_commit_or_the_time(outbox):
    assert not outbox.wait(0, 0.01)
    got = []
    waiting = threading.Thread(target=lambda: got.append(outbox.wait(0, 10)))
    waiting.start()
    outbox.append(messages(1))
    waiting.join(5)
    assert got == [True]
    assert outbox.wait(0, 0)


def test_closing_ends_the_waiting(tmp_path):
    with open_outbox(tmp_path) as outbox:
        got = []
        waiting = threading.Thread(target=lambda: got.append(outbox.wait(0, 60)))
        waiting.start()
        eventually(lambda: outbox._bell._rung._waiters)
    waiting.join(5)
    assert got == [False]


def test_many_threads_share_it(outbox):
    def write():
        for _ in range(25):
            outbox.append(messages(2))
            outbox.confirm(threading.current_thread().name, outbox.last_sequence)

    def read():
        while not done.is_set():
            found = sequences(outbox.read(0, limit=1000))
            assert found == list(range(1, len(found) + 1))
            assert len(outbox.open_alerts()) >= len(found)

    done, failed = threading.Event(), []
    threading.excepthook, before = failed.append, threading.excepthook
    writers = [threading.Thread(target=write, name=f"w{i}") for i in range(4)]
    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in writers + readers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    threading.excepthook = before
    assert not failed
    assert sequences(outbox.read(0, limit=1000)) == list(range(1, 201))
    assert outbox.consumers() == ["w0", "w1", "w2", "w3"]


def test_the_latest_event_of_an_alert_is_found_open_or_cleared(tmp_path):
    with open_outbox(tmp_path) as outbox:
        outbox.append([message("a"), message("b"), message("a", CLEARED)])
        outbox.append([message("a", CLEARED, reason="acknowledged")])
    with open_outbox(tmp_path) as outbox:
        assert (outbox.latest("a").reason, outbox.latest("a").sequence) == ("acknowledged", 4)
        assert outbox.latest("b").sequence == 2
        assert outbox.latest("c") is outbox.latest("") is None
        assert [one.alert_id for one in outbox.open_alerts()] == ["b"]


def test_an_alert_past_retention_is_found_while_it_is_open(tmp_path):
    with open_outbox(tmp_path, rows=3) as outbox:
        outbox.append([message("open"), message("over"), message("over", CLEARED)])
        outbox.append(messages(5))
        assert outbox.latest("open").sequence == 1
        assert outbox.latest("over") is None
        assert outbox.raised_since(0, limit=10)[0][0].sequence == 6


def test_alerts_raised_lately_are_told_with_their_first_and_latest_events(outbox, clock):
    outbox.append([message("old")])
    clock.now += 100
    outbox.append([message("a"), message("b"), message("a", UPDATED), message("old", CLEARED)])
    outbox.append([message("c")])
    found = outbox.raised_since(clock.now - 50, limit=10)
    assert [(one.sequence, other.sequence) for one, other in found] == [(2, 4), (3, 3), (6, 6)]
    newest = outbox.raised_since(clock.now - 50, limit=2)
    assert [one.sequence for one, _ in newest] == [3, 6]
    before = outbox.raised_since(clock.now - 50, limit=2, before=3)
    assert [one.sequence for one, _ in before] == [2]
