import threading
import time

import numpy as np
import pytest
from av import error as av_error

from edge.errors import StreamError
from edge.stream import source_for
from edge.types import Clock
from tests.stream.make_clip import SIDE, WIDTH, first, left_of, write_clip

SECRET = "s3cret"


def read(path, **options):
    return source_for("gate", str(path), **({"realtime": False} | options))


def test_every_picture_is_given_on_whatever_the_fps_cap(clip):
    frames = list(read(clip, fps=1).frames(0))

    assert len(frames) == 20
    lefts = [left_of(frame.image) for frame in frames]
    assert np.allclose(lefts, [4 * i % (WIDTH - SIDE) for i in range(20)], atol=2)


def test_the_last_pictures_come_out_of_a_decoder_that_holds_some_back(tmp_path):
    clip = write_clip(tmp_path / "b.mp4", pictures=15, codec="libx264", options={"bf": "3"})

    frames = list(read(clip).frames(0))

    assert len(frames) == 15
    assert np.all(np.diff([frame.pts for frame in frames]) > 0)


def test_pts_is_the_recordings_own_time(clip):
    frames = list(read(clip).frames(0))

    assert np.allclose([frame.pts for frame in frames], np.arange(20) / 10)


def test_a_frame_rate_overrides_the_header(clip):
    frames = list(read(clip, frame_rate=7).frames(0))

    assert [frame.pts for frame in frames] == [index / 7 for index in range(20)]


def test_time_is_the_start_of_the_recording_plus_pts(clip):
    frames = list(read(clip, start=1_000.0).frames(0))

    assert [frame.time for frame in frames] == [1_000.0 + frame.pts for frame in frames]
    assert {frame.clock for frame in frames} == {Clock.FILE}


def test_without_a_start_the_recording_begins_now(clip):
    before = time.time()

    frame = first(read(clip).frames(0), 1)[0]

    assert before <= frame.time <= time.time()


def test_a_loop_goes_on_rising(clip):
    frames = first(read(clip, loop=True).frames(0), 50)

    assert np.allclose([frame.pts for frame in frames], np.arange(50) / 10)
    assert np.array_equal(frames[0].image, frames[40].image)


def test_as_fast_as_it_can_does_not_wait(clip):
    began = time.monotonic()

    list(read(clip, frame_rate=0.01).frames(0))  # half an hour at the recorded speed

    assert time.monotonic() - began < 60


def test_realtime_gives_no_picture_before_its_time(clip):
    began = time.monotonic()

    for frame in first(read(clip, realtime=True, frame_rate=40).frames(0), 20):
        early = began + frame.pts - time.monotonic()

    assert early <= 0


def test_a_stop_interrupts_the_wait_for_the_next_picture(clip):
    stop = threading.Event()
    frames = read(clip, realtime=True, frame_rate=0.01).frames(0, stop)
    next(frames)
    threading.Timer(0.1, stop.set).start()

    assert list(frames) == []


def test_a_file_url_is_a_path(clip, tmp_path):
    odd = tmp_path / "a clip.avi"
    odd.write_bytes(clip.read_bytes())

    assert len(list(read(odd.as_uri()).frames(0))) == 20


def test_the_same_recording_gives_the_same_frames_twice(clip):
    one, two = (list(read(clip, start=0.0).frames(0)) for _ in range(2))

    assert [(f.pts, f.time) for f in one] == [(f.pts, f.time) for f in two]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, two, strict=True))


def broken(tmp_path, kind):
    path = tmp_path / "clip.avi"
    if kind == "text":
        path.write_text("this is no video, however long one reads on\n" * 200)
    elif kind == "empty":
        path.touch()
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "there is no such file; check the path"),
        ("text", "no video that can be read; play it"),
        ("empty", "no video that can be read; play it"),
    ],
)
def test_a_file_that_is_none_says_what_to_do(tmp_path, kind, words):
    with pytest.raises(StreamError, match=words) as caught:
        list(read(broken(tmp_path, kind)).frames(0))

    assert "camera 'gate', 'clip.avi'" in str(caught.value)
    assert caught.value.refused


def test_sound_alone_is_no_video(tmp_path):
    import av

    with av.open(str(tmp_path / "sound.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        silence.sample_rate = 8000
        out.mux(stream.encode(silence))

    with pytest.raises(StreamError, match="it has no video"):
        list(read(tmp_path / "sound.wav").frames(0))


def test_a_truncated_recording_is_read_as_far_as_it_goes(clip, tmp_path):
    short = tmp_path / "short.avi"
    short.write_bytes(clip.read_bytes()[:-1500])

    assert 0 < len(list(read(short).frames(0))) < 20


def test_a_recording_that_breaks_off_says_where(clip, monkeypatch):
    def packets(container, stream):
        yield from (packet for packet, _ in zip(container.demux(stream), range(5), strict=False))
        raise av_error.OSError(5, "Input/output error", str(clip))

    monkeypatch.setattr("edge.stream.file._packets", packets)

    with pytest.raises(StreamError, match="it breaks off after 5 pictures; convert or replace"):
        list(read(clip).frames(0))


def test_an_address_that_lost_its_scheme_is_not_repeated():
    with pytest.raises(StreamError, match="no such file") as caught:
        list(read(f"cam:{SECRET}@camera.example").frames(0))

    assert SECRET not in str(caught.value)


def test_a_name_leads_to_no_other_protocol(clip):
    with pytest.raises(StreamError, match="no such file"):
        list(read(f"concat:{clip}|{clip}").frames(0))
