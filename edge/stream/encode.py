"""Turns any clip into H.264 as cameras send it: one Annex-B elementary stream, no B-frames."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.errors import StreamError
from edge.stream.decoder import GUESSED_FPS
from edge.stream.faults import file_fault

X264 = {
    "preset": "veryfast",
    "tune": "zerolatency",
    "crf": "21",
    "bf": "0",
    # A server splits pictures at the delimiters; a client that joins late needs the headers again.
    "x264-params": "aud=1:repeat-headers=1:scenecut=0:sliced-threads=0:threads=2",
}


def encode_h264(
    clip: Path,
    out: Path,
    *,
    fps: float | None = None,
    size: tuple[int, int] | None = None,
    seconds: float | None = None,
) -> float:
    """Write the clip's pictures to `out` and return their frame rate.

    Every picture is kept and shown for 1/fps; `size` is (width, height), both even;
    `seconds` cuts the result. Raises StreamError where the clip can't be read.
    """
    try:
        with closing(av.open(str(clip), metadata_errors="replace")) as source:
            rate = Fraction(fps or _rate(source)).limit_denominator(1001)
            most = None if seconds is None else max(1, round(seconds * rate))
            with closing(av.open(str(out), "w", format="h264")) as sink:
                if _copy(source, sink, rate=rate, size=size, most=most) == 0:
                    raise StreamError(f"'{clip.name}' holds no pictures", "give another clip")
    except av.error.FFmpegError as error:
        raise file_fault(error, f"clip '{clip.name}'") from None
    return float(rate)


def _rate(source: InputContainer) -> Fraction:
    if not source.streams.video:
        raise StreamError("the clip has no video stream", "give another clip")
    return source.streams.video[0].average_rate or Fraction(GUESSED_FPS)


def _copy(
    source: InputContainer,
    sink: OutputContainer,
    *,
    rate: Fraction,
    size: tuple[int, int] | None,
    most: int | None,
) -> int:
    target: VideoStream | None = None
    index = -1
    for index, picture in enumerate(source.decode(video=0)):
        if index == most:
            break
        target = target or _target(sink, picture, rate=rate, size=size)
        sink.mux(target.encode(_retimed(picture, target, index)))
    if target is not None:
        sink.mux(target.encode(None))
    return index + 1


def _target(
    sink: OutputContainer, picture: VideoFrame, *, rate: Fraction, size: tuple[int, int] | None
) -> VideoStream:
    options = X264 | {"g": str(max(1, round(rate)))}  # a key frame a second: clients start soon
    target = sink.add_stream("libx264", rate=rate, options=options)
    target.width, target.height = size or (picture.width & ~1, picture.height & ~1)
    target.pix_fmt = "yuv420p"
    target.time_base = target.codec_context.time_base = 1 / rate
    return target


def _retimed(picture: VideoFrame, target: VideoStream, index: int) -> VideoFrame:
    frame = picture.reformat(target.width, target.height, "yuv420p")
    frame.pts, frame.time_base = index, target.codec_context.time_base
    frame.pict_type = 0  # the encoder chooses
    return frame
