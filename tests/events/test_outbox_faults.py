"""A disk that fills, fails or lies: one clear error each, and nothing that was stored is lost."""

import shutil
import sqlite3
import time

import pytest

from edge.errors import OutboxError
from tests.events.make_events import (
    filled,
    messages,
    open_outbox,
    read_all,
    read_only,
    sequences,
)


def append_until_it_fails(outbox):
    """Some more fit into space that is already the database's own."""
    stored = 0
    while stored < 5000:
        try:
            stored += len(outbox.append(messages(1, reason="x" * 1000)))
        except OutboxError as error:
            return stored, error
    raise AssertionError("the disk never became full")


def test_a_full_disk_is_said_and_what_is_stored_stays(small_disk):
    with open_outbox(small_disk) as outbox:
        outbox.append(messages(20))
        with filled(small_disk):
            more, error = append_until_it_fails(outbox)
            assert str(small_disk / "outbox.db") in error.what
            assert error.what.endswith("the disk is full")
            assert "free space" in error.remedy
            assert sequences(read_all(outbox)) == list(range(1, 21 + more))
        assert sequences(outbox.append(messages(2))) == [21 + more, 22 + more]


def test_what_was_stored_on_a_full_disk_survives_a_crash(small_disk, tmp_path):
    with open_outbox(small_disk) as outbox:
        outbox.append(messages(20))
        with filled(small_disk):
            more, _ = append_until_it_fails(outbox)
        # What a crash at this moment would leave: the files as they are, not closed.
        crashed = shutil.copytree(small_disk, tmp_path / "crashed", ignore=not_shared_memory)
    with open_outbox(crashed) as outbox:
        assert sequences(read_all(outbox)) == list(range(1, 21 + more))


def not_shared_memory(_folder, names):
    return [name for name in names if name.endswith("-shm")]


def test_an_outbox_is_not_opened_on_a_full_disk(small_disk):
    with filled(small_disk), pytest.raises(OutboxError, match="full") as caught:
        open_outbox(small_disk).__enter__()
    assert "free space" in caught.value.remedy


def test_a_read_only_disk_is_said(small_disk):
    with open_outbox(small_disk) as outbox:
        outbox.append(messages(3))
    with read_only(small_disk), pytest.raises(OutboxError, match="Read-only"):
        open_outbox(small_disk).__enter__()
    with open_outbox(small_disk) as outbox:
        assert sequences(outbox.append(messages(1))) == [4]


def test_a_folder_that_can_not_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutboxError, match=r"storage\.dir") as caught:
        open_outbox(tmp_path / "file").__enter__()
    assert str(tmp_path / "file") in caught.value.what


def test_an_outbox_of_a_newer_version_is_left_alone(tmp_path):
    with open_outbox(tmp_path) as outbox:
        outbox._store.writer.execute("PRAGMA user_version = 99")
    with pytest.raises(OutboxError, match="newer Fenceline; install"):
        open_outbox(tmp_path).__enter__()


def test_another_program_that_holds_it_delays_a_camera_only_shortly(outbox, tmp_path):
    with sqlite3.connect(tmp_path / "outbox.db") as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(OutboxError, match="another program holds it"):
            outbox.append(messages(1))
        assert time.monotonic() - began < 2
    other.close()
    assert sequences(outbox.append(messages(1))) == [1]


def test_a_failed_opening_lets_go_of_the_lock(tmp_path):
    with open_outbox(tmp_path) as outbox:
        outbox._store.writer.execute("PRAGMA user_version = 99")
    with pytest.raises(OutboxError):
        open_outbox(tmp_path).__enter__()
    (tmp_path / "outbox.db").unlink()
    with open_outbox(tmp_path) as outbox:
        assert outbox.last_sequence == 0


def test_a_closed_outbox_says_so(tmp_path):
    with open_outbox(tmp_path) as outbox:
        outbox.append(messages(1))
    for use in (lambda: outbox.read(0), lambda: outbox.append(messages(1))):
        with pytest.raises(OutboxError, match="closed"):
            use()
    assert outbox.last_sequence == 1
