"""What is in memory is what the disk has."""

from edge.events.tail import MOST, Tail
from tests.events.make_events import messages, open_outbox, sequences


def numbered(first, count):
    made = messages(count)
    for sequence, one in enumerate(made, first):
        one.sequence = sequence
    return made


def test_whoever_has_kept_up_reads_the_next_ones():
    tail = Tail()
    tail.add(numbered(5, 4), first=5)
    assert sequences(tail.read(4, 100)) == [5, 6, 7, 8]
    assert sequences(tail.read(6, 1)) == [7]
    assert tail.read(8, 100) == []


def test_what_is_older_is_not_in_it():
    tail = Tail()
    assert tail.read(0, 100) == []
    tail.add(numbered(5, 4), first=1)
    assert tail.read(3, 100) == []


def test_it_is_bounded_and_forgets_what_is_not_kept():
    tail = Tail()
    for first in range(1, 3001, 100):
        tail.add(numbered(first, 100), first=1)
    assert tail.read(3000 - MOST - 1, 1) == []
    assert sequences(tail.read(3000 - MOST, 1)) == [3000 - MOST + 1]
    tail.add((), first=2990)
    assert tail.read(2988, 1) == []
    assert sequences(tail.read(2989, 100)) == list(range(2990, 3001))
    tail.add((), first=3001)
    assert tail.read(3000, 100) == []


def test_a_reader_far_behind_and_one_that_kept_up_are_told_the_same(tmp_path):
    with open_outbox(tmp_path, rows=5000) as outbox:
        stored = [one for _ in range(30) for one in outbox.append(messages(100))]
        found = []
        while page := outbox.read(found[-1].sequence if found else 0):
            found += page
        assert found == stored
        assert outbox._store.ask("SELECT count(*) FROM event") == [(3000,)]
