"""Decoding on a GPU where there is one, on the CPU where not, and which of them it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import structlog
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.video.stream import VideoStream

from edge.stream.options import Device

CUDA = "cuda"
DRIVER = Path("/dev/nvidiactl")


class Hardware:
    """Opens streams with the wanted decoder; once a device has failed, without it."""

    def __init__(self, wanted: Device) -> None:
        self._wanted = wanted
        self._missing = ""  # why the device can't be used
        if wanted == "auto" and not DRIVER.exists():
            self._missing = "no driver"  # not even tried: it would cost a connection

    def open(self, address: str, **how: Any) -> InputContainer:
        """`av.open`, errors and all; a device that fails is no error."""
        if self._wanted == "cpu" or self._missing:
            return _open(address, **how)
        try:
            return _open(address, hwaccel=HWAccel(CUDA, allow_software_fallback=True), **how)
        except (av.error.FFmpegError, RuntimeError, ValueError, NotImplementedError) as error:
            container = _open(address, **how)  # if the stream is at fault, this says so
            self._missing = type(error).__name__
            if self._wanted == CUDA:
                structlog.get_logger().warning(
                    "no GPU to decode on, the CPU does it", reason=self._missing
                )
            return container

    def using(self, stream: VideoStream) -> str:
        """What decodes: cuda or cpu, with the reason where cuda was asked for."""
        if stream.codec_context.is_hwaccel:
            return CUDA
        why = self._missing or "codec not offered"
        return f"cpu (no cuda: {why})" if self._wanted == CUDA else "cpu"


def _open(address: str, **how: Any) -> InputContainer:
    return av.open(address, metadata_errors="replace", **how)
