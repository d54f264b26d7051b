"""What goes wrong on a site: each gives one clear error with what to do, and loses nothing."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys

import httpx
import pytest

from edge.demo.rtsp import RtspServer
from edge.rpc import event_pb2 as pb
from edge.serve.client import subscribe
from tests.disks import small_disk
from tests.e2e.service import camera, running, write_site


def run_once(config, **environment):
    """`fenceline run` that is expected to give up: exit code and standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "edge", "run", str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )
    return done.returncode, done.stderr


def test_a_wrong_config_is_refused_with_all_its_errors(tmp_path):
    config = write_site(tmp_path, camera("gate", "none.avi"), camera("gate", "rtmp://x/"))
    code, said = run_once(config)
    assert code == 2
    assert "3 errors" in said
    assert "Traceback" not in said


def test_a_missing_model_is_refused_with_the_command_that_gets_it(tmp_path):
    config = write_site(tmp_path, camera("gate", "rtsp://127.0.0.1:9/x"))
    code, said = run_once(config, FENCELINE_CACHE=str(tmp_path / "empty"))
    assert code == 3
    assert "fenceline models get picodet-s-416" in said
    assert "Traceback" not in said


def test_a_model_with_the_wrong_checksum_is_refused(tmp_path, model):
    cached = tmp_path / "cache" / model.relative_to(model.parents[1])
    cached.parent.mkdir(parents=True)
    shutil.copy(model, cached)
    with cached.open("r+b") as file:
        file.seek(1000)
        file.write(b"\0damage\0")
    config = write_site(tmp_path, camera("gate", "rtsp://127.0.0.1:9/x"))
    code, said = run_once(config, FENCELINE_CACHE=str(tmp_path / "cache"))
    assert code == 3
    assert "sha256" in said
    assert "fenceline models get" in said


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("server", ["grpc", "http"])
def test_a_taken_port_is_named(tmp_path, server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = write_site(tmp_path, camera("gate", "rtsp://127.0.0.1:9/x"), **{server: port})
        code, said = run_once(config)
    assert code == 7
    assert f"127.0.0.1:{port}" in said
    assert f"serve.{server}.listen" in said
    assert "Traceback" not in said


@pytest.mark.usefixtures("model")
def test_two_services_do_not_share_a_folder(tmp_path, h264):
    with RtspServer({"road": h264}, fps=10) as server:
        config = write_site(tmp_path, camera("road", server.url("road")))
        with running(config, tmp_path / "log") as box:
            box.ports()
            code, said = run_once(config)
    assert code == 5
    assert "outbox" in said
    assert "Traceback" not in said


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=16) as folder:
        yield folder


@pytest.mark.slow
@pytest.mark.usefixtures("model")
def test_a_full_disk_loses_nothing_and_is_said(tmp_path, h264, disk):
    with RtspServer({"road": h264}, fps=10) as server:
        one = camera("road", server.url("road"), update_s=0.1)
        config = write_site(tmp_path, one, storage=disk / "var")
        with running(config, tmp_path / "log") as box:
            url = f"http://127.0.0.1:{box.ports()[1]}/readyz"
            box.wait(lambda: box.status().last_sequence > 20)
            filler = disk / "filler"
            fill(filler)
            box.wait(lambda: "stored" in httpx.get(url).text)
            frames = box.status().cameras[0].frames
            box.wait(lambda: box.status().cameras[0].frames > frames + 10)
            filler.unlink()
            stuck = box.status().last_sequence
            box.wait(lambda: httpx.get(url).status_code == 200)
            box.wait(lambda: box.status().last_sequence > stuck + 20)
            code, _ = box.stop_after(lambda: lives(box.target))
    assert code == 0


def fill(path):
    """Take all the space that is left."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


def lives(target):
    """Every alert told so far begins with RAISED, and sequences are contiguous."""
    seen, opened = [], set()
    for answer in subscribe(target, after=0):
        if answer.WhichOneof("message") == "progress":
            break
        event = answer.event
        seen.append(event.sequence)
        if event.state == pb.STATE_RAISED:
            opened.add(event.alert_id)
        assert event.alert_id in opened
    assert seen == list(range(1, len(seen) + 1))
    return len(seen) > 40


def offline_events(target, *, state):
    """What was told of cameras that are gone."""
    found = []
    for answer in subscribe(target, after=0):
        if answer.WhichOneof("message") == "progress":
            return found
        event = answer.event
        if event.kind == pb.KIND_CAMERA_OFFLINE and event.state == state:
            found.append(event)
    return found


@pytest.mark.usefixtures("model")
def test_a_camera_that_goes_away_is_an_alert_and_its_return_the_end_of_it(tmp_path, h264):
    options = "stall_s: 1\n    offline: {after_s: 1.5, grade: red}"
    with contextlib.ExitStack() as stack:
        server = RtspServer({"road": h264}, fps=10)
        with server:
            config = write_site(tmp_path, camera("gate", server.url("road"), options=options))
            box = stack.enter_context(running(config, tmp_path / "log"))
            box.wait(lambda: box.status().ready)
        (raised,) = box.wait(lambda: offline_events(box.target, state=pb.STATE_RAISED))
        with RtspServer({"road": h264}, fps=10, port=server.port):
            (ended,) = box.wait(lambda: offline_events(box.target, state=pb.STATE_CLEARED))

    assert raised.grade == pb.GRADE_RED
    assert not raised.HasField("object")
    assert (ended.reason, ended.alert_id) == ("online", raised.alert_id)


@pytest.mark.usefixtures("model")
def test_a_damaged_outbox_is_said_and_the_box_goes_on_reporting(tmp_path, h264):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "outbox.db").write_bytes(b"no database" * 1000)
    with RtspServer({"road": h264}, fps=10) as server:
        config = write_site(tmp_path, camera("road", server.url("road")))
        with config.open("a") as file:
            file.write("degraded: {after_s: 0.5}\n")
        with running(config, tmp_path / "log") as box:
            metrics = httpx.get(f"http://127.0.0.1:{box.ports()[1]}/metrics").text
            reasons = box.status().degraded_reasons
            told = box.wait(lambda: raised_by_the_box(box.target))
            box.wait(lambda: box.status().ready)
    (aside,) = (tmp_path / "var").glob("outbox.db.damaged-*")
    assert aside.read_bytes() == b"no database" * 1000
    assert any(aside.name in reason for reason in reasons)
    assert "fenceline_outbox_damaged_total 1.0" in metrics
    assert [event.reason for event in told] == ["outbox_damaged"]


def raised_by_the_box(target):
    """Alerts about the box itself."""
    found = []
    for answer in subscribe(target, after=0):
        if answer.WhichOneof("message") == "progress":
            return found
        event = answer.event
        if event.kind == pb.KIND_DEGRADED and event.state == pb.STATE_RAISED:
            found.append(event)
    return found
