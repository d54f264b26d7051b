"""Whatever the network does, every event is at the far end in the end: once, in order."""

import time
from contextlib import ExitStack, contextmanager

import pytest

from tests.events.make_events import eventually
from tests.faults.box import ReportingBox
from tests.faults.counted import check, committed
from tests.faults.follower import Follower
from tests.faults.proxy import AWAY, CUT, DEAF, FAULTS, GOOD, RESET, SLOW, SWALLOW

STAY_S = 0.6  # longer than anybody's patience


@contextmanager
def reporting(how, folder, network, centre):
    """A box whose events come to `centre` through `network`, pushed or pulled."""
    with ExitStack() as stack:
        if how == "push":
            network.to = centre.port
            yield stack.enter_context(ReportingBox(folder, push=network.port))
        else:
            box = stack.enter_context(ReportingBox(folder, port=0))
            network.to = box.port
            stack.enter_context(Follower(network.port, centre.kept))
            yield box


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("how", ["push", "pull"])
def test_nothing_is_lost_doubled_or_reordered_by(how, fault, tmp_path, network, centre):
    with reporting(how, tmp_path, network, centre) as box:
        sent = box.append(7)
        eventually(lambda: centre.kept.count() == 7)
        for turn in range(2):
            network.turn(fault)
            for _ in range(5):
                sent += box.append(9)
            time.sleep(STAY_S / (turn + 1))
            network.turn(GOOD)
            sent += box.append(3)
        eventually(lambda: centre.kept.count() >= len(sent))
        consumer = "sink:centre" if how == "push" else "pull:centre"
        eventually(lambda: box.outbox.backlog(consumer)[0] == 0)
    check(centre.kept.rows(), committed(tmp_path))
    assert len(sent) == centre.kept.count()


@pytest.mark.parametrize(
    ("fault", "passes"), [(AWAY, 0), (RESET, 0), (SWALLOW, 0), (DEAF, 0), (CUT, 0), (SLOW, 1)]
)
def test_the_network_really_fails(fault, passes, tmp_path, network, centre):
    """A fault that lets everything pass would prove nothing."""
    with reporting("push", tmp_path, network, centre) as box:
        network.turn(fault)
        box.append(60)
        time.sleep(STAY_S)
        acked = box.outbox.cursor("sink:centre")
        box.relay.stop()
    assert (acked > 0) == bool(passes)


def test_a_box_that_hears_no_ack_repeats_and_the_centre_drops_it(tmp_path, network, centre):
    with reporting("push", tmp_path, network, centre) as box:
        box.append(1)
        eventually(lambda: box.outbox.cursor("sink:centre") == 1)
        network.turn(DEAF)
        box.append(5)
        eventually(lambda: centre.kept.count() == 6)
        time.sleep(STAY_S)
        assert box.outbox.cursor("sink:centre") == 1
        network.turn(GOOD)
        eventually(lambda: box.outbox.cursor("sink:centre") == 6)
    assert centre.kept.repeated == 5
    check(centre.kept.rows(), committed(tmp_path))


def test_a_dead_consumer_keeps_nobody_else_waiting(tmp_path, network, centre, tmp_path_factory):
    """One follower behind a link that swallows all, one sink that is well."""
    network.to = 0
    with ReportingBox(tmp_path, push=centre.port, port=0) as box:
        network.to = box.port
        with Follower(network.port, centre.kept, consumer="dead", acks=False) as dead:
            box.append(5)
            eventually(lambda: dead.box)
            network.turn(SWALLOW)
            sent = [one for _ in range(50) for one in box.append(10)]
            last = sent[-1].sequence
            eventually(lambda: box.outbox.cursor("sink:centre") == last)
        assert box.outbox.cursor("pull:dead") == 0
    check(centre.kept.rows(), committed(tmp_path))
