"""H.264 on the wire: pictures of an elementary stream as RTP packets (RFC 6184, RFC 3550)."""

from __future__ import annotations

import base64
import itertools
import re
import secrets
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.errors import StreamError

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
MTU = 1400  # of a payload, so that a packet fits an Ethernet frame
NTP_EPOCH = 2_208_988_800  # 1900 to 1970, seconds
START_CODE = b"\0\0\1"
SLICE, KEY_SLICE, SPS, PPS, FU_A = 1, 5, 7, 8, 28
BEGINS_PICTURE = {6, 7, 8, 9}  # SEI, SPS, PPS, delimiter: what may stand before the first slice


@dataclass(frozen=True, slots=True)
class Clip:
    """An H.264 stream cut into pictures, each a tuple of RTP payloads."""

    pictures: tuple[tuple[bytes, ...], ...]
    sps: bytes
    pps: bytes
    fps: float

    def describe(self, host: str) -> str:
        """The session description (RFC 4566) of one video track."""
        sets = ",".join(base64.b64encode(nal).decode() for nal in (self.sps, self.pps))
        profile = f"profile-level-id={self.sps[1:4].hex()}"
        lines = (
            "v=0",
            f"o=- 0 0 IN IP4 {host}",
            "s=fenceline demo camera",
            "t=0 0",
            "a=control:*",
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
            "c=IN IP4 0.0.0.0",
            f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK_HZ}",
            f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;{profile};sprop-parameter-sets={sets}",
            f"a=framerate:{self.fps:g}",
            "a=control:track0",
        )
        return "\r\n".join(lines) + "\r\n"


def read_clip(path: Path, *, fps: float) -> Clip:
    """Read an Annex-B elementary stream; raises StreamError where it is none."""
    nals = list(nal_units(path.read_bytes()))
    headers = {nal[0] & 0x1F: nal for nal in reversed(nals)}
    if not {SPS, PPS, KEY_SLICE} <= headers.keys():
        raise StreamError(f"'{path.name}' is no H.264 elementary stream", "give a video file")
    pictures = tuple(tuple(p for nal in picture for p in payloads(nal)) for picture in split(nals))
    return Clip(pictures, headers[SPS], headers[PPS], fps)


def nal_units(stream: bytes) -> Iterator[bytes]:
    """Cut Annex-B bytes at their start codes."""
    starts = [match.end() for match in re.finditer(START_CODE, stream)]
    for start, end in itertools.pairwise([*starts, len(stream) + len(START_CODE)]):
        if nal := stream[start : end - len(START_CODE)].rstrip(b"\0"):
            yield nal


def split(nals: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Group NAL units into pictures (access units, H.264 7.4.1.2.3)."""
    picture: list[bytes] = []
    has_slice = False
    for nal in nals:
        kind = nal[0] & 0x1F
        is_slice = kind in (SLICE, KEY_SLICE)
        first_slice = is_slice and nal[1] & 0x80  # first_mb_in_slice is 0
        if has_slice and (kind in BEGINS_PICTURE or first_slice):
            yield picture
            picture, has_slice = [], False
        picture.append(nal)
        has_slice |= is_slice
    if has_slice:
        yield picture


def payloads(nal: bytes) -> list[bytes]:
    """One NAL unit as it is, or in fragments (FU-A) where it is larger than a packet."""
    if len(nal) <= MTU:
        return [nal]
    indicator, kind, body = nal[0] & 0xE0 | FU_A, nal[0] & 0x1F, nal[1:]
    parts = [body[at : at + MTU - 2] for at in range(0, len(body), MTU - 2)]
    flags = [0] * len(parts)
    flags[0] |= 0x80
    flags[-1] |= 0x40
    return [bytes((indicator, flag | kind)) + part for flag, part in zip(flags, parts, strict=True)]


class Sender:
    """The state of one RTP stream; the number of a picture gives its timestamp, through loops."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip
        self._ssrc, self._first = secrets.randbits(32), secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._packets = self._octets = 0

    def picture(self, number: int) -> Iterator[bytes]:
        """The packets of a picture; numbers beyond the clip's end start it again."""
        parts = self._clip.pictures[number % len(self._clip.pictures)]
        for index, part in enumerate(parts):
            marker = 0x80 if index == len(parts) - 1 else 0
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._packets += 1
            self._octets += len(part)
            yield (
                struct.pack(
                    ">BBHII",
                    0x80,
                    marker | PAYLOAD_TYPE,
                    self._sequence,
                    self._timestamp(number),
                    self._ssrc,
                )
                + part
            )

    def report(self, number: int, now: float) -> bytes:
        """An RTCP sender report: picture `number` belongs to the Unix time `now`."""
        seconds, fraction = divmod(now + NTP_EPOCH, 1)
        return struct.pack(
            ">BBHIIIIII",
            0x80,
            200,
            6,
            self._ssrc,
            int(seconds),
            int(fraction * 2**32),
            self._timestamp(number),
            self._packets & 0xFFFFFFFF,
            self._octets & 0xFFFFFFFF,
        )

    def goodbye(self) -> bytes:
        """An RTCP BYE."""
        return struct.pack(">BBHI", 0x81, 203, 1, self._ssrc)

    def _timestamp(self, number: int) -> int:
        return (self._first + round(number * CLOCK_HZ / self._clip.fps)) & 0xFFFFFFFF
