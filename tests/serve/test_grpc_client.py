"""The client that `fenceline events tail` uses."""

import itertools
import threading

import pytest

from edge.errors import SinkError
from edge.serve.client import get_status, subscribe
from tests.serve.make_serve import MemoryLog, event, eventually, serving


def target(box):
    return f"127.0.0.1:{box.grpc_port}"


def take(answers, count):
    return [answer.event.sequence for answer in itertools.islice(answers, count)]


def test_events_come_beyond_any_window():
    log = MemoryLog(1500)
    with serving(log) as box:
        answers = subscribe(target(box), after=0)
        assert take(answers, 1500) == list(range(1, 1501))
        answers.close()


def test_new_events_come_as_they_are_committed():
    log = MemoryLog(2)
    with serving(log) as box:
        answers = subscribe(target(box))
        assert next(answers).progress.last_sequence == 2
        log.append()
        assert next(answers).event.sequence == 3
        answers.close()
        assert log.confirmed == []


def test_what_a_named_consumer_asked_past_is_acknowledged_and_no_more():
    log = MemoryLog(5)
    with serving(log) as box:
        answers = subscribe(target(box), consumer="centre")
        assert take(answers, 3) == [1, 2, 3]
        answers.close()
        assert log.cursors == {"pull:centre": 2}
        assert take(subscribe(target(box), consumer="centre"), 2) == [3, 4]


def test_a_gap_is_acknowledged_like_an_event():
    log = MemoryLog(5)
    log.forget(5)
    with serving(log) as box:
        answers = subscribe(target(box), consumer="centre")
        assert next(answers).gap.last_missing == 5
        assert next(answers).progress.last_sequence == 5
        answers.close()
    assert log.cursors == {"pull:centre": 5}


def test_a_gap_in_parts_is_acknowledged_when_all_are_taken_over():
    log = MemoryLog(5)
    log.forget(5)
    log.open_alerts = lambda: [event(n) for n in range(501)]
    with serving(log) as box:
        answers = subscribe(target(box), consumer="centre")
        assert [next(answers).gap.continues for _ in range(2)] == [True, False]
        answers.close()
        assert log.cursors == {"pull:centre": 0}
        answers = subscribe(target(box), consumer="centre")
        assert [next(answers).WhichOneof("message") for _ in range(3)] == ["gap", "gap", "progress"]
        answers.close()
    assert log.cursors == {"pull:centre": 5}


def test_a_box_that_stops_is_an_error_with_a_remedy():
    with serving() as box:
        answers = subscribe(target(box))
        next(answers)
        box.stop()
        with pytest.raises(SinkError, match=r"UNAVAILABLE, the box is shutting down.*; check"):
            next(answers)


@pytest.mark.parametrize("call", [get_status, lambda target: next(subscribe(target))])
def test_nobody_there_is_an_error_with_a_remedy(call):
    with serving() as box:
        gone = target(box)
    with pytest.raises(SinkError, match=f"box at {gone}: UNAVAILABLE.*; check the address"):
        call(gone)


def test_leaving_ends_the_stream_and_its_thread():
    before = threading.active_count()
    with serving() as box:
        answers = subscribe(target(box), consumer="centre")
        next(answers)
        answers.close()
        assert box.connected() == set()
    eventually(lambda: threading.active_count() <= before + 1)
