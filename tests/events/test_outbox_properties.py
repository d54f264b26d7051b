"""Whatever happens to an outbox, it holds what a plain list would."""

import shutil
import sqlite3
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.errors import OutboxError
from edge.rpc import event_pb2 as pb
from tests.events.make_events import CLEARED, FakeClock, message, open_outbox, read_all

ROWS, AGE_S = 12, 100.0
ALERTS = st.sampled_from("abcdef")
STATES = st.sampled_from([pb.STATE_RAISED, pb.STATE_UPDATED, CLEARED])
BATCHES = st.lists(st.tuples(ALERTS, STATES), max_size=5)


class Outboxes(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder, self.patch = Path(tempfile.mkdtemp()), pytest.MonkeyPatch()
        self.patch.setattr("edge.events.schema.BUSY_S", 0.01)
        self.clock, self.stack = FakeClock(), ExitStack()
        self.told, self.times = [], []  # every event ever committed, and when
        self.cursors, self.first = {}, 1
        self.open()

    def open(self):
        outbox = open_outbox(self.folder, rows=ROWS, age_s=AGE_S, clock=self.clock)
        self.outbox = self.stack.enter_context(outbox)

    @rule(batch=BATCHES)
    def append(self, batch):
        stored = self.outbox.append([message(*one) for one in batch])
        assert len({self.outbox.box_id} | {one.box_id for one in stored}) == 1
        self.told += stored
        self.times += [self.clock.now] * len(stored)
        while self.first <= len(self.told) and (
            len(self.told) - self.first + 1 > ROWS
            or self.clock.now - self.times[self.first - 1] > AGE_S
        ):
            self.first += 1

    @rule(batch=BATCHES.filter(bool))
    def fail_to_append(self, batch):
        with sqlite3.connect(self.folder / "outbox.db") as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OutboxError, match="another program"):
                self.outbox.append([message(*one) for one in batch])
        other.close()

    @rule(consumer=st.sampled_from("xyz"), sequence=st.integers(0, 40))
    def confirm(self, consumer, sequence):
        self.outbox.confirm(consumer, sequence)
        most = min(sequence, len(self.told))
        self.cursors[consumer] = max(most, self.cursors.get(consumer, 0))

    @rule(seconds=st.floats(0, AGE_S))
    def pass_time(self, seconds):
        self.clock.now += seconds

    @rule()
    def reopen(self):
        self.stack.close()
        self.open()

    @invariant()
    def the_kept_events_are_the_newest_told_in_one_unbroken_run(self):
        assert read_all(self.outbox) == self.told[self.first - 1 :]
        assert [one.sequence for one in self.told] == list(range(1, len(self.told) + 1))
        assert self.outbox.last_sequence == len(self.told)
        assert self.outbox.first_sequence == self.first

    @invariant()
    def the_open_alerts_are_those_not_cleared(self):
        latest = {one.alert_id: one for one in self.told}
        still = [one for one in latest.values() if one.state != CLEARED]
        found = self.outbox.open_alerts()
        assert sorted(found, key=lambda e: e.sequence) == sorted(still, key=lambda e: e.sequence)

    @invariant()
    def cursors_and_backlogs_are_right(self):
        for consumer, cursor in self.cursors.items():
            assert self.outbox.cursor(consumer) == cursor
            backlog = len(self.told) - max(cursor, self.first - 1)
            assert self.outbox.backlog(consumer)[0] == backlog

    def teardown(self):
        self.stack.close()
        self.patch.undo()
        shutil.rmtree(self.folder)


Outboxes.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
test_an_outbox_holds_what_a_plain_list_would = Outboxes.TestCase
