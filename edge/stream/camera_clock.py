"""What time the camera says it is, from its RTCP sender reports (RFC 3550 6.4.1)."""

from __future__ import annotations

import struct

from av.packet import Packet
from av.video.stream import VideoStream

from edge.types import Clock

FALL = 0.02  # of the difference, per packet
TRUST_S = 60.0  # a camera whose clock is further off was never set


class CameraClock:
    """Follows the reports that FFmpeg attaches to packets as producer reference times."""

    def __init__(self) -> None:
        self._ahead: float | None = None  # the camera's Unix time minus its stream time
        self._latest: float | None = None
        self._off = 0.0  # the camera's clock minus the box's, by the last packet
        self._correction_s: float | None = None  # by the last report, against those before
        self.offset_s = 0.0  # the same, by the packets that were delayed least; 0: unknown

    def hear(self, packet: Packet[VideoStream], now: float) -> None:
        """Note the report of a packet that arrived at the box's Unix time `now`."""
        if not packet.has_sidedata("prft"):
            return
        report = bytes(packet.get_sidedata("prft"))  # microseconds, then flags
        known = self._latest is not None
        self._latest = struct.unpack_from("<q", report)[0] / 1e6
        self._off = self._latest - now
        # Delay makes the camera seem late: rise at once, fall slowly (clocks drift, or are set).
        change = self._off - self.offset_s
        self.offset_s += change if change > 0 or not known else change * FALL
        if packet.pts is not None and packet.time_base is not None:
            self._follow(packet, self._latest - float(packet.pts * packet.time_base))

    @property
    def uncertainty_s(self) -> float | None:
        """By how much the last report corrected the time that those before it told.

        None with fewer than two reports, or where the camera's clock is not believed.
        """
        return self._correction_s if self._trusted else None

    def _follow(self, packet: Packet[VideoStream], ahead: float) -> None:
        if packet.has_sidedata("rtcp_sr") and self._ahead is not None:  # a new report
            self._correction_s = abs(ahead - self._ahead)
        self._ahead = ahead

    @property
    def _trusted(self) -> bool:
        return self._latest is not None and abs(self._off) <= TRUST_S

    def tell(self, stream_time: float | None, now: float) -> tuple[float, Clock]:
        """When a picture was taken (Unix seconds), and who says so."""
        if self._latest is None or not self._trusted:
            return now, Clock.ARRIVAL
        if stream_time is None or self._ahead is None:
            return self._latest, Clock.RTCP
        return self._ahead + stream_time, Clock.RTCP
