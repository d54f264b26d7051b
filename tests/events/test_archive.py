"""The gateway's store: once each, forgotten in time, set aside where damaged."""

import sqlite3

import pytest

from edge.errors import OutboxError
from edge.events.archive import STEP, Archive
from edge.events.archive_read import boxes, events
from edge.events.schema import DamagedError
from tests.serve.make_serve import event

DAY = 86_400


class Clock:
    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "events.db"


def batch(first, last, **fields):
    return [event(sequence, **fields) for sequence in range(first, last + 1)]


def stored(path, **asked):
    return [one.event.sequence for one in events(path, **asked)]


def test_what_is_read_is_what_was_stored_with_what_only_a_newer_box_knows(path):
    newer = type(event(1)).FromString(event(1).SerializeToString() + b"\xfa\x3f\x03new")
    with Archive(path) as archive:
        assert archive.add([newer]) == [newer]
    (one,) = events(path)
    assert one.event.SerializeToString() == newer.SerializeToString()


def test_it_can_be_read_while_it_is_written(path):
    with Archive(path) as archive:
        archive.add(batch(1, 1200))
        reading = events(path)
        assert next(reading).event.sequence == 1
        archive.add(batch(1201, 1300))
        assert [one.event.sequence for one in reading] == list(range(2, 1301))


def test_what_repeats_within_a_batch_is_stored_once(path):
    with Archive(path) as archive:
        assert len(archive.add([event(1), event(1), event(2), event(1)])) == 2
    assert stored(path) == [1, 2]


def test_by_box_and_time(path):
    clock = Clock()
    with Archive(path, clock=clock) as archive:
        archive.add([event(1, box="north-1"), event(1, box="south-1")])
        clock.now += 10
        archive.add([event(2, box="north-1")])
    assert stored(path, box_id="north-1") == [1, 2]
    assert stored(path, since=1_000_010) == [2]
    assert stored(path, until=1_000_010) == [1, 1]
    assert stored(path, box_id="nobody") == []
    assert [(row.box_id, row.newest, row.heard) for row in boxes(path)] == [
        ("north-1", 2, 1_000_010),
        ("south-1", 1, 1_000_000),
    ]


def test_what_is_too_old_is_forgotten_and_repeats_no_more(path):
    clock = Clock()
    with Archive(path, max_age_s=DAY, clock=clock) as archive:
        archive.add(batch(1, STEP + 200))
        clock.now += DAY / 2
        archive.add(batch(STEP + 201, STEP + 300))
        clock.now += DAY / 2 + 1
        archive.tend()
        assert stored(path) == list(range(STEP + 201, STEP + 301))
        assert archive.newest("box-1234abcd") == STEP + 300
    with Archive(path, max_age_s=DAY, clock=clock) as archive:
        assert archive.newest("box-1234abcd") == STEP + 300


def test_forgotten_events_can_not_be_found_in_the_file(path):
    clock = Clock()
    with Archive(path, max_age_s=DAY, clock=clock) as archive:
        archive.add([event(1, alert="a-path-that-was-walked")])
        clock.now += DAY + 1
        archive.tend()
        archive.add([event(2)])
    assert b"a-path-that-was-walked" not in path.read_bytes()
    assert not path.with_name("events.db-wal").exists()


def test_beyond_its_size_the_oldest_go(path):
    one = event(1).ByteSize() + 1
    with Archive(path, max_bytes=one * 100) as archive:
        for first in range(1, 1001, 50):
            archive.add(batch(first, first + 49))
    left = stored(path)
    assert left == list(range(1001 - len(left), 1001))
    assert 50 <= len(left) <= 100


def test_the_size_is_known_after_a_restart(path):
    with Archive(path) as archive:
        archive.add(batch(1, 100))
    with Archive(path, max_bytes=1000) as archive:
        archive.add(batch(101, 101))
    assert stored(path)[-1] == 101
    assert len(stored(path)) < 50


def damage_header(path):
    with path.open("r+b") as file:
        file.write(bytes(100))


def damage_pages(path):
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def cut_off(path):
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 100)


@pytest.mark.parametrize("damage", [damage_header, damage_pages, cut_off])
def test_a_damaged_file_is_set_aside_and_said_and_a_new_one_begun(path, damage, capsys):
    with Archive(path) as archive:
        archive.add(batch(1, 300))
    damage(path)
    with Archive(path) as archive:
        assert archive.newest("box-1234abcd") == 0
        assert len(archive.add(batch(301, 302))) == 2
    assert stored(path) == [301, 302]
    (aside,) = path.parent.glob("events.db.damaged-*")
    assert str(aside) in capsys.readouterr().out


def test_damage_that_shows_while_it_runs_loses_no_batch(path, capsys):
    with Archive(path) as archive:
        archive.add(batch(1, 3000))
        archive._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        damage_pages(path)
        archive._database.execute("PRAGMA shrink_memory")
        new = archive.add([event(sequence, box="other-1") for sequence in range(1, 400)])
    assert len(new) == 399
    assert stored(path) == list(range(1, 400))
    assert "set aside" in capsys.readouterr().out


def test_what_was_set_aside_is_not_kept_longer_than_the_rest(path):
    clock = Clock()
    with Archive(path, clock=clock) as archive:
        archive.add(batch(1, 3))
    damage_header(path)
    clock.now = path.stat().st_mtime
    with Archive(path, max_age_s=DAY, clock=clock) as archive:
        archive.tend()
        assert list(path.parent.glob("*.damaged-*"))
        clock.now += DAY + 1
        archive.tend()
        assert not list(path.parent.glob("*.damaged-*"))


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text('{"event_id": "1"}\n')
    with pytest.raises(OutboxError, match=r"notes\.txt is not a store of a gateway.*name another"):
        Archive(notes).__enter__()
    assert notes.read_text() == '{"event_id": "1"}\n'
    other = tmp_path / "outbox.db"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE event (sequence)")
    database.close()
    before = other.read_bytes()
    with pytest.raises(OutboxError, match="not a store of a gateway"):
        Archive(other).__enter__()
    with pytest.raises(OutboxError, match="not a store of a gateway"):
        stored(other)
    assert other.read_bytes()[100:] == before[100:]


def test_a_newer_store_is_refused(path):
    with Archive(path) as archive:
        archive._database.execute("PRAGMA user_version = 99")
    with pytest.raises(OutboxError, match="newer Fenceline"):
        Archive(path).__enter__()


def test_two_gateways_never_share_a_store(path):
    with Archive(path), pytest.raises(OutboxError, match=r"the store .* is in use by process"):
        Archive(path).__enter__()


def test_a_store_that_is_not_there_is_not_made_by_looking(path):
    with pytest.raises(OutboxError, match="there is no store"):
        stored(path)
    assert not path.exists()


def test_a_new_store_that_could_not_be_begun_is_begun_later(path, monkeypatch):
    with Archive(path) as archive:
        archive.add(batch(1, 2))
        with monkeypatch.context() as full:
            full.setattr(archive, "_add", damaged)
            full.setattr(archive, "_open", lambda: full_disk(path))
            with pytest.raises(OutboxError, match="the disk is full"):
                archive.add(batch(3, 4))
        assert len(archive.add(batch(3, 4))) == 2
    assert stored(path) == [3, 4]


def damaged(_events):
    error = sqlite3.DatabaseError()
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    raise DamagedError("damaged") from error


def full_disk(_path):
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error
