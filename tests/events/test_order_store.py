"""Orders on the disk."""

import signal
import sqlite3
import subprocess
import sys

import pytest

from edge.errors import OutboxError
from edge.events.orders import OrderStore
from edge.orders import DAY_S, Mode, Order

NOW = 1_000_000.0


def order(number, *, until=NOW + 60, made=NOW, mode=Mode.DISARMED):
    return Order(f"o{number}", mode, "gate", "", until, made, "shift lead", "repairs")


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "orders.db"


@pytest.fixture
def store(path, clock):
    with OrderStore(path, clock=lambda: clock[0]) as made:
        yield made


def test_a_new_store_has_none(store):
    assert (store.orders(), store.find("o1")) == ([], None)


def test_orders_survive_a_restart_in_their_order(path):
    both = [order(1), order(2, mode=Mode.ARMED, until=None)]
    with OrderStore(path, clock=lambda: NOW) as store:
        store.keep(both[0], {"o1"})
        store.keep(both[1], {"o1", "o2"})
    with OrderStore(path, clock=lambda: NOW) as again:
        assert again.orders() == both
    assert {file.name for file in path.parent.iterdir()} == {"orders.db"}


def test_what_was_withdrawn_does_not_hold_but_is_known(store):
    store.keep(order(1), {"o1"})
    store.keep(order(2, mode=Mode.SCHEDULE, until=None), set())
    assert store.orders() == []
    assert (store.find("o1"), store.find("o2").mode) == (order(1), Mode.SCHEDULE)


def test_what_is_over_does_not_hold_any_more(store, clock):
    store.keep(order(1), {"o1"})
    clock[0] += 60
    assert store.orders() == []


def test_what_is_over_is_forgotten_after_a_day(store, clock):
    store.keep(order(1), {"o1"})
    store.keep(order(2, until=None), {"o1", "o2"})
    clock[0] += DAY_S + 1
    store.keep(order(3, made=clock[0]), {"o2", "o3"})
    assert [store.find(f"o{number}") is None for number in (1, 2, 3)] == [True, False, False]


def test_an_order_that_can_t_be_stored_changes_nothing(store):
    store.keep(order(1), {"o1"})
    with pytest.raises(OutboxError):
        store.keep(order(1), set())  # the id is taken
    assert store.orders() == [order(1)]


def test_a_damaged_file_says_what_to_do(path):
    path.write_bytes(b"no database at all" * 100)
    with (
        pytest.raises(OutboxError, match=r"store of orders .*damaged; .*schedules"),
        OrderStore(path),
    ):
        pass


def test_what_was_kept_survives_kill_9(path):
    """The other process says so and is killed; a power cut is what synchronous=FULL is for."""
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from edge.events.orders import OrderStore\n"
        "from tests.events.test_order_store import order\n"
        "with OrderStore(Path(sys.argv[1])) as store:\n"
        "    store.keep(order(1, until=None), {'o1'})\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    with OrderStore(path) as store:
        assert store.orders() == [order(1, until=None)]


def test_it_is_written_through_to_the_disk(store):
    (mode,) = store._database.execute("PRAGMA synchronous").fetchone()
    assert mode == 2  # FULL
    assert isinstance(store._database, sqlite3.Connection)
