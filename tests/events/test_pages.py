"""Readers that lag behind share what was read from the disk, and are told nothing else for it."""

from threading import Barrier, Event, Thread

from edge.events.pages import MOST, Pages
from edge.events.tail import MOST as TAIL
from tests.events.make_events import eventually, messages, open_outbox, sequences
from tests.events.test_tail import numbered


class Disk:
    def __init__(self, count):
        self.events, self.asked = numbered(1, count), []

    def load(self, after, limit):
        self.asked.append((after, limit))
        return self.events[after : after + limit]


def test_the_same_page_is_read_once():
    disk = Disk(300)
    pages = Pages(disk.load)
    for _ in range(3):
        assert sequences(pages.read(100, 100)) == list(range(101, 201))
    assert sequences(pages.read(100, 50)) == list(range(101, 151))
    assert disk.asked == [(100, 100), (100, 50)]


def test_where_nothing_is_yet_it_is_looked_again():
    disk = Disk(0)
    pages = Pages(disk.load)
    assert pages.read(0, 100) == []
    disk.events = numbered(1, 2)
    assert sequences(pages.read(0, 100)) == [1, 2]


def test_a_page_with_room_is_read_again_as_more_may_have_come():
    disk = Disk(30)
    pages = Pages(disk.load)
    assert sequences(pages.read(0, 100)) == list(range(1, 31))
    disk.events = numbered(1, 120)
    assert sequences(pages.read(0, 100)) == list(range(1, 101))


def test_after_a_restart_a_page_goes_on_with_what_has_come_since(tmp_path):
    with open_outbox(tmp_path) as outbox:
        outbox.append(messages(3))
    with open_outbox(tmp_path) as outbox:
        assert sequences(outbox.read(0)) == [1, 2, 3]
        outbox.append(messages(2))
        assert sequences(outbox.read(0)) == [1, 2, 3, 4, 5]


def test_the_pages_that_nobody_asked_for_longest_go_first():
    disk = Disk(10 * MOST)
    pages = Pages(disk.load)
    for after in range(MOST):
        pages.read(after, 1)
    pages.read(0, 1)
    pages.read(MOST, 1)
    asked = len(disk.asked)
    pages.read(0, 1)
    assert len(disk.asked) == asked
    pages.read(1, 1)
    assert disk.asked[asked:] == [(1, 1)]


def test_what_is_past_retention_is_in_no_page(tmp_path):
    with open_outbox(tmp_path, rows=TAIL + 300) as outbox:
        outbox.append(messages(TAIL + 300))
        assert sequences(outbox.read(0)) == list(range(1, 101))
        assert sequences(outbox.read(100)) == list(range(101, 201))
        outbox.append(messages(50))
        assert outbox.read(0)[0].sequence == 51
        assert sequences(outbox.read(100)) == list(range(101, 201))


def test_many_readers_at_once_are_told_the_same():
    disk, start, found = Disk(1000), Barrier(8), []
    pages = Pages(disk.load)

    def read():
        start.wait(10)
        found.append([one for after in range(0, 1000, 100) for one in pages.read(after, 100)])

    threads = [Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [disk.events] * 8
    assert len(disk.asked) == 10


def test_to_forget_waits_for_no_disk_and_what_comes_late_of_it_is_not_kept():
    reading, may = Event(), Event()
    events = numbered(1, 200)

    def load(after, limit):
        reading.set()
        assert may.wait(10)
        return events[after : after + limit]

    pages, found = Pages(load), []
    thread = Thread(target=lambda: found.append(pages.read(0, 100)))
    thread.start()
    assert reading.wait(10)
    pages.forget(before=50)
    may.set()
    thread.join(10)
    assert sequences(found[0]) == list(range(1, 101))
    assert not pages._kept
    assert sequences(pages.read(100, 100)) == list(range(101, 201))
    assert pages._kept


class Broken:
    """A connection whose next question meets damage."""

    def __init__(self, connection):
        self.connection, self.broken = connection, False

    def execute(self, *question):
        if self.broken:
            self.broken = False
            raise UnicodeDecodeError("utf-8", b"x", 0, 1, "damage")
        return self.connection.execute(*question)

    def __getattr__(self, name):
        return getattr(self.connection, name)


def test_damage_that_a_reader_far_behind_finds_stops_no_commit(tmp_path):
    """Each append prunes here, and so forgets pages, while the reader has the outbox renewed."""
    with open_outbox(tmp_path, rows=TAIL + 500, size=2**30) as outbox:
        outbox.append(messages(TAIL + 500))
        outbox._store.reader = reader = Broken(outbox._store.reader)
        stopping, before = Event(), outbox.last_sequence

        def write():
            while not stopping.is_set():
                outbox.append(messages(20))

        threads = [Thread(target=write, daemon=True)]
        threads[0].start()
        eventually(lambda: outbox.last_sequence > before)
        reader.broken = True
        threads.append(Thread(target=lambda: outbox.read(outbox.first_sequence), daemon=True))
        threads[1].start()
        threads[1].join(20)
        renewed = outbox.last_sequence
        eventually(lambda: outbox.last_sequence > renewed)
        stopping.set()
        threads[0].join(20)
        assert not any(thread.is_alive() for thread in threads)
        assert "outbox_damaged" in outbox.trouble
