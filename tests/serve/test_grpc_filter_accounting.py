"""Whatever happens to log, acks and nacks: no event that a filter takes is passed unsettled."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rpc import events_pb2 as pb
from edge.serve.subscription import Subscription
from tests.serve.make_serve import MemoryLog

CAMERAS = st.text(alphabet="gy", min_size=1, max_size=150)  # of the events, by initial
STEPS = st.one_of(
    st.tuples(st.just("append"), CAMERAS),
    st.tuples(st.just("forget"), st.integers(0, 100)),  # per cent of all
    st.tuples(st.just("ack"), st.integers(0, 100)),  # per cent of what waits for it
    st.tuples(st.just("nack"), st.integers(0, 99)),  # the one so far on in what waits
)
SESSIONS = st.lists(st.tuples(st.integers(1, 120), st.lists(STEPS, max_size=6)), max_size=5)


class Account:
    """What became of every event that the consumer wants, over all its connections."""

    def __init__(self):
        self.log, self.settled, self.refused = MemoryLog(), set(), set()

    def wanted(self, up_to):
        kept = {one.sequence for one in self.log.kept}
        ours = {one.sequence for one in self.log.kept if one.camera == "g"}
        gone = set(range(1, up_to + 1)) - kept
        return {sequence for sequence in ours if sequence <= up_to} - gone

    def check(self):
        """What the cursor has passed is settled, or was told to be gone."""
        assert self.wanted(self.log.cursor("pull:c")) <= self.settled
        assert {sequence for _, sequence in self.log.letters} <= self.refused


class Session:
    """One connection: everything heard in order, what waits to be settled."""

    def __init__(self, account, window):
        self.account, self.log, self.window = account, account.log, window
        self.place, self.waiting, self.requests = self.log.cursor("pull:c"), [], asyncio.Queue()
        start = pb.Start(consumer="c", max_outstanding=window, filter=pb.Filter(cameras=["g"]))
        self.subscription = Subscription(self.log, start, idle_s=0.0)

    async def hear(self, answer):
        match answer.WhichOneof("message"):
            case "event":
                self.hear_event(answer.event)
            case "gap":
                self.place = answer.gap.last_missing
            case "progress":
                self.place = answer.progress.last_sequence

    def hear_event(self, event):
        assert event.camera == "g"
        between = range(self.place + 1, event.sequence)
        assert not set(between) & self.account.wanted(event.sequence), "skipped without a word"
        self.waiting.append(event.sequence)
        assert len(self.waiting) <= self.window
        self.place = event.sequence

    async def said(self):
        while (request := await self.requests.get()) is not None:
            yield request

    async def settle(self):
        self.subscription.wake()
        for _ in range(20):
            await asyncio.sleep(0.0005)

    def append(self, cameras):
        for camera in cameras:
            self.log.append(camera=camera)

    def forget(self, share):
        self.log.forget(self.log.last_sequence * share // 100)

    def ack(self, share):
        if count := len(self.waiting) * share // 100:
            self.account.settled |= set(self.waiting[:count])
            self.say(ack=pb.Ack(sequence=self.waiting[count - 1]))
            del self.waiting[:count]

    def nack(self, share):
        if self.waiting:
            sequence = self.waiting.pop(len(self.waiting) * share // 100)
            self.account.settled.add(sequence)
            self.account.refused.add(sequence)
            self.say(nack=pb.Nack(sequence=sequence))

    def say(self, **message):
        self.requests.put_nowait(pb.SubscribeRequest(**message))

    async def play(self, steps):
        await self.subscription.open()
        deliver = asyncio.create_task(self.subscription.deliver(self.hear))
        listen = asyncio.create_task(self.subscription.take_acks(self.said()))
        for what, amount in steps:
            await self.settle()
            getattr(self, what)(amount)
            await self.settle()
            self.account.check()
        self.requests.put_nowait(None)
        await asyncio.gather(listen, deliver)
        self.account.check()


@settings(max_examples=40, deadline=None)
@given(SESSIONS)
def test_the_cursor_passes_nothing_that_is_wanted_and_not_settled(sessions):
    async def play():
        account = Account()
        async with asyncio.timeout(60):
            for window, steps in sessions:
                await Session(account, window).play(steps)
                assert {sequence for _, sequence in account.log.letters} == account.refused

    asyncio.run(play())
