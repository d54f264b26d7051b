"""A damaged outbox: set aside under its name, what can be read goes on, and the box says so."""

import random
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import OutboxError
from edge.events import rescue
from edge.events.tail import Tail
from tests.events.make_events import (
    CLEARED,
    NOW,
    FakeClock,
    filled,
    message,
    messages,
    open_outbox,
    read_all,
    sample,
    sequences,
)

PAGE = 4096
COUNT = 300


def asides(folder):
    return sorted(path.name for path in folder.glob("outbox.db.damaged-*"))


def overwrite(path, page, pages, byte=b"\xff"):
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(byte * PAGE * pages)


def filled_outbox(folder, count=COUNT):
    """An outbox of so many events in files that are closed; what they were."""
    with open_outbox(folder) as outbox:
        stored = outbox.append(messages(count, reason="x" * 400))
        outbox.confirm("sink:centre", 40)
        outbox.dead_letter("sink:centre", 7, "never")
    return stored


def forget_what_is_in_memory(outbox):
    """What is cached would hide what has become of the file."""
    outbox._tail = Tail()
    for database in (outbox._store.reader, outbox._store.writer):
        database.execute("PRAGMA shrink_memory")


def leaves(path):
    """The pages of the file that hold events, by what is written in them."""
    data = path.read_bytes()
    pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    return [number for number, page in enumerate(pages) if page[0] == 13 and b"xxxx" in page]


def test_what_is_no_database_at_all_is_set_aside_and_a_new_box_begins(tmp_path, metrics):
    (tmp_path / "outbox.db").write_bytes(b"not a database" * 1000)
    with open_outbox(tmp_path, metrics=metrics) as outbox:
        assert sequences(outbox.append(messages(2))) == [1, 2]
        said = outbox.trouble["outbox_damaged"]
    (name,) = asides(tmp_path)
    assert (tmp_path / name).read_bytes() == b"not a database" * 1000
    assert name in said
    assert "a new one" in said
    assert sample(metrics, "outbox_damaged_total") == 1


def test_a_whole_outbox_says_nothing(tmp_path, metrics):
    filled_outbox(tmp_path)
    with open_outbox(tmp_path, metrics=metrics) as outbox:
        assert not outbox.trouble
    assert not asides(tmp_path)
    assert sample(metrics, "outbox_damaged_total") == 0


