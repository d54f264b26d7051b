"""One small recording and one camera stream, made once."""

import pytest

from edge.stream.encode import encode_h264
from tests.stream.make_clip import write_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """20 pictures at 10 a second."""
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.avi")


@pytest.fixture(scope="session")
def h264(tmp_path_factory):
    """40 pictures at 40 a second, as a camera sends them: a second, a key picture each."""
    folder = tmp_path_factory.mktemp("camera")
    long = write_clip(folder / "long.avi", pictures=40, fps=40)
    encode_h264(long, folder / "clip.h264")
    return folder / "clip.h264"
