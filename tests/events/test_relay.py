"""The relay: at least once, in order, never past what was acknowledged."""

import math
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from edge.errors import OutboxError, SinkError
from edge.events import relay as module
from edge.events.relay import Relay
from edge.events.route import Route
from edge.metrics import Metrics
from edge.types import Receipt
from tests.events.make_events import eventually, message, messages, open_outbox, sample, sequences
from tests.events.make_sinks import MemoryCentre, ScriptedSink

CONSUMER = "sink:centre"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.02)


@contextmanager
def relaying(outbox, sink, metrics, **options):
    relay = Relay(outbox, sink, metrics=metrics, **options)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()
        relay.join(5)
        assert not relay.is_alive()


def acked(outbox, sequence, consumer=CONSUMER):
    return eventually(lambda: outbox.cursor(consumer) == sequence)


def test_what_is_there_and_what_comes_is_sent_in_order(outbox, metrics):
    sink = ScriptedSink()
    outbox.append(messages(3))
    with relaying(outbox, sink, metrics) as relay:
        acked(outbox, 3)
        for _ in range(5):
            outbox.append(messages(2))
        acked(outbox, 13)
        health = relay.health()
    assert sink.sent == list(range(1, 14))
    assert (health.name, health.acked_sequence, health.backlog) == (CONSUMER, 13, 0)
    assert (health.connected, health.reason, health.oldest_age_s) == (True, "", None)
    assert sample(metrics, "sink_acknowledged_total", sink="centre") == 13


def test_batches_are_at_most_a_hundred(outbox, metrics):
    sink = ScriptedSink()
    outbox.append(messages(250))
    with relaying(outbox, sink, metrics):
        acked(outbox, 250)
    assert [len(batch) for batch in sink.batches] == [100, 100, 50]


def test_a_failed_batch_is_sent_again_until_it_is_taken(outbox, metrics):
    failures = iter([SinkError("no route"), SinkError("no route"), ZeroDivisionError("odd")])

    def answer(events):
        if (failure := next(failures, None)) is not None:
            raise failure
        return Receipt(events[-1].sequence)

    sink = ScriptedSink(answer)
    outbox.append(messages(2))
    with capture_logs() as said, relaying(outbox, sink, metrics):
        acked(outbox, 2)
    assert sink.batches == [[1, 2]] * 4
    assert sample(metrics, "sink_errors_total", sink="centre") == 3
    assert [one["event"] for one in said] == ["sink failed, will try again"] * 2 + [
        "sink connected"
    ]


def test_the_rest_of_a_batch_that_was_taken_in_part_is_sent_again(outbox, metrics):
    sink = ScriptedSink(lambda events: Receipt(min(events[0].sequence + 1, events[-1].sequence)))
    outbox.append(messages(5))
    with relaying(outbox, sink, metrics):
        acked(outbox, 5)
    assert sink.batches == [[1, 2, 3, 4, 5], [3, 4, 5], [5]]
    assert sample(metrics, "sink_acknowledged_total", sink="centre") == 5


@pytest.mark.parametrize("wrong", [0, 2, 6, 99])
def test_an_ack_of_what_was_not_sent_counts_for_nothing(outbox, metrics, wrong):
    outbox.append(messages(5))
    outbox.confirm(CONSUMER, 2)
    sink = ScriptedSink(lambda events: Receipt(wrong))
    with relaying(outbox, sink, metrics) as relay:
        eventually(lambda: len(sink.batches) > 2)
        assert outbox.cursor(CONSUMER) == 2
        assert f"acknowledged {wrong}, was sent 3..5" in relay.health().reason
        assert not relay.health().connected
        sink.answer = lambda events: Receipt(events[-1].sequence)
        acked(outbox, 5)


