"""Live cameras over real sockets."""

import itertools
import socket
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from edge.demo.rtsp import RtspServer
from edge.errors import StreamError
from edge.stream import source_for
from edge.stream.decoder import Decoder
from edge.stream.encode import encode_h264
from edge.stream.faults import StallError
from edge.types import Clock
from tests.stream.make_clip import HEIGHT, WIDTH, first, write_clip

SECRET = "s3/cr@t"


@pytest.fixture
def server(h264):
    with RtspServer({"road": h264}, fps=40) as running:
        yield running


def camera(url, **options):
    return source_for("gate", url, **({"fps": 60, "stall_s": 4} | options))


def failure(url, **options):
    """The error of a camera that can't be opened; nothing in it may hold the password."""
    with pytest.raises(StreamError) as caught:
        first(camera(url, **options).frames(0), 1)
    assert "s3" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    return caught.value


def test_time_is_the_cameras_own_and_its_offset_is_told(server):
    frames = first(camera(server.url("road")).frames(0), 20)

    assert {frame.clock for frame in frames} == {Clock.RTCP}
    assert abs(frames[-1].time - time.time()) < 10
    assert abs(frames[-1].clock_offset_s) < 10
    spread = [frame.time - frame.pts for frame in frames]
    assert max(spread) - min(spread) < 0.001  # the camera's clock, not that of arrival


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_pts_are_the_cameras_own_through_its_loops(server, transport):
    frames = first(camera(server.url("road"), transport=transport).frames(0), 90)

    steps = [round(b.pts - a.pts, 3) for a, b in itertools.pairwise(frames)]
    assert steps.count(0.025) > 80


def test_no_more_frames_than_the_cap_are_given_on(server):
    frames = first(camera(server.url("road"), fps=8).frames(0), 12)

    assert 11 / 8 * 0.9 < frames[-1].pts < 11 / 8 * 1.1


@pytest.mark.parametrize("auth", ["basic", "digest"])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_the_right_password_opens(h264, auth, transport):
    with RtspServer({"road": h264}, fps=40, user="cam", password=SECRET, auth=auth) as server:
        assert len(first(camera(server.url("road"), transport=transport).frames(0), 3)) == 3


@pytest.mark.parametrize("auth", ["basic", "digest"])
@pytest.mark.parametrize("login", ["", "cam:s3wrong@"])
def test_a_wrong_password_is_a_refusal(h264, auth, login):
    with RtspServer({"road": h264}, fps=40, user="cam", password=SECRET, auth=auth) as server:
        error = failure(f"rtsp://{login}127.0.0.1:{server.port}/road")

    assert error.refused
    assert "refuses the user name or password; check both" in str(error)


def test_a_wrong_path_is_a_refusal(server):
    error = failure(f"rtsp://cam:s3cret@127.0.0.1:{server.port}/none")

    assert error.refused
    assert f"127.0.0.1:{server.port} has no stream at this path" in str(error)


def test_a_port_where_nobody_listens_is_told(server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = failure(f"rtsp://cam:s3cret@127.0.0.1:{unused.getsockname()[1]}/road")

    assert not error.refused
    assert "refuses connections; check address and port" in str(error)


def test_a_server_that_speaks_something_else_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" * 50)

        thread = threading.Thread(target=answer)
        thread.start()
        error = failure(f"rtsp://cam:s3cret@127.0.0.1:{server.getsockname()[1]}/road")
        thread.join(10)

    assert "not with video over RTSP" in str(error) or "ended" in str(error)


def test_a_server_that_never_answers_is_told():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = failure(f"rtsp://cam:s3cret@127.0.0.1:{silent.getsockname()[1]}/road")

    assert not error.refused
    assert "does not answer; check the address, the network" in str(error)


def test_a_camera_that_goes_away_ends_the_session(server):
    frames = camera(server.url("road")).frames(0)
    next(frames)

    server.drop_clients("road")

    with pytest.raises(StreamError, match=r"camera 'gate': 127\.0\.0\.1"):
        list(frames)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_that_falls_silent_is_given_up(server, transport):
    frames = camera(server.url("road"), transport=transport, stall_s=1).frames(0)
    next(frames)

    server.stall("road", True)

    with pytest.raises(StallError, match="sent nothing for 1 s"):
        list(frames)


def test_a_short_silence_is_waited_out(server):
    frames = camera(server.url("road"), stall_s=30).frames(0)
    before = next(frames)
    server.stall("road", True)
    threading.Timer(2.5, server.stall, ("road", False)).start()  # longer than two reads

    later = [frame for frame, _ in zip(frames, range(60), strict=False)]
    frames.close()

    assert {frame.session for frame in later} == {0}
    assert later[-1].pts - before.pts > 2.4


def test_a_stop_is_seen_while_the_camera_is_silent(server):
    stop = threading.Event()
    frames = camera(server.url("road"), stall_s=120).frames(0, stop)
    next(frames)
    server.stall("road", True)
    threading.Timer(1.5, stop.set).start()  # in the second read
    began = time.monotonic()

    list(frames)

    assert time.monotonic() - began < 60  # not the stall time


def test_damaged_pictures_are_counted_and_not_given_on(tmp_path):
    clip = write_clip(tmp_path / "noise.avi", fps=40, noise=200)
    with RtspServer({"road": clip}, fps=40) as server:
        source = camera(server.url("road"), transport="udp")
        frames = source.frames(0)
        next(frames)
        server.lose("road", 20)

        numbers = []
        while source.damaged < 5:
            numbers.append(round(next(frames).pts * 40))
        frames.close()

    missing = set(range(1, numbers[-1])) - set(numbers)
    assert len(missing) >= source.damaged  # and perhaps some that never arrived


def test_an_end_of_the_stream_is_an_error_too(h264):
    with (
        RtspServer({"road": h264}, fps=40, loop=False) as server,
        pytest.raises(StreamError, match="ended the stream; it may be restarting"),
    ):
        list(camera(server.url("road")).frames(0))


def test_a_change_of_resolution_is_followed(h264, tmp_path):
    encode_h264(h264, tmp_path / "small.h264", size=(WIDTH // 2, HEIGHT // 2))
    both = tmp_path / "both.h264"
    both.write_bytes(h264.read_bytes() + (tmp_path / "small.h264").read_bytes())

    with RtspServer({"road": both}, fps=40) as server:
        frames = first(camera(server.url("road")).frames(0), 75)

    assert {frame.image.shape for frame in frames} == {
        (HEIGHT, WIDTH, 3),
        (HEIGHT // 2, WIDTH // 2, 3),
    }


def test_a_camera_that_sends_only_damage_is_given_up():
    source = camera("rtsp://127.0.0.1/road", stall_s=0.01)
    packet, economy = SimpleNamespace(decode=list), SimpleNamespace(by_choice=False)

    with pytest.raises(StallError, match="sends packets, but no pictures"):
        list(source._pictures(itertools.repeat(packet), Decoder(None), economy))


def test_a_camera_of_this_machine_that_is_not_there_is_told():
    with pytest.raises(StreamError, match=r"camera 'gate': .* can't be read \("):
        first(source_for("gate", "v4l2:///dev/video99").frames(0), 1)


def test_sessions_without_a_picture_forget_no_count():
    source = camera("rtsp://127.0.0.1/road")
    source.facts = replace(source.facts, skipped=5)
    stream = SimpleNamespace(codec_context=SimpleNamespace(name="h264", is_hwaccel=False))

    for _ in range(2):
        source._begin(stream)

    assert source.facts.skipped == 5
