"""Pull the plug, at random moments: nothing committed is lost, nothing gets a second identity."""

import random
import sqlite3

import pytest

from edge.demo.rtsp import RtspServer
from edge.rpc import event_pb2 as pb
from edge.serve.receive import Receiver
from tests.e2e.service import camera, running, write_site

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("model"), pytest.mark.timeout(600)]
KILLS = 20


def committed(folder):
    """Every event in the outbox, read by nothing of ours but the schema."""
    with sqlite3.connect(folder / "var" / "outbox.db") as database:
        bodies = database.execute("SELECT body FROM event ORDER BY sequence").fetchall()
    database.close()
    return [pb.Event.FromString(body) for (body,) in bodies]


def test_kill_9_loses_no_committed_event_and_doubles_no_identity(tmp_path, h264):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    arrived = []
    with (
        RtspServer({"road": h264}, fps=10) as server,
        Receiver("127.0.0.1:0", on_event=arrived.append) as centre,
    ):
        report = f'[{{type: grpc, target: "127.0.0.1:{centre.port}", insecure: true}}]'
        one = camera("road", server.url("road"), update_s=0.1)
        config = write_site(tmp_path, one, report=report)
        for _ in range(KILLS):
            with running(config, tmp_path / "log") as box:
                before = len(arrived)
                box.wait(lambda before=before: len(arrived) > before + 5)
                # A random moment of the next second; the stream is busy, some 50 events in it.
                moment = moments.uniform(0, 1)
                with pytest.raises(Exception):  # noqa: B017, PT011 - subprocess.TimeoutExpired
                    box.process.wait(moment)
                box.kill()
        with running(config, tmp_path / "log") as box:
            box.wait(lambda: box.status().consumers and not box.status().consumers[0].backlog)
            box.stop()
        stored = committed(tmp_path)
    check_nothing_lost(stored, arrived)
    check_restarts(stored)


def check_nothing_lost(stored, arrived):
    assert [event.sequence for event in stored] == list(range(1, len(stored) + 1))
    assert len(stored) > KILLS * 5
    by_sequence = {event.sequence: event.event_id for event in arrived}
    assert len(by_sequence) == len(arrived), "an identity arrived twice at the command centre"
    # The last run goes on while it is being stopped: what it committed then is sent next time.
    for event in stored[: len(by_sequence)]:
        assert by_sequence[event.sequence] == event.event_id
    assert len({event.event_id for event in stored}) == len(stored)


def check_restarts(stored):
    """An alert lives RAISED, UPDATED*, CLEARED; what a kill left open the restart clears."""
    lives = {}
    for event in stored:
        lives.setdefault(event.alert_id, []).append(event)
    for life in lives.values():
        states = [event.state for event in life]
        assert states[0] == pb.STATE_RAISED
        assert states.count(pb.STATE_RAISED) == 1
        assert pb.STATE_CLEARED not in states[:-1]
    restarts = [event for event in stored if event.reason == "restart"]
    assert len(restarts) >= KILLS
    assert all(event.state == pb.STATE_CLEARED for event in restarts)