def test_rejected_events_are_kept_aside_counted_and_not_sent_again(outbox, metrics):
    sink = ScriptedSink(lambda events: Receipt(events[-1].sequence, {2: "no", 3: "no", 77: "no"}))
    outbox.append(messages(4))
    with capture_logs() as said, relaying(outbox, sink, metrics):
        acked(outbox, 4)
    assert sink.batches == [[1, 2, 3, 4]]
    letters = outbox._store.ask(
        "SELECT consumer, sequence, reason FROM dead_letter ORDER BY sequence"
    )
    assert letters == [(CONSUMER, 2, "no"), (CONSUMER, 3, "no")]
    assert sample(metrics, "sink_rejected_total", sink="centre") == 2
    assert sample(metrics, "sink_acknowledged_total", sink="centre") == 2
    assert len([one for one in said if one["event"] == "event refused for good"]) == 1


def test_a_rejection_that_is_said_again_is_counted_once(outbox, metrics):
    sink = ScriptedSink(lambda events: Receipt(events[0].sequence, {3: "no"}))
    outbox.append(messages(3))
    with relaying(outbox, sink, metrics):
        acked(outbox, 3)
    assert sample(metrics, "sink_rejected_total", sink="centre") == 1
    assert sample(metrics, "sink_acknowledged_total", sink="centre") == 2


def test_a_restart_goes_on_behind_the_last_ack(outbox, metrics):
    outbox.append(messages(3))
    with relaying(outbox, ScriptedSink(), metrics):
        acked(outbox, 3)
    outbox.append(messages(2))
    sink = ScriptedSink()
    with relaying(outbox, sink, metrics):
        acked(outbox, 5)
    assert sink.sent == [4, 5]


def test_what_retention_took_is_said_once_and_the_rest_is_sent(tmp_path, metrics):
    with open_outbox(tmp_path, rows=5, metrics=metrics) as outbox:
        sink = ScriptedSink()
        with relaying(outbox, sink, metrics):
            outbox.append(messages(2))
            acked(outbox, 2)
        outbox.append(messages(20))
        sink.answer = failing_once()
        with capture_logs() as said, relaying(outbox, sink, metrics):
            acked(outbox, 22)
    assert sink.sent[2:] == [18, 19, 20, 21, 22] * 2
    gaps = [one["count"] for one in said if "past retention" in one["event"]]
    assert gaps == [15] == [sample(metrics, "outbox_pruned_unsent_total", consumer=CONSUMER)]


def failing_once():
    failures = iter([SinkError("no route")])

    def answer(events):
        for failure in failures:
            raise failure
        return Receipt(events[-1].sequence)

    return answer


def test_a_sink_passes_events_that_are_all_gone(tmp_path, metrics, clock):
    with open_outbox(tmp_path, age_s=10, clock=clock, metrics=metrics) as outbox:
        outbox.append(messages(1))
        outbox.confirm(CONSUMER, 1)
        outbox.append(messages(3))
        clock.now += 11
        outbox.prune()
        with capture_logs() as said, relaying(outbox, ScriptedSink(), metrics):
            acked(outbox, 4)
    assert [one["count"] for one in said] == [3]


def test_a_new_sink_begins_with_the_oldest_kept_event_and_misses_nothing(tmp_path, metrics):
    with open_outbox(tmp_path, rows=5, metrics=metrics) as outbox:
        outbox.append(messages(9))
        sink = ScriptedSink()
        with capture_logs() as said, relaying(outbox, sink, metrics):
            acked(outbox, 9)
    assert sink.sent == [5, 6, 7, 8, 9]
    assert [one["event"] for one in said] == ["sink connected"]
    assert not sample(metrics, "outbox_pruned_unsent_total", consumer=CONSUMER)


def test_a_new_sink_is_known_to_retention_before_it_took_anything(outbox, metrics):
    with relaying(outbox, ScriptedSink(), metrics):
        eventually(outbox.consumers)
        assert outbox.consumers() == [CONSUMER]


