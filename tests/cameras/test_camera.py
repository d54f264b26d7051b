"""The test cameras themselves: a test is worth what its server does."""

import random
import socket
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest

from tests.cameras.camera import HOST, free_ports, ours
from tests.cameras.encode import encode, pictures
from tests.cameras.media import Clip, Media
from tests.cameras.rtp import FU, payloads
from tests.stream.make_clip import eventually


@pytest.fixture
def camera(tmp_path):
    with ours(Media({"audio": Clip("pcmu", ())}).save(tmp_path / "media.pickle")) as running:
        yield running


def answers(camera, port="rtsp"):
    with socket.create_connection((HOST, camera.ports[port]), 10) as client:
        client.sendall(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
        return client.recv(1000)


def test_it_comes_back_at_its_ports(camera):
    camera.kill()
    with pytest.raises(ConnectionRefusedError):
        answers(camera)

    camera.start()

    assert answers(camera).startswith(b"RTSP/1.0 200")


def test_each_of_many_who_ask_at_once_gets_an_answer_of_his_own(camera):
    def ask(number):
        if number % 2:
            return camera.watching(f"audio/{number}")
        return camera.set(f"audio/{number}", stalled=True)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, range(2000)))

    assert answers == [0 if number % 2 else None for number in range(2000)]


def test_its_ports_stay_its_own_while_it_is_down(camera, monkeypatch):
    camera.kill()
    monkeypatch.setattr(random, "randrange", Mock(side_effect=[*camera.ports.values(), 31_999]))

    assert free_ports(1) == [31_999]


def test_it_ends_with_its_test(camera):
    process = camera._process

    process.stdin.close()

    assert eventually(lambda: process.poll() is not None)


def test_a_hole_does_not_even_answer(camera):
    with socket.socket() as client:
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.connect((HOST, camera.ports["hole"]))


def test_fragments_of_h265_make_the_whole_again():
    clip = encode("h265", pictures(seconds=0.2, noise=200))
    nal = max((nal for unit in clip.units for nal in unit.nals), key=len)

    parts = payloads("h265", nal)

    assert len(parts) > 2
    assert {part[0] >> 1 & 0x3F for part in parts} == {FU}
    assert [part[2] & 0xC0 for part in parts] == [0x80, *[0] * (len(parts) - 2), 0x40]
    header = bytes((parts[0][0] & 0x81 | (parts[0][2] & 0x3F) << 1, parts[0][1]))
    assert header + b"".join(part[3:] for part in parts) == nal


def test_pictures_of_a_clip_with_b_frames_are_sent_before_they_are_shown():
    clip = encode("h264", pictures(seconds=0.4), bframes=2)

    shown = [unit.pts for unit in clip.units]

    assert sorted(shown) == list(range(10))
    assert shown != sorted(shown)
