"""A lock that nobody can keep from others, though he does nothing else."""

import time
from threading import Event, Thread

import pytest

from edge.events.fair import FairLock
from tests.events.make_events import eventually


def started(*jobs):
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    return threads


def test_it_is_had_in_the_order_in_which_it_was_asked_for():
    lock, order, threads = FairLock(), [], []

    def ask(name):
        with lock:
            order.append(name)

    with lock:
        for count, name in enumerate("abcde", 1):
            threads += started(lambda name=name: ask(name))
            eventually(lambda count=count: len(lock._waiting) == count)
    for thread in threads:
        thread.join(10)
    assert order == list("abcde")


def test_who_takes_it_again_at_once_waits_for_who_came_before():
    lock, stopping, turns = FairLock(), Event(), []

    def greedy():
        while not stopping.is_set():
            with lock:
                turns.append("greedy")
                time.sleep(0.001)

    (thread,) = started(greedy)
    eventually(lambda: turns)
    for _ in range(20):
        with lock:
            turns.append("modest")
            seen = len(turns)
        assert turns[:seen].count("modest") <= turns[:seen].count("greedy") + 1
    stopping.set()
    thread.join(10)
    assert turns.count("modest") == 20


def test_one_at_a_time_has_it():
    lock, inside, most = FairLock(), [0], [0]

    def work():
        for _ in range(300):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    for thread in started(*[work] * 4):
        thread.join(30)
    assert (inside, most) == ([0], [1])


def test_an_error_lets_go_of_it():
    lock = FairLock()
    with pytest.raises(KeyError), lock:
        raise KeyError
    with lock:
        pass


@pytest.mark.parametrize("is_its_turn", [False, True])
def test_who_is_interrupted_while_he_waits_holds_up_nobody(monkeypatch, is_its_turn):
    lock, holder, waiter = FairLock(), Event(), []

    def hold():
        with lock:
            holder.wait(10)

    (thread,) = started(hold)
    eventually(lambda: lock._held)

    class Interrupted:
        """A turn whose wait is broken off, before or just after it has come."""

        def __init__(self):
            self.calls = 0

        def acquire(self):
            self.calls += 1
            if self.calls == 2:
                waiter.append(self)
                if is_its_turn:
                    holder.set()
                    thread.join(10)
                raise KeyboardInterrupt

        def release(self):
            pass

    monkeypatch.setattr("edge.events.fair.Lock", Interrupted)
    with pytest.raises(KeyboardInterrupt), lock:
        pytest.fail("it was had")
    holder.set()
    thread.join(10)
    monkeypatch.undo()
    with lock:
        assert lock._held
    assert not lock._held
    assert waiter