def test_how_a_sink_gets_on_is_counted(outbox, metrics):
    def told(name):
        return sample(metrics, name, sink="centre")

    class Moody(ScriptedSink):
        name = "centre"
        away = True

        def send(self, events):
            if self.away:
                raise SinkError("no route", "wait")
            return super().send(events)

    sink = Moody()
    outbox.append(messages(3))
    with relaying(outbox, sink, metrics) as relay:
        eventually(lambda: "no route" in relay.health().reason)
        assert (told("sink_connected"), told("sink_backlog")) == (0, 3)
        for away in (False, True, False):
            sink.away = away
            outbox.append(messages(1))
            eventually(lambda away=away: relay.health().connected is not away)
        acked(outbox, 6)
        assert (told("sink_connected"), told("sink_backlog")) == (1, 0)
    assert told("sink_reconnects_total") == 2


def test_the_age_of_the_oldest_unsent_event_grows_while_a_sink_is_silent(outbox, metrics, clock):
    centre = MemoryCentre(silent=True)
    with relaying(outbox, centre.sink(), metrics):
        outbox.append(messages(2))
        eventually(lambda: centre.heard)
        clock.now += 42
        assert sample(metrics, "oldest_unsent_seconds", sink="memory") == 42


def test_the_age_is_unknown_once_the_outbox_is_closed(tmp_path, metrics):
    with open_outbox(tmp_path) as outbox:
        relay = Relay(outbox, ScriptedSink(), metrics=metrics)
        assert sample(metrics, "oldest_unsent_seconds", sink="centre") == 0
    assert math.isnan(sample(metrics, "oldest_unsent_seconds", sink="centre"))
    assert relay.name == "sink-centre"


@pytest.mark.parametrize("busy", ["waiting for events", "sending", "pausing"])
def test_it_stops_at_once_whatever_it_is_doing(outbox, metrics, monkeypatch, busy):
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 30)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 30)
    centre = MemoryCentre(silent=busy == "sending", reachable=busy != "pausing")
    relay = Relay(outbox, centre.sink(), metrics=metrics)
    relay.start()
    if busy == "waiting for events":
        eventually(outbox.consumers)
    else:
        outbox.append(messages(1))
        eventually(lambda: centre.heard or sample(metrics, "sink_errors_total", sink="memory"))
    began = time.monotonic()
    relay.stop()
    relay.join(5)
    assert not relay.is_alive()
    assert time.monotonic() - began < 1
    assert outbox.cursor("sink:memory") == 0


def test_it_can_be_stopped_before_it_has_begun(outbox, metrics):
    sink = ScriptedSink()
    relay = Relay(outbox, sink, metrics=metrics)
    relay.stop()
    relay.start()
    relay.join(5)
    assert not relay.is_alive()
    assert sink.closed
    assert sink.batches == []


def test_it_lives_on_through_trouble_of_the_outbox(outbox, metrics, monkeypatch):
    trouble = threading.Event()
    trouble.set()
    real = outbox.confirm

    def confirm(*told):
        if trouble.is_set():
            raise OutboxError("the disk is full")
        real(*told)

    monkeypatch.setattr(outbox, "confirm", confirm)
    outbox.append(messages(2))
    with relaying(outbox, ScriptedSink(), metrics) as relay:
        eventually(lambda: "disk is full" in relay.health().reason)
        trouble.clear()
        acked(outbox, 2)
        assert relay.is_alive()


def test_a_slow_sink_does_not_slow_the_writer(outbox, metrics):
    centre = MemoryCentre(silent=True)
    with relaying(outbox, centre.sink(), metrics) as relay:
        outbox.append(messages(1))
        eventually(lambda: centre.heard)
        began = time.monotonic()
        for _ in range(50):
            outbox.append(messages(1))
        assert time.monotonic() - began < 5
        assert relay.health().backlog == 51


def test_pauses_grow_to_a_bound_with_jitter(outbox, metrics, monkeypatch):
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.5)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 30.0)
    relay, pauses = Relay(outbox, ScriptedSink(), metrics=metrics), []
    monkeypatch.setattr(relay._stopping, "wait", pauses.append)
    for _ in range(10):
        relay._fail("no route")
    for place, pause in enumerate(pauses):
        assert 0.8 * min(30, 0.5 * 2**place) <= pause <= min(30, 0.6 * 2**place)
    assert len({pause / 2**place for place, pause in enumerate(pauses)}) == 10


