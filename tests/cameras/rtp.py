"""Pictures as RTP packets: H.264 (RFC 6184) and H.265 (RFC 7798), with whatever is to be wrong."""

import secrets
import struct

from edge.demo import rtp as h264
from edge.demo.rtp import CLOCK_HZ, MTU, NTP_EPOCH, PAYLOAD_TYPE

FU = 49


def payloads(codec, nal):
    """One NAL unit as it is, or in fragments where it is larger than a packet."""
    if codec == "h264":
        return h264.payloads(nal)
    if len(nal) <= MTU:
        return [nal]
    header = bytes((nal[0] & 0x81 | FU << 1, nal[1]))
    kind, body, most = nal[0] >> 1 & 0x3F, nal[2:], MTU - 3
    parts = [body[at : at + most] for at in range(0, len(body), most)]
    flags = [0] * len(parts)
    flags[0] |= 0x80
    flags[-1] |= 0x40
    return [header + bytes((flag | kind,)) + part for flag, part in zip(flags, parts, strict=True)]


class Sender:
    """The RTP stream that one client gets of a mount."""

    def __init__(self, mount):
        self._mount, self._clip = mount, mount.clip
        first = mount.faults.first
        self._first = secrets.randbits(32) if first is None else first
        self._ssrc, self._sequence = secrets.randbits(32), secrets.randbits(16)
        self._packets = self._octets = 0
        self._skew = 0.0  # in pictures: what a wrong rate has added up to
        self._number = 0  # of the newest picture, in the order of decoding

    def picture(self, number):
        """The packets that arrive of a picture; numbers beyond the clip's end start it again."""
        faults, units = self._mount.faults, self._clip.units
        self._number, self._skew = number, self._skew + faults.rate - 1
        loops, index = divmod(number, len(units))
        unit = units[index]
        shown = loops * len(units) + unit.pts
        if faults.frozen:
            unit, shown = units[0], number
        parts = [part for nal in unit.nals for part in payloads(self._clip.codec, nal)]
        for at, part in enumerate(parts):
            packet = self._packet(part, shown, last=at == len(parts) - 1)
            if not self._mount.loses:
                yield packet

    def report(self, now):
        """An RTCP sender report: the picture that is due belongs to this Unix time, or does not."""
        seconds, fraction = divmod(now + self._mount.faults.clock_step_s + NTP_EPOCH, 1)
        time = (int(seconds), int(fraction * 2**32), self._timestamp(self._number))
        counts = (self._packets & 0xFFFFFFFF, self._octets & 0xFFFFFFFF)
        return struct.pack(">BBHIIIIII", 0x80, 200, 6, self._ssrc, *time, *counts)

    def _packet(self, part, shown, *, last):
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._packets += 1
        self._octets += len(part)
        marked = PAYLOAD_TYPE | (0x80 if last else 0)
        times = (self._sequence, self._timestamp(shown), self._ssrc)
        return struct.pack(">BBHII", 0x80, marked, *times) + self._mount.damaged(part)

    def _timestamp(self, shown):
        seconds = (shown + self._skew) / self._clip.fps + self._mount.faults.jump_s
        return (self._first + round(seconds * CLOCK_HZ)) & 0xFFFFFFFF
