"""Random schedules of all faults at once; FENCELINE_FAULTS=50 for fifty times as many.

FENCELINE_FAULTS_SEED=... runs the schedules of a seed that was printed again.
"""

import os
import random
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.events.make_events import FakeClock, eventually
from tests.faults.box import ReportingBox
from tests.faults.centre import MOODS, Centre, Kept
from tests.faults.counted import check, committed
from tests.faults.follower import Follower
from tests.faults.proxy import FAULTS, GOOD, Proxy

MORE = int(os.environ.get("FENCELINE_FAULTS", "1"))
SEED = int(os.environ.get("FENCELINE_FAULTS_SEED") or random.randrange(2**32))
STEP = st.one_of(
    st.tuples(st.just("append"), st.integers(1, 40)),
    st.tuples(st.just("append"), st.integers(1, 40)),
    st.tuples(st.just("network"), st.sampled_from([GOOD, *FAULTS])),
    st.tuples(st.just("moods"), st.lists(st.sampled_from(MOODS), min_size=1, max_size=3)),
    st.tuples(st.just("clock"), st.floats(-1e9, 1e9)),
    st.tuples(st.just("wait"), st.floats(0.0, 0.4)),
    st.tuples(st.just("restart"), st.just(None)),
)


class Scene:
    """One box, pushed to one centre and pulled by another, each through a network of its own."""

    def __init__(self, folder, stack):
        self.folder, self.stack = folder, stack
        self.clock, self.sent = FakeClock(), []
        self.pushed, self.pulled = (Kept(folder / f"{how}.db") for how in ("push", "pull"))
        for kept in (self.pushed, self.pulled):
            stack.callback(kept.close)
        self.centre = stack.enter_context(Centre(self.pushed))
        self.networks = [stack.enter_context(Proxy(self.centre.port)), stack.enter_context(Proxy())]
        self.box = None
        self.restart(None)
        stack.callback(lambda: self.box.__exit__(None, None, None))
        stack.enter_context(Follower(self.networks[1].port, self.pulled))

    def restart(self, _):
        if self.box is not None:
            self.box.__exit__(None, None, None)
        options = {"clock": self.clock, "since": lambda: ("boot", 0.0)}
        made = ReportingBox(self.folder, push=self.networks[0].port, port=0, **options)
        self.box = made.__enter__()
        self.networks[1].to = self.box.port

    def append(self, count):
        self.sent += self.box.append(count)

    def network(self, mode):
        for one in self.networks:
            one.turn(mode)

    def moods(self, moods):
        self.centre.moods.extend(moods)

    def clock_(self, step):
        self.clock.now = max(0.0, self.clock.now + step)

    def wait(self, seconds):
        time.sleep(seconds)

    def heal(self):
        self.network(GOOD)
        self.append(1)
        for consumer in ("sink:centre", "pull:centre"):
            eventually(lambda name=consumer: self.box.outbox.backlog(name)[0] == 0, 30)


@pytest.mark.timeout(60 + 30 * MORE)
@seed(SEED)
@settings(
    max_examples=12 * MORE,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate] if MORE == 1 else [Phase.generate, Phase.shrink],
)
@given(steps=st.lists(STEP, min_size=3, max_size=12))
def test_whatever_fails_in_whatever_order_every_identity_arrives_once_and_in_order(steps):
    print(f"seed {SEED}: {steps}")
    folder = Path(tempfile.mkdtemp())
    try:
        with ExitStack() as stack:
            scene = Scene(folder, stack)
            for name, value in steps:
                getattr(scene, "clock_" if name == "clock" else name)(value)
            scene.heal()
            sent = [(one.box_id, one.sequence, one.event_id) for one in scene.sent]
            assert sent == committed(folder)
            check(scene.pushed.rows(), sent, without=scene.centre.rejected)
            check(scene.pulled.rows(), sent)
            assert not scene.pulled.gaps()
    finally:
        shutil.rmtree(folder)
