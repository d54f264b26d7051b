"""kill -9 at random moments: nothing that was committed is lost or renamed."""

import random
import sqlite3
import subprocess
import sys

import pytest

from edge.errors import OutboxError
from tests.events.make_events import open_outbox, read_all, sequences

KILLS = 20


def appending(folder, name):
    command = [sys.executable, "-m", "tests.events.appending", str(folder), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def said_until_killed(process, seconds):
    """What it has said to its last breath: whole lines, once it is at work."""
    said = [process.stdout.readline()]
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    said += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    pairs = [line.split() for line in said if line.endswith("\n")]
    return [(int(sequence), event_id) for sequence, event_id in pairs]


@pytest.mark.slow
def test_kill_9_loses_no_committed_event_and_changes_no_identity(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    moments, said = random.Random(seed), []
    for run in range(KILLS):
        said += said_until_killed(appending(tmp_path, f"run{run}"), moments.uniform(0, 0.15))
    with open_outbox(tmp_path, rows=1_000_000, size=2**30) as outbox:
        kept = read_all(outbox)
        assert outbox.last_sequence == len(kept)
        healthy = outbox._store.ask("PRAGMA integrity_check")
    assert healthy == [("ok",)]
    assert sequences(kept) == list(range(1, len(kept) + 1))
    found = {one.sequence: one.event_id for one in kept}
    assert len(set(found.values())) == len(kept)
    assert len(said) > KILLS
    assert all(found[sequence] == event_id for sequence, event_id in said)
    check_batches_are_whole(kept)


def check_batches_are_whole(kept):
    """A transaction is there or not: places of each alert's events begin at 0 and have no hole."""
    places = {}
    for one in kept:
        alert, place = one.event_id.rsplit("-", 1)
        places.setdefault(alert, []).append(int(place))
    assert all(found == list(range(len(found))) for found in places.values())


def test_a_second_process_is_refused_until_the_first_is_dead(tmp_path):
    with appending(tmp_path, "first") as process:
        process.stdout.readline()
        try:
            with pytest.raises(OutboxError, match=f"process {process.pid}; stop the other"):
                open_outbox(tmp_path).__enter__()
        finally:
            process.kill()
    with sqlite3.connect(tmp_path / "outbox.db") as database:
        assert database.execute("SELECT count(*) FROM event").fetchone()[0] > 0
    database.close()
    with open_outbox(tmp_path) as outbox:
        assert outbox.last_sequence > 0


def test_a_second_outbox_of_the_same_process_is_refused_too(outbox, tmp_path):
    with pytest.raises(OutboxError, match="in use"):
        open_outbox(tmp_path).__enter__()
    assert outbox.append([]) == []
