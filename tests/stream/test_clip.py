"""Clips: WebM that players play, within a bound."""

import io
import threading

import av
import cv2
import numpy as np
import pytest

from edge.stream.clip import FORMATS, ClipEncoder

SIZE = (320, 180)


def picture(n=0, *, size=SIZE):
    """A hand that goes on with every picture."""
    image = np.full((size[1], size[0], 3), 60, np.uint8)
    image[:, 10 * n : 10 * n + 8] = (40, 80, 220)
    return cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)


def noise(seed):
    shape = (SIZE[1] * 3 // 2, SIZE[0])
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def frames(data, *, container="matroska,webm", codec=("vp8", "libvpx")):
    with av.open(io.BytesIO(data)) as made:
        assert made.format.name == container
        assert made.streams.video[0].codec_context.name.startswith(codec)
        return list(made.decode(video=0))


def test_a_clip_decodes_to_the_pictures_it_was_made_of():
    clip = ClipEncoder(SIZE, fps=5)
    for n in range(20):
        clip.add(picture(n), 7.0 + n / 5)
    seen = frames(clip.finish())
    assert len(seen) == 20
    for n, frame in enumerate(seen):
        red = frame.to_ndarray(format="bgr24")[:, :, 2].mean(axis=0)
        assert abs(int(red.argmax()) - (10 * n + 4)) <= 6


def test_an_mp4_is_for_players_that_know_nothing_else():
    clip = ClipEncoder(SIZE, fps=5, media_type="video/mp4")
    for n in range(10):
        clip.add(picture(n), n / 5)
    seen = frames(clip.finish(), container="mov,mp4,m4a,3gp,3g2,mj2", codec="h264")
    assert [frame.time for frame in seen] == pytest.approx([n / 5 for n in range(10)], abs=0.002)


@pytest.mark.parametrize("media_type", FORMATS)
def test_the_same_pictures_make_the_same_bytes_on_a_busy_machine_too(media_type):
    def made():
        clip = ClipEncoder(SIZE, fps=5, media_type=media_type, steady=True)
        for n in range(30):
            clip.add(noise(n), n / 5)
        return clip.finish()

    alone, done = made(), threading.Event()
    others = [threading.Thread(target=spin, args=[done]) for _ in range(8)]
    for other in others:
        other.start()
    try:
        assert made() == alone
    finally:
        done.set()
        for other in others:
            other.join()


def spin(done):
    """Take processors away."""
    while not done.is_set():
        cv2.GaussianBlur(np.zeros((200, 200), np.uint8), (0, 0), 3)


def test_pictures_are_shown_when_they_were_taken():
    clip, times = ClipEncoder(SIZE, fps=5), [100.0, 100.2, 100.21, 101.7, 103.0]
    for n, pts in enumerate(times):
        clip.add(picture(n), pts)
    shown = [frame.time for frame in frames(clip.finish())]
    assert shown == pytest.approx([pts - 100 for pts in times], abs=0.002)


def test_pictures_of_one_moment_keep_their_order():
    clip = ClipEncoder(SIZE, fps=5)
    for n in range(3):
        clip.add(picture(n), 1.0)
    assert [frame.time for frame in frames(clip.finish())] == pytest.approx([0, 0.001, 0.002])


def test_a_picture_of_another_size_is_refused():
    clip = ClipEncoder(SIZE, fps=5)
    clip.add(picture(), 0.0)
    with pytest.raises(ValueError, match="160x90 in a clip of another size"):
        clip.add(picture(size=(160, 90)), 0.2)


def test_a_clip_stays_within_its_bytes():
    most = 100_000
    clip = ClipEncoder(SIZE, fps=5, most_bytes=most)
    for n in range(100):
        clip.add(noise(n), n / 5)
    data = clip.finish()
    assert len(data) < 1.5 * most
    assert len(frames(data)) + clip.left_out == 100
    assert clip.left_out > 0


def test_what_the_encoder_can_not_do_is_a_value_error():
    with pytest.raises(ValueError, match="can't be encoded"):
        ClipEncoder((100_000, 100_000), fps=5).add(np.zeros((150_000, 100_000), np.uint8), 0.0)
