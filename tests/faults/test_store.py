"""The box's own disk and clock fail: what it could store arrives, what it lost is said."""

import time
from contextlib import ExitStack

import pytest

from edge.events.tail import Tail
from tests.disks import small_disk
from tests.events.make_events import FakeClock, eventually, filled, open_journal, sample
from tests.events.make_events import event as happening
from tests.faults.box import ReportingBox
from tests.faults.counted import check, committed
from tests.faults.follower import Follower

PAGE = 4096


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=3) as folder:
        yield folder


def test_a_full_disk_delays_events_and_loses_none(disk, centre):
    with ReportingBox(disk, push=centre.port) as box:
        journal = open_journal(box.outbox, clock=time.time)
        told = 0
        for round_ in range(3):
            with filled(disk):
                for _ in range(40):
                    journal.record([happening(key=str(told), at=time.time())], None)
                    told += 1
                assert journal.failing
                assert journal.pending
            journal.retry()
            assert not journal.failing
            assert box.outbox.last_sequence == told == 40 * (round_ + 1)
        eventually(lambda: box.outbox.backlog("sink:centre")[0] == 0)
    sent = committed(disk)
    check(centre.kept.rows(), sent)
    assert len(sent) == told


@pytest.mark.parametrize(
    "steps", [[-3600.0, 7200.0], [50 * 365 * 86400.0, -60 * 365 * 86400.0], [0.0, -1e9]]
)
@pytest.mark.parametrize("how", ["push", "pull"])
def test_a_clock_that_is_set_loses_and_reorders_nothing(how, steps, tmp_path, centre):
    clock = FakeClock()
    options = {"clock": clock, "since": lambda: ("boot", 0.0)}
    with ExitStack() as stack:
        push = centre.port if how == "push" else None
        box = stack.enter_context(ReportingBox(tmp_path, push=push, port=0, **options))
        for step in steps:
            box.append(20)
            clock.now += step
            box.append(20)
        if how == "pull":
            stack.enter_context(Follower(box.port, centre.kept))
        eventually(lambda: centre.kept.count() == 40 * len(steps))
    check(centre.kept.rows(), committed(tmp_path))


def test_a_consumer_that_slept_past_retention_sees_the_gap_and_what_is_open(tmp_path, kept):
    with ReportingBox(tmp_path, port=0, rows=30) as box:
        sent = box.append(6)
        with Follower(box.port, kept):
            eventually(lambda: kept.count() == 6)
            eventually(lambda: box.outbox.backlog("pull:centre")[0] == 0)
        for _ in range(10):  # it sleeps
            sent += box.append(10)
        first = box.outbox.first_sequence
        open_now = [one.alert_id for one in box.outbox.open_alerts()]
        with Follower(box.port, kept):
            eventually(lambda: box.outbox.backlog("pull:centre")[0] == 0)
            sent += box.append(1)
            eventually(lambda: kept.rows()[-1][1] == sent[-1].sequence)
        assert sample(box.metrics, "outbox_pruned_unsent_total", consumer="pull:centre") > 0
    assert [gap[1:3] for gap in kept.gaps()] == [(7, first - 1)]
    assert kept.gaps()[0][3].split() == open_now
    assert [row[1] for row in kept.rows()] == [*range(1, 7), *range(first, 108)]


def test_a_sink_that_slept_past_retention_gets_the_rest_and_the_loss_is_counted(
    tmp_path, centre, network
):
    network.to = centre.port
    with ReportingBox(tmp_path, push=network.port, rows=30) as box:
        box.append(6)
        eventually(lambda: box.outbox.cursor("sink:centre") == 6)
        network.turn("away")
        for _ in range(10):
            box.append(10)
        first = box.outbox.first_sequence
        network.turn("good")
        eventually(lambda: box.outbox.backlog("sink:centre")[0] == 0)
        gone = sample(box.metrics, "outbox_pruned_unsent_total", consumer="sink:centre")
    assert first == 77
    assert gone == first - 7
    assert [row[1] for row in centre.kept.rows()] == [*range(1, 7), *range(first, 107)]


@pytest.mark.parametrize("how", ["push", "pull"])
@pytest.mark.parametrize("when", ["while it runs", "while it is off"])
def test_a_damaged_store_stops_nobody_and_what_is_lost_of_it_is_a_gap(how, when, tmp_path, centre):
    push = centre.port if how == "push" else None
    with ReportingBox(tmp_path, port=0) as box:
        sent = [one for _ in range(20) for one in box.append(10)]
        if when == "while it runs":
            damage(tmp_path, box.outbox)
            sent += box.append(5)
    if when == "while it is off":
        damage(tmp_path)
    with ExitStack() as stack:
        box = stack.enter_context(ReportingBox(tmp_path, push=push, port=0))
        if how == "pull":
            stack.enter_context(Follower(box.port, centre.kept))
        sent += box.append(5)
        eventually(lambda: centre.kept.rows() and centre.kept.rows()[-1][1] == sent[-1].sequence)
    after = committed(tmp_path)
    lost = {one.sequence for one in sent} - {sequence for _, sequence, _ in after}
    check(centre.kept.rows(), after)
    known = {(one.box_id, one.sequence, one.event_id) for one in sent}
    assert set(after) <= known
    assert 0 < len(lost) < 40
    assert len(list(tmp_path.glob("outbox.db.damaged-*"))) == 1
    if how == "pull":
        told = {n for _, first, last, _ in centre.kept.gaps() for n in range(first, last + 1)}
        assert lost <= told


def damage(folder, outbox=None):
    """Overwrite one page of events in the middle, as a bad sector would."""
    path = folder / "outbox.db"
    if outbox is not None:
        outbox._store.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        outbox._store.ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    pages = [n for n in range(len(data) // PAGE) if is_leaf(data[n * PAGE : (n + 1) * PAGE])]
    with path.open("r+b") as file:
        file.seek(pages[len(pages) // 2] * PAGE)
        file.write(b"\xa5" * PAGE)
    if outbox is not None:
        outbox._tail = Tail()  # what is in memory would hide it
        for database in (outbox._store.reader, outbox._store.writer):
            database.execute("PRAGMA shrink_memory")
        outbox.read(0, limit=1000)


def is_leaf(page):
    return page[0] == 13 and b"crossed" in page
