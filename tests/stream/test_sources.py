"""What every source keeps, whatever it reads."""

import threading
from contextlib import contextmanager

import numpy as np
import pytest

from edge.demo.rtsp import RtspServer
from edge.errors import StreamError
from edge.stream import source_for
from tests.stream.make_clip import HEIGHT, WIDTH, eventually, first

KINDS = ["file", "file in a loop", "tcp", "udp"]


@pytest.fixture(params=KINDS)
def opened(request, clip, h264):
    """A source of each kind, and how to ask whether it is still being read."""

    @contextmanager
    def open_it():
        if request.param.startswith("file"):
            loop = request.param != "file"
            yield source_for("gate", str(clip), realtime=False, loop=loop), lambda: 0
        else:
            with RtspServer({"road": h264}, fps=40) as server:
                url = server.url("road")
                source = source_for("gate", url, transport=request.param, fps=60, stall_s=4)
                yield source, lambda: server.watching("road")

    with open_it() as pair:
        yield pair


def test_pts_rises_from_zero_and_pictures_are_counted(opened):
    source, _ = opened

    frames = first(source.frames(0), 15)

    assert frames[0].pts == 0
    assert np.all(np.diff([frame.pts for frame in frames]) > 0)
    assert [frame.index for frame in frames] == list(range(15))
    assert {frame.camera for frame in frames} == {"gate"}


def test_frames_carry_the_session_they_are_asked_for(opened):
    source, _ = opened

    assert {frame.session for frame in first(source.frames(7), 3)} == {7}


def test_a_source_can_be_opened_again(opened):
    source, _ = opened
    first(source.frames(0), 3)

    again = first(source.frames(1), 3)

    assert [frame.index for frame in again] == [0, 1, 2]
    assert again[0].pts == 0


def test_pictures_are_bgr_contiguous_and_ones_own(opened):
    source, _ = opened

    one, two = first(source.frames(0), 2)

    assert one.image.shape == (HEIGHT, WIDTH, 3)
    assert one.image.dtype == np.uint8
    assert one.image.flags.c_contiguous
    assert one.image.flags.writeable
    assert not np.shares_memory(one.image, two.image)
    assert one.image[..., 2].max() > 150 > one.image[..., 0].max()  # the square is red


def test_closing_lets_go_of_the_stream(opened):
    source, readers = opened

    first(source.frames(0), 2)

    eventually(lambda: readers() == 0)
    assert readers() == 0


def test_stop_ends_the_frames(opened):
    source, _ = opened
    stop = threading.Event()

    frames = source.frames(0, stop)
    next(frames)
    stop.set()

    assert list(frames) == []


@pytest.mark.parametrize("url", ["ftp://cam:s3cret@10.0.0.1/x", "ftp://10.0.0.1/x"])
def test_an_unknown_kind_of_address_is_refused_without_repeating_it(url):
    with pytest.raises(StreamError, match="use rtsp://") as caught:
        source_for("gate", url)

    assert caught.value.refused
    assert "gate" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert "10.0.0.1" not in str(caught.value)