# --- what the far end asks for, and the connection while there is nothing to send


def test_what_a_far_end_asks_to_wait_is_waited_and_no_more_than_the_bound(
    outbox, metrics, monkeypatch
):
    relay, pauses = Relay(outbox, ScriptedSink(), metrics=metrics), []
    monkeypatch.setattr(relay._stopping, "wait", pauses.append)
    for asked in (0.0, 7.0, 1e9):
        relay._fail("later", asked)
    assert pauses[0] < 1
    assert 7.0 <= pauses[1] <= 7.0 * 1.2
    assert module.LONGEST_WAIT_S <= pauses[2] <= module.LONGEST_WAIT_S * 1.2


def test_a_sink_that_asks_for_time_is_sent_nothing_before(outbox, metrics):
    times = []

    def answer(events):
        times.append(time.monotonic())
        if len(times) == 1:
            raise SinkError("busy", wait_s=0.3)
        return Receipt(events[-1].sequence)

    outbox.append(messages(1))
    with relaying(outbox, ScriptedSink(answer), metrics):
        acked(outbox, 1)
    assert times[1] - times[0] >= 0.3


def test_the_connection_is_seen_to_before_there_is_an_event(outbox, metrics):
    with relaying(outbox, ScriptedSink(tend=lambda: True), metrics) as relay:
        eventually(lambda: relay.health().connected)
        assert (relay.health().reason, relay.health().backlog) == ("", 0)


def test_where_only_sending_tells_nothing_is_said_before(outbox, metrics):
    seen = []
    with relaying(outbox, ScriptedSink(tend=lambda: seen.append(1)), metrics) as relay:
        eventually(lambda: seen)
        assert (relay.health().connected, relay.health().reason) == (False, "nothing sent yet")


def test_a_far_end_that_goes_away_meanwhile_is_said_and_found_again(outbox, metrics, monkeypatch):
    monkeypatch.setattr(module, "TEND_S", 0.01)
    away = threading.Event()

    def tend():
        if away.is_set():
            raise SinkError("nobody there")
        return True

    with relaying(outbox, ScriptedSink(tend=tend), metrics) as relay:
        eventually(lambda: relay.health().connected)
        away.set()
        eventually(lambda: relay.health().reason == "nobody there")
        assert not relay.health().connected
        away.clear()
        eventually(lambda: relay.health().connected)
        outbox.append(messages(1))
        acked(outbox, 1)


# --- what is for this sink

HIGH = Route(min_level=2)


def leveled(levels):
    """Events of these levels; one digit each."""
    return [message(f"a{at}", level=int(level)) for at, level in enumerate(levels)]


def test_only_what_is_for_the_sink_is_sent_and_the_cursor_passes_over_the_rest(outbox, metrics):
    sink = ScriptedSink()
    outbox.append(leveled("1121123111"))
    with relaying(outbox, sink, metrics, route=HIGH) as relay:
        acked(outbox, 10)
        assert (relay.health().backlog, relay.health().oldest_age_s) == (0, None)
    assert sink.batches == [[3, 6, 7]]
    assert sample(metrics, "sink_acknowledged_total", sink="centre") == 3
    assert sample(metrics, "sink_filtered_total", sink="centre") == 7


def test_where_nothing_is_for_the_sink_it_is_not_bothered(outbox, metrics):
    sink = ScriptedSink(lambda _: pytest.fail("sent"))
    outbox.append(leveled("1" * 250))
    with relaying(outbox, sink, metrics, route=HIGH):
        acked(outbox, 250)
    assert sink.batches == []


