import av
import numpy as np
import pytest

from edge.errors import StreamError
from edge.stream.encode import encode_h264
from tests.stream.make_clip import HEIGHT, WIDTH, left_of

DELIMITER, KEY_SLICE, SPS, PPS = 9, 5, 7, 8


def kinds(path):
    return [part[0] & 0x1F for part in path.read_bytes().split(b"\0\0\1")[1:]]


def pictures(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def test_every_picture_is_kept_in_order(clip, tmp_path):
    fps = encode_h264(clip, tmp_path / "out.h264")

    found = [left_of(image) for image in pictures(tmp_path / "out.h264")]
    assert fps == 10
    assert np.allclose(found, np.arange(20) * 4, atol=2)


def test_a_client_may_join_at_any_key_picture(clip, tmp_path):
    encode_h264(clip, tmp_path / "out.h264")

    found = kinds(tmp_path / "out.h264")
    assert found.count(DELIMITER) == 20
    assert found.count(KEY_SLICE) == found.count(SPS) == found.count(PPS) == 2  # one a second


def test_size_length_and_rate_can_be_chosen(clip, tmp_path):
    out = tmp_path / "out.h264"

    fps = encode_h264(clip, out, fps=5, size=(WIDTH // 2, HEIGHT // 2), seconds=1)

    found = pictures(out)
    assert fps == 5
    assert len(found) == 5
    assert found[0].shape == (HEIGHT // 2, WIDTH // 2, 3)


def test_a_clip_that_is_none_is_told(tmp_path):
    with pytest.raises(StreamError, match=r"clip 'none\.avi': there is no such file"):
        encode_h264(tmp_path / "none.avi", tmp_path / "out.h264")
