"""Which packets of a live stream are worth decoding: decoding is most of what a camera costs."""

from __future__ import annotations

from enum import StrEnum

from av.packet import Packet
from av.video.stream import VideoStream

BEHIND_S, CAUGHT_UP_S = 1.0, 0.3  # of delay beyond the usual
FORGET = 0.001  # of the difference, per packet: clocks drift
CLOCK_JUMP_S = 20.0  # no network holds packets back for so long
TRIAL_S = 2.0  # of stream time, to see whether reference pictures are enough
ENOUGH = 0.95  # of the wanted rate


class Decode(StrEnum):
    """What of a stream is decoded."""

    ALL = "all"  # every picture: each is needed to decode the next
    REFERENCE = "reference"  # without pictures that no other one is made from
    KEY = "key"  # only pictures that need no other one


class Lag:
    """How much later than usual packets are read: a box without time falls behind its cameras."""

    def __init__(self) -> None:
        self._last: float | None = None  # stream time
        self._least: float | None = None  # arrival minus stream time, of the punctual ones
        self.lag_s = 0.0

    def measure(self, stream_time: float | None, now: float) -> float:
        """The lag of a packet with this time, read at this monotonic time; seconds."""
        if stream_time is None:
            return self.lag_s
        delay = now - stream_time
        stands = self._last is not None and stream_time <= self._last
        self._last = stream_time
        if self._least is None or stands or abs(delay - self._least) > CLOCK_JUMP_S:
            self._least = delay  # the first, or the stream's clock lies or was set
        self._least = min(delay, self._least + FORGET * (delay - self._least))
        self.lag_s = delay - self._least
        return self.lag_s


class Economy:
    """Chooses for one session of a stream; call `wants` once per packet, in order.

    Key pictures alone while nothing more is needed (`idle`) or the box has fallen behind; from
    there back to all of them only at a key picture, on which the next ones build. Else, for a
    while, without pictures that no other is made from; what is left may be enough (`fps`).
    """

    def __init__(self, stream: VideoStream, fps: float) -> None:
        self._codec, self._fps = stream.codec_context, fps
        self._lag = Lag()
        self._behind = False
        self._only_keys = True  # nothing can be decoded before the first one
        self._begun = False  # whether any picture was decoded
        self.by_choice = False  # whether more could be decoded, if it were wanted
        self._trial: list[float] = []  # times of the pictures in the trial
        self._enough: bool | None = None  # whether reference pictures are; None: being tried
        self._codec.skip_frame = "NONREF"
        self.skipped = 0

    @property
    def lag_s(self) -> float:
        """How far behind the last packet was."""
        return self._lag.lag_s

    @property
    def decode(self) -> Decode:
        """What is decoded at present."""
        if self._only_keys:
            return Decode.KEY
        return Decode.ALL if self._enough is False else Decode.REFERENCE

    def wants(self, packet: Packet[VideoStream], now: float, *, idle: bool) -> bool:
        """Whether to decode a packet that was read at this monotonic time."""
        lag = self._lag.measure(_time(packet), now)
        self._behind = lag > (CAUGHT_UP_S if self._behind else BEHIND_S)
        self.by_choice = idle or (self._behind and self._begun)
        if packet.is_keyframe:
            self._only_keys = idle or self._behind
            return True
        self._only_keys = self._only_keys or idle or self._behind
        self.skipped += self._only_keys
        return not self._only_keys

    def see(self, pts: float) -> None:
        """Note a decoded picture: are there enough of them?"""
        self._begun = True
        if self._enough is not None or self._only_keys:
            self._trial.clear()
            return
        self._trial.append(pts)
        span = pts - self._trial[0]
        if span >= TRIAL_S:
            self._enough = (len(self._trial) - 1) / span >= ENOUGH * self._fps
            if not self._enough:
                self._codec.skip_frame = "DEFAULT"


def _time(packet: Packet[VideoStream]) -> float | None:
    stamp = packet.dts if packet.dts is not None else packet.pts
    return None if stamp is None or packet.time_base is None else float(stamp * packet.time_base)