def test_while_the_sink_fails_what_is_for_it_waits_and_is_what_is_behind_its_cursor(
    tmp_path, metrics, clock
):
    centre = MemoryCentre(reachable=False)
    with open_outbox(tmp_path, metrics=metrics, clock=clock) as outbox:
        outbox.append(leveled("111"))
        clock.now += 100
        outbox.append(leveled("21"))
        clock.now += 7
        with relaying(outbox, centre.sink(), metrics, route=HIGH) as relay:
            acked(outbox, 3, "sink:memory")
            eventually(lambda: relay.health().reason == "sink 'memory': nobody there")
            assert relay.health().oldest_age_s == 7.0
            assert sample(metrics, "sink_filtered_total", sink="memory") == 3
            centre.up()
            acked(outbox, 5, "sink:memory")
    assert sequences(centre.stored) == [4]


def test_what_is_refused_or_taken_in_part_is_settled_among_what_was_sent(outbox, metrics):
    answers = iter([Receipt(5, {3: "no", 4: "not sent"}), Receipt(8)])
    sink = ScriptedSink(lambda _: next(answers))
    outbox.append(leveled("1121212211"))
    with relaying(outbox, sink, metrics, route=HIGH):
        acked(outbox, 10)
    assert sink.batches == [[3, 5, 7, 8], [7, 8]]
    letters = outbox._store.ask("SELECT sequence FROM dead_letter")
    assert letters == [(3,)]
    assert sample(metrics, "sink_acknowledged_total", sink="centre") == 3
    assert sample(metrics, "sink_filtered_total", sink="centre") == 6


def test_an_ack_of_what_was_passed_over_counts_for_nothing(outbox, metrics):
    sink = ScriptedSink(lambda _: Receipt(5))
    outbox.append(leveled("12111"))
    with relaying(outbox, sink, metrics, route=HIGH) as relay:
        eventually(lambda: "acknowledged 5, was sent 2..2" in relay.health().reason)
        assert outbox.cursor(CONSUMER) == 1


def test_what_retention_took_is_not_counted_as_passed_over(tmp_path, metrics):
    sink = ScriptedSink()
    with open_outbox(tmp_path, rows=5, metrics=metrics) as outbox:
        outbox.confirm(CONSUMER, 0)
        outbox.append(leveled("1111111112"))
        with capture_logs() as said, relaying(outbox, sink, metrics, route=HIGH):
            acked(outbox, 10)
    assert [one["count"] for one in said if "past retention" in one["event"]] == [5]
    assert sample(metrics, "sink_filtered_total", sink="centre") == 4
    assert sink.sent == [10]


def test_a_sink_that_is_started_again_is_sent_nothing_twice(outbox, metrics):
    first, second = ScriptedSink(), ScriptedSink()
    outbox.append(leveled("1211"))
    with relaying(outbox, first, metrics, route=HIGH):
        acked(outbox, 4)
    outbox.append(leveled("12"))
    with relaying(outbox, second, metrics, route=HIGH):
        acked(outbox, 6)
    assert (first.sent, second.sent) == ([2], [6])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text("1234", min_size=1, max_size=8), max_size=8),
    st.integers(1, 4),
    st.lists(st.booleans(), max_size=12),
)
def test_filters_never_lose_what_matches(commits, least, failures):
    """Whatever is committed when, and however the sink fails: all that matches, once, in order."""
    trouble = iter(failures)

    def answer(events):
        if next(trouble, False):
            raise SinkError("no route")
        return Receipt(events[-1].sequence)

    sink, metrics = ScriptedSink(answer), Metrics()
    levels = "".join(commits)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_outbox(Path(folder), metrics=metrics) as outbox,
        relaying(outbox, sink, metrics, route=Route(min_level=least)),
    ):
        for commit in commits:
            outbox.append(leveled(commit))
        acked(outbox, len(levels))
    wanted = [at for at, level in enumerate(levels, 1) if int(level) >= least]
    assert list(dict.fromkeys(sink.sent)) == wanted
    assert sample(metrics, "sink_acknowledged_total", sink="centre") == len(wanted)
    passed = sample(metrics, "sink_filtered_total", sink="centre")
    assert passed == len(levels) - len(wanted)
