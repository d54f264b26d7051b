"""JSON lines: whole lines only, each event once, whatever befalls the disk or the process."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge.errors import SinkError
from edge.serve.mirrors import jsonl as module
from edge.serve.mirrors.jsonl import JsonLinesSink
from tests.events.make_events import filled, messages, open_outbox, read_all, sequences
from tests.events.make_mirrors import FileCentre
from tests.events.sink_contract import batch

DAY_S = 86_400
ROOT = Path(__file__).parents[3]


@pytest.fixture
def sink(lines):
    made = lines.sink()
    yield made
    made.close()


def test_only_its_owner_may_read_the_file(lines, sink):
    sink.send(batch(1, 1))
    assert lines.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("torn", [b'{"event_id": "ev', b"{", b"\0" * 300])
def test_a_torn_last_line_is_cut_and_said_and_its_event_written_again(lines, sink, torn):
    sink.send(batch(1, 2))
    sink.close()
    with lines.path.open("ab") as file:
        file.write(torn)
    with capture_logs() as said:
        again = lines.sink()
        again.send(batch(2, 3))
        again.close()
    assert sequences(lines.arrived) == [1, 2, 3]
    assert [one["size_bytes"] for one in said] == [len(torn)]


def test_a_restart_writes_nothing_twice(lines, sink):
    events = batch(1, 5)
    sink.send(events)
    sink.close()
    again = lines.sink()
    again.send(events[2:])
    again.send(batch(6, 6))
    again.close()
    assert sequences(lines.arrived) == [1, 2, 3, 4, 5, 6]


def test_another_box_begins_with_its_own_numbers(lines, sink):
    sink.send(batch(1, 3))
    other = batch(1, 2)
    for one in other:
        one.box_id = "box-2"
    sink.send(other)
    assert [(one.box_id, one.sequence) for one in lines.arrived[3:]] == [("box-2", 1), ("box-2", 2)]


@pytest.mark.parametrize("text", [b"\x89PNG and so on", b"one\ntwo"])
def test_a_file_of_something_else_is_left_alone(lines, sink, text):
    lines.path.write_bytes(text)
    with pytest.raises(SinkError, match="something else than JSON lines; give another path"):
        sink.send(batch(1, 1))
    assert lines.path.read_bytes() == text


def test_a_pipe_is_no_place_to_keep_events(lines, sink):
    os.mkfifo(lines.path)
    with pytest.raises(SinkError, match="no regular file"):
        sink.send(batch(1, 1))


def test_a_long_file_makes_place_for_another_and_few_are_kept(tmp_path):
    centre = FileCentre(tmp_path / "lines", max_bytes=2000, keep=3)
    sink = centre.sink()
    for number in range(1, 101):
        sink.send(batch(number, number))
    sink.close()
    names = sorted(path.name for path in centre.folder.iterdir())
    assert names == ["events.jsonl", *(f"events.jsonl.{number}" for number in (1, 2, 3))]
    kept = sequences(centre.arrived)
    assert kept == list(range(kept[0], 101))
    assert all(path.stat().st_size < 2200 for path in centre.folder.iterdir())


def test_after_a_restart_right_behind_a_rotation_nothing_is_written_twice(tmp_path):
    centre = FileCentre(tmp_path / "lines", max_bytes=100)
    sink = centre.sink()
    sink.send(batch(1, 3))
    sink.tend()  # it is long enough
    sink.close()
    assert centre.path.stat().st_size == 0
    again = centre.sink()
    again.send(batch(2, 4))
    again.close()
    assert sequences(centre.arrived) == [1, 2, 3, 4]


def test_a_new_day_is_a_new_file_and_old_ones_are_deleted_in_time(lines):
    now = time.time()
    sink = lines.sink(clock=lambda: now, max_age_s=10 * DAY_S)
    for day in range(15):
        sink.send(batch(day + 1, day + 1))
        os.utime(lines.path, (now, now))
        now += DAY_S
        sink.tend()
    sink.close()
    assert sequences(lines.arrived) == list(range(6, 16))


def test_with_fewer_to_keep_than_before_the_rest_is_deleted(tmp_path):
    centre = FileCentre(tmp_path / "lines", max_bytes=100)
    sink = centre.sink(keep=8)
    for number in range(1, 11):
        sink.send(batch(number, number))
    sink.close()
    other = centre.folder / "events.jsonl.txt"
    other.write_text("of somebody else")
    again = centre.sink(keep=2)
    again.tend()
    again.close()
    old = sorted(path.name for path in centre.folder.iterdir() if path != other)
    assert old == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"]
    assert other.exists()


def test_a_file_that_somebody_moves_away_is_followed_by_a_new_one(lines, sink):
    sink.send(batch(1, 2))
    moved = lines.path.with_name("theirs")
    lines.path.rename(moved)
    sink.send(batch(3, 4))
    assert sequences(lines.arrived) == [3, 4]
    assert len(moved.read_text().splitlines()) == 2


def test_a_full_disk_is_said_and_nothing_is_lost_or_torn(small):
    path = small / "events.jsonl"
    sink = JsonLinesSink("lines", path)
    large = [batch(number, number)[0] for number in range(1, 11)]
    for one in large:
        one.note = "x" * 100_000
    sink.send(large[:2])
    with filled(small):
        with pytest.raises(SinkError, match=r"file 'lines' at .*: No space left on device; free"):
            sink.send(large[2:])
        whole = path.read_text()
    sink.send(large[2:])
    sink.close()
    assert whole.endswith("\n")
    assert sequences_of(whole) == [1, 2]
    assert sequences_of(path.read_text()) == list(range(1, 11))


def sequences_of(text):
    return [int(json.loads(line)["sequence"]) for line in text.splitlines()]


def test_what_is_not_on_the_disk_is_not_acknowledged(lines, sink, monkeypatch):
    sink.send(batch(1, 1))
    real, failures = os.fsync, iter([OSError(5, "Input/output error")])

    def fsync(fd):
        for failure in failures:
            raise failure
        real(fd)

    monkeypatch.setattr(module.os, "fsync", fsync)
    with pytest.raises(SinkError, match="Input/output error"):
        sink.send(batch(2, 3))
    assert sequences(lines.arrived) == [1]
    assert sink.send(batch(2, 3)).acked == 3
    assert sequences(lines.arrived) == [1, 2, 3]


def test_a_disk_that_hangs_keeps_nobody_waiting(lines, sink, monkeypatch):
    hangs, real = threading.Event(), os.fsync

    def fsync(fd):
        hangs.wait(10)
        real(fd)

    sink.send(batch(1, 1))
    monkeypatch.setattr(module.os, "fsync", fsync)
    sending = threading.Thread(target=lambda: sink.send(batch(2, 2)))
    sending.start()
    began = time.monotonic()
    sink.close()
    assert time.monotonic() - began < 3
    hangs.set()
    sending.join(10)
    monkeypatch.undo()
    with pytest.raises(SinkError, match="closed"):
        sink.send(batch(3, 3))
    sink.close()  # now it can be let go


def test_events_that_were_large_once_are_found_again(lines, sink):
    events = messages(2, box_id="box-1", note="y" * 200_000)
    for number, one in enumerate(events, 1):
        one.sequence = number
    sink.send(events)
    sink.close()
    again = lines.sink()
    again.send(events)
    again.close()
    assert sequences(lines.arrived) == [1, 2]


@pytest.mark.slow
def test_killed_at_any_moment_it_has_every_event_once_and_in_order(tmp_path):
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for round_ in range(10):
        command = [sys.executable, "-m", "tests.serve.mirrors.writing", str(tmp_path), f"r{round_}"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            first = next((line for line in process.stdout if b"ready" in line), b"")
            time.sleep(dice.uniform(0, 0.15))
            process.kill()
        assert first
    with open_outbox(tmp_path, rows=1_000_000, size=2**30) as outbox:
        stored = [(one.sequence, one.event_id) for one in read_all(outbox)]
        confirmed = outbox.cursor("sink:lines")
    sink = JsonLinesSink("lines", tmp_path / "events.jsonl", keep=1000)
    sink.tend()  # cuts what was torn
    sink.close()
    files = sorted(tmp_path.glob("events.jsonl*"), key=lambda path: -number_of(path))
    written = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    found = [(int(one["sequence"]), one["event_id"]) for one in written]
    assert found == stored[: len(found)]
    assert len(files) > 3
    assert confirmed <= len(found)
    assert len(found) > 50


def number_of(path):
    return int(path.suffix[1:]) if path.suffix[1:].isdecimal() else 0
