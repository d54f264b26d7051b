"""How live streams of each kind are opened, and what is different about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from edge.stream.options import Options

# Of opening: don't wait for pictures only to guess their rate.
QUICK = {"fpsprobesize": "0", "analyzeduration": "1000000"}
READ_S = 1.0  # how long a stalled camera may take to stop


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of live stream."""

    name: str  # for people: "answers, but not with video over ..."
    read_s: float  # most time for one read
    options: Mapping[str, str] = field(default_factory=dict)  # of FFmpeg's demuxer and protocols
    format: str | None = None  # FFmpeg's demuxer, where it must not be guessed
    paced: bool = False  # it arrives in pieces of seconds, to be shown at its own pace
    stamped: bool = True  # its timestamps are the camera's, not FFmpeg's guess


def dialect_of(url: str, options: Options) -> Dialect:
    """The dialect of a live address."""
    scheme = url.partition("://")[0].lower()
    if scheme in {"rtsp", "rtsps"}:
        return _rtsp(scheme, options)
    if scheme in {"http", "https"}:
        is_playlist = urlsplit(url).path.lower().endswith(".m3u8")
        return _hls(options) if is_playlist else _mjpeg(options)
    return Dialect("V4L2", _short(options), format="video4linux2")


def address_of(url: str) -> str:
    """What FFmpeg is told to open."""
    return url.removeprefix("v4l2://")


def _short(options: Options) -> float:
    """Of reads that are tried again: a stop is seen soon."""
    return min(options.stall_s / 2, READ_S)


def _rtsp(scheme: str, options: Options) -> Dialect:
    told = {
        "rtsp_transport": options.transport,
        "allowed_media_types": "video",
        **QUICK,
    }
    if scheme == "rtsps":
        told |= _tls(options)
    return Dialect("RTSP", _short(options), told)


def _mjpeg(options: Options) -> Dialect:
    told = {
        **QUICK,
        "use_wallclock_as_timestamps": "1",  # JPEGs carry no time
        "protocol_whitelist": "http,https,tcp,tls",
        **_tls(options),
    }
    # A read over HTTP that ran out can't be tried again: it has all the time there is.
    return Dialect("Motion JPEG over HTTP", options.stall_s, told, "mpjpeg", stamped=False)


def _hls(options: Options) -> Dialect:
    told = {
        "protocol_whitelist": "http,https,tcp,tls,crypto",  # a playlist names no file of this box
        "live_start_index": "-1",
        **QUICK,
        **_tls(options),
    }
    return Dialect("HLS", options.stall_s, told, "hls", paced=True)


def _tls(options: Options) -> dict[str, str]:
    """Cameras sign their certificates themselves: they are checked where a CA is given."""
    if options.ca is None:
        return {}
    return {"tls_verify": "1", "ca_file": str(options.ca)}