def test_what_can_be_read_on_both_sides_of_the_damage_goes_on_under_its_identity(tmp_path):
    stored = filled_outbox(tmp_path)
    inner = leaves(tmp_path / "outbox.db")
    overwrite(tmp_path / "outbox.db", inner[len(inner) // 2], 1)

    with open_outbox(tmp_path) as outbox:
        kept = read_until_empty(outbox)
        assert outbox.box_id == stored[0].box_id
        (fresh,) = outbox.append(messages(1))

    known = {one.sequence: one for one in stored}
    assert COUNT - 40 < len(kept) < COUNT
    assert [known[one.sequence] for one in kept] == kept
    assert kept[0].sequence == 1
    assert kept[-1].sequence == COUNT
    assert fresh.sequence > COUNT


def read_until_empty(outbox):
    """Every kept event, over all gaps."""
    found = []
    while page := outbox.read(found[-1].sequence if found else 0):
        found += page
    return found


@pytest.mark.parametrize("byte", [b"\xff", b"\0", b"\x80"])
def test_a_damaged_first_page_takes_no_event_with_it(tmp_path, byte):
    stored = filled_outbox(tmp_path)
    overwrite(tmp_path / "outbox.db", 0, 1, byte)
    with open_outbox(tmp_path) as outbox:
        assert outbox.box_id == stored[0].box_id
        assert read_all(outbox) == stored
        assert outbox.cursor("sink:centre") == 40
    assert not list(tmp_path.glob("*.copy*"))


def test_cursors_and_dead_letters_survive_it(tmp_path):
    filled_outbox(tmp_path)
    overwrite(tmp_path / "outbox.db", leaves(tmp_path / "outbox.db")[5], 1)
    with open_outbox(tmp_path) as outbox:
        assert outbox.cursor("sink:centre") == 40
        assert outbox.rejected("sink:centre") == 1


def test_each_gap_begins_a_page_of_its_own(tmp_path):
    """So whoever reads sees it between what it asked for and the first that it gets."""
    filled_outbox(tmp_path)
    overwrite(tmp_path / "outbox.db", leaves(tmp_path / "outbox.db")[5], 1)
    with open_outbox(tmp_path) as outbox:
        after, holes = 0, 0
        while page := outbox.read(after):
            holes += page[0].sequence != after + 1
            assert sequences(page) == list(range(page[0].sequence, page[-1].sequence + 1))
            after = page[-1].sequence
    assert holes == 1


def test_an_alert_whose_end_was_lost_is_still_known_to_be_over(tmp_path):
    with open_outbox(tmp_path) as outbox:
        outbox.append([message("over"), message("open")])
        outbox.append(messages(100, reason="x" * 400, state=CLEARED))
        outbox.append([message("over", CLEARED, reason="y" * 3000)])
        outbox.append(messages(100, reason="x" * 400, state=CLEARED))
    path = tmp_path / "outbox.db"
    number = next(
        at // PAGE for at in range(0, path.stat().st_size, PAGE) if b"yyyy" in block(path, at)
    )
    overwrite(path, number, 1)
    with open_outbox(tmp_path) as outbox:
        assert 103 not in sequences(read_until_empty(outbox))
        assert [one.alert_id for one in outbox.open_alerts()] == ["open"]


def block(path, at):
    with path.open("rb") as file:
        file.seek(at)
        return file.read(PAGE)


def test_an_open_alert_that_retention_has_passed_is_kept(tmp_path):
    with open_outbox(tmp_path, rows=100) as outbox:
        outbox.append([message("long")])
        for _ in range(20):
            outbox.append(messages(10, reason="x" * 400, state=CLEARED))
    overwrite(tmp_path / "outbox.db", leaves(tmp_path / "outbox.db")[3], 1)
    with open_outbox(tmp_path, rows=100) as outbox:
        assert asides(tmp_path)
        assert [one.alert_id for one in outbox.open_alerts()] == ["long"]


def test_damage_that_is_met_while_the_box_runs_stops_nothing(tmp_path, metrics):
    with open_outbox(tmp_path, metrics=metrics) as outbox:
        stored = outbox.append(messages(COUNT, reason="x" * 400))
        outbox.confirm("sink:centre", 40)
        outbox._store.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        hurt = leaves(tmp_path / "outbox.db")
        overwrite(tmp_path / "outbox.db", hurt[len(hurt) // 2], 1)
        forget_what_is_in_memory(outbox)
        kept = read_until_empty(outbox)
        (fresh,) = outbox.append(messages(1))
        assert outbox.trouble
        assert outbox.cursor("sink:centre") == 40
        assert len(kept) + 1 - 40 <= outbox.backlog("sink:centre")[0] <= COUNT + 1 - 40
    assert fresh.sequence == COUNT + 1
    assert fresh.box_id == stored[0].box_id
    assert COUNT - 40 < len(kept) < COUNT
    assert {one.event_id for one in kept} < {one.event_id for one in stored}
    assert len(asides(tmp_path)) == 1
    assert sample(metrics, "outbox_damaged_total") == 1


def test_a_damaged_outbox_on_a_full_disk_waits_for_space(small_disk, monkeypatch):
    monkeypatch.setattr("edge.events.store.AGAIN_S", 0.0)
    with open_outbox(small_disk) as outbox:
        stored = outbox.append(messages(COUNT, reason="x" * 400))
        outbox._store.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        hurt = leaves(small_disk / "outbox.db")
        overwrite(small_disk / "outbox.db", hurt[len(hurt) // 2], 1)
        forget_what_is_in_memory(outbox)
        with filled(small_disk):
            with pytest.raises(OutboxError):
                read_until_empty(outbox)
            assert not asides(small_disk)
        kept = read_until_empty(outbox)
        assert len(kept) > COUNT - 40
        assert {one.event_id for one in kept} < {one.event_id for one in stored}


def test_a_body_that_is_no_event_any_more_is_a_gap(tmp_path):
    with open_outbox(tmp_path) as outbox:
        outbox.append(messages(9))
        outbox._store.writer.execute(
            "UPDATE event SET body = x'ffffff' WHERE sequence IN (1, 5, 9)"
        )
        forget_what_is_in_memory(outbox)
        assert sequences(outbox.read(0)) == [2, 3, 4]
        assert sequences(outbox.read(4)) == [6, 7, 8]
        assert outbox.read(8) == []
        assert len(outbox.open_alerts()) == 6


def test_what_a_crash_interrupts_is_finished_by_the_next_start(tmp_path, monkeypatch):
    stored = filled_outbox(tmp_path)
    hurt = leaves(tmp_path / "outbox.db")
    overwrite(tmp_path / "outbox.db", hurt[len(hurt) // 2], 1)

    def crash(path, fresh, aside):
        path.rename(aside)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rescue, "_install", crash)
        with pytest.raises(KeyboardInterrupt):
            open_outbox(tmp_path).__enter__()
    assert not (tmp_path / "outbox.db").exists()
    with open_outbox(tmp_path) as outbox:
        assert outbox.box_id == stored[0].box_id
        assert len(read_until_empty(outbox)) > COUNT - 40
    assert len(asides(tmp_path)) == 1
    assert not (tmp_path / "outbox.db.new").exists()


def test_damaged_files_are_kept_as_long_as_events_and_two_at_most(tmp_path):
    clock = FakeClock()
    for number in range(4):
        (tmp_path / "outbox.db").write_bytes(b"no database %d" % number * 500)
        with open_outbox(tmp_path, clock=clock, age_s=60):
            pass
    with open_outbox(tmp_path, clock=clock, age_s=60) as outbox:
        outbox.append([])
        names = asides(tmp_path)
        assert len(names) == 2
        assert b"no database 3" in (tmp_path / names[-1]).read_bytes()
        clock.now = NOW + 10**9
        outbox.append([])
        assert not asides(tmp_path)


@settings(max_examples=40, deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=600))),
    more=st.integers(1, 5),
)
def test_whatever_is_damaged_no_identity_comes_twice_and_order_holds(
    tmp_path_factory, places, more
):
    folder = tmp_path_factory.mktemp("damaged")
    stored = filled_outbox(folder, 60)
    path = folder / "outbox.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        for at, data in places:
            file.seek(at % size)
            file.write(data[: size - at % size])
        file.seek(60)
        file.write(b"\0\0\0\1")  # another version is no damage, and refused
    with open_outbox(folder) as outbox:
        kept = read_until_empty(outbox)
        fresh = outbox.append(messages(more))
        forget_what_is_in_memory(outbox)
        again = read_until_empty(outbox)
    assert again == kept + fresh
    assert sequences(again) == sorted(set(sequences(again)))
    if outbox.box_id == stored[0].box_id:
        assert not {one.sequence for one in fresh} & {one.sequence for one in stored}


def test_every_event_outside_damaged_pages_is_found(tmp_path):
    """Counted against what lies in the pages that are left, over many pages at random."""
    stored = filled_outbox(tmp_path)
    path = tmp_path / "outbox.db"
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    hurt = random.Random(seed).sample(leaves(path), 6)
    lost = set()
    for page in hurt:
        lost |= {
            one.sequence for one in stored if one.event_id.encode() in block(path, page * PAGE)
        }
        overwrite(path, page, 1)
    with open_outbox(tmp_path) as outbox:
        kept = sequences(read_until_empty(outbox))
    assert set(kept) >= {one.sequence for one in stored} - lost
    assert len(kept) < len(stored)


def test_a_file_of_another_program_is_not_thrown_away(tmp_path):
    with sqlite3.connect(tmp_path / "outbox.db") as other:
        other.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
        other.execute("PRAGMA user_version = 1")
    other.close()
    with open_outbox(tmp_path) as outbox:
        assert outbox.append(messages(1))[0].sequence == 1
    assert len(asides(tmp_path)) == 1
