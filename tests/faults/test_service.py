"""The whole service, cameras and all, and `fenceline receive`, both killed and counted."""

import subprocess
import sys

import pytest

from edge.demo.rtsp import RtspServer
from tests.e2e.conftest import clip, h264, model  # noqa: F401 - fixtures
from tests.e2e.service import camera, running, write_site
from tests.events.make_events import eventually
from tests.faults.counted import check, committed
from tests.faults.test_kills import free_port, moments, stored  # noqa: F401 - a fixture

KILLS = 4


def receiving(port, store, log):
    command = [sys.executable, "-m", "edge", "receive", "--listen", f"127.0.0.1:{port}"]
    return subprocess.Popen([*command, "--store", store], stdout=log, stderr=log)


def live_on(box, seconds):
    with pytest.raises(subprocess.TimeoutExpired):
        box.process.wait(seconds)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("model")
def test_kill_9_of_service_and_gateway_loses_and_doubles_nothing(tmp_path, h264, moments):  # noqa: F811
    port, store = free_port(), tmp_path / "received"
    report = f'[{{type: grpc, target: "127.0.0.1:{port}", insecure: true}}]'
    with (tmp_path / "receiver.log").open("a") as log, RtspServer({"road": h264}, fps=10) as server:
        one = camera("road", server.url("road"), update_s=0.1)
        config = write_site(tmp_path, one, report=report)
        receiver = receiving(port, store, log)
        try:
            for _ in range(KILLS):
                with running(config, tmp_path / "log") as box:
                    before = len(stored(store))
                    box.wait(lambda before=before: len(stored(store)) > before + 5)
                    receiver.kill()
                    receiver.wait()
                    live_on(box, moments.uniform(0, 1))
                    receiver = receiving(port, store, log)
                    live_on(box, moments.uniform(0, 1))
                    box.kill()
            with running(config, tmp_path / "log") as box:
                box.wait(lambda: box.status().consumers and not box.status().consumers[0].backlog)
                box.stop()
            sent = committed(tmp_path / "var")
            eventually(lambda: len(stored(store)) > 5 * KILLS)
        finally:
            receiver.kill()
            receiver.wait()
    rows = stored(store)
    check(rows, [row for row in sent if row[1] <= rows[-1][1]])
    assert [sequence for _, sequence, _ in rows] == list(range(1, len(rows) + 1))
