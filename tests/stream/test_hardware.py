"""Decoding without the GPU that was asked for: what machines without one can prove."""

import av
import pytest

from edge.stream.hardware import Hardware


def fails_with_hwaccel(open_plain):
    def open_it(address, *, hwaccel=None, **how):
        if hwaccel is not None:
            raise av.error.PermissionError(1, "no device")
        return open_plain(address, **how)

    return open_it


@pytest.mark.parametrize("wanted", ["auto", "cuda"])
def test_without_the_device_the_cpu_decodes_and_it_is_said(clip, monkeypatch, wanted):
    monkeypatch.setattr(av, "open", fails_with_hwaccel(av.open))
    hardware = Hardware(wanted)

    with hardware.open(str(clip)) as container:
        stream = container.streams.video[0]
        assert len(list(container.decode(stream))) == 20
        told = hardware.using(stream)

    assert told == ("cpu (no cuda: PermissionError)" if wanted == "cuda" else "cpu")


@pytest.mark.parametrize("wanted", ["auto", "cpu", "cuda"])
def test_this_machine_decodes_whatever_is_wanted(h264, wanted):
    hardware = Hardware(wanted)

    with hardware.open(str(h264)) as container:
        assert len(list(container.decode(video=0))) == 40
        assert hardware.using(container.streams.video[0]).split()[0] in {"cpu", "cuda"}


def test_a_stream_that_fails_by_itself_is_not_the_devices_fault(tmp_path):
    with pytest.raises(av.error.FileNotFoundError):
        Hardware("cuda").open(str(tmp_path / "none.mp4"))
