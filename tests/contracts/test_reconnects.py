"""What a source opens, it closes."""

import pytest

from tests.cameras.camera import ours
from tests.cameras.encode import media
from tests.contracts.reconnects import reconnect


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_sessions_leave_no_file_open(tmp_path, transport):
    with ours(media().save(tmp_path / "media.pickle")) as camera:
        samples = reconnect(camera, 20, transport=transport, every=5)

    before, *during = samples
    assert len(during) == 4
    assert {one.fds for one in during} == {before.fds}
