"""Whatever happens to log, acks and connections, a consumer can account for every sequence."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rpc import events_pb2 as pb
from edge.serve.subscription import Subscription
from tests.serve.make_serve import MemoryLog

STEPS = st.one_of(
    st.tuples(st.just("append"), st.integers(1, 150)),
    st.tuples(st.just("forget"), st.integers(0, 100)),  # per cent of what is kept
    st.tuples(st.just("ack"), st.integers(0, 100)),  # per cent of what was heard
)
SESSIONS = st.lists(st.tuples(st.integers(1, 120), st.lists(STEPS, max_size=6)), max_size=5)

CATCH_UP = (1000, [("append", 1), *[("ack", 100)] * 6])  # more than the sessions can append


class Session:
    """One connection of the consumer: what it has heard, as the next sequence it expects."""

    def __init__(self, log, window):
        self.log, self.window, self.answers = log, window, asyncio.Queue()
        self.expected = log.cursor("pull:c") + 1
        self.acked, self.heard = log.cursor("pull:c"), []
        start = pb.Start(consumer="c", max_outstanding=window)
        self.subscription = Subscription(log, start, idle_s=60)
        self.requests = asyncio.Queue()

    async def open(self):
        await self.subscription.open()
        self.deliver = asyncio.create_task(self.subscription.deliver(self.hear))
        self.listen = asyncio.create_task(self.subscription.take_acks(self.said()))
        await self.settle()

    async def said(self):
        while (request := await self.requests.get()) is not None:
            yield request

    async def hear(self, answer):
        kind = answer.WhichOneof("message")
        if kind == "event":
            assert answer.event.sequence == self.expected, "skipped without a word"
            self.heard.append(self.expected)
            self.expected += 1
        elif kind == "gap":
            assert answer.gap.first_missing == self.expected
            assert answer.gap.last_missing >= self.expected
            self.expected = answer.gap.last_missing + 1
        else:
            assert answer.progress.last_sequence == self.expected - 1 <= self.log.last_sequence
        assert self.outstanding() <= self.window

    async def settle(self):
        self.subscription.wake()
        while self.expected <= self.log.last_sequence and self.room():
            assert not self.deliver.done(), self.deliver.exception()
            await asyncio.sleep(0)

    def room(self):
        return self.outstanding() < self.window

    def outstanding(self):
        return sum(sequence > self.acked for sequence in self.heard)

    async def do(self, what, amount):
        if what == "append":
            self.log.append(amount)
        elif what == "forget":
            self.log.forget(self.log.last_sequence * amount // 100)
        else:
            self.acked += (self.expected - 1 - self.acked) * amount // 100
            self.requests.put_nowait(pb.SubscribeRequest(ack=pb.Ack(sequence=self.acked)))
        await self.settle()

    async def close(self):
        self.requests.put_nowait(None)
        await self.listen
        await self.deliver
        assert self.log.cursor("pull:c") == self.acked


@settings(max_examples=60, deadline=None)
@given(SESSIONS)
def test_every_sequence_is_delivered_or_told_to_be_gone_and_acks_last(sessions):
    asyncio.run(play(sessions))


async def play(sessions):
    log = MemoryLog()
    async with asyncio.timeout(30):
        for window, steps in [*sessions, CATCH_UP]:
            session = Session(log, window)
            await session.open()
            for what, amount in steps:
                await session.do(what, amount)
            await session.close()
    assert log.cursor("pull:c") == log.last_sequence
