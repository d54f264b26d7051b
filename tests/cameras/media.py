"""What the test cameras show: clips cut into pictures, JPEGs and HLS segments, all ready made.

Nothing here needs FFmpeg, so a camera's process starts in a moment.
"""

import base64
import pickle
from dataclasses import dataclass, field

PAYLOAD_TYPE, CLOCK_HZ = 96, 90_000
PARAMETER_SETS = {"h264": (7, 8), "h265": (32, 33, 34)}


@dataclass(frozen=True, slots=True)
class Unit:
    """One coded picture, in the order of decoding; `pts` counts pictures as they are shown."""

    nals: tuple[bytes, ...]
    pts: int
    key: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """A looping stream of one codec; without units it is a camera that has only a microphone."""

    codec: str
    units: tuple[Unit, ...]
    fps: float = 25.0

    @property
    def sets(self):
        """The first parameter sets, in the order of their types."""
        found = {}
        for unit in self.units:
            for nal in unit.nals:
                found.setdefault(kind(self.codec, nal), nal)
        return [found[wanted] for wanted in PARAMETER_SETS[self.codec]]

    def describe(self, host):
        """The session description (RFC 4566) of its one track."""
        track = self._video() if self.units else ("m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000")
        first, *rest = track
        head = ("v=0", f"o=- 0 0 IN IP4 {host}", "s=test camera", "t=0 0", "a=control:*")
        lines = (*head, first, "c=IN IP4 0.0.0.0", *rest, "a=control:track0")
        return "\r\n".join(lines) + "\r\n"

    def _video(self):
        sets = [base64.b64encode(nal).decode() for nal in self.sets]
        if self.codec == "h264":
            profile = self.sets[0][1:4].hex()
            how = f"packetization-mode=1;profile-level-id={profile};"
            how += f"sprop-parameter-sets={','.join(sets)}"
        else:
            how = "sprop-vps={};sprop-sps={};sprop-pps={}".format(*sets)
        return (
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
            f"a=rtpmap:{PAYLOAD_TYPE} {self.codec.upper()}/{CLOCK_HZ}",
            f"a=fmtp:{PAYLOAD_TYPE} {how}",
            f"a=framerate:{self.fps:g}",
        )


@dataclass(frozen=True, slots=True)
class Media:
    """Everything one camera process can show."""

    clips: dict[str, Clip] = field(default_factory=dict)
    jpegs: tuple[bytes, ...] = ()
    segments: tuple[bytes, ...] = ()  # of HLS, a second each, their timestamps rising

    def save(self, path):
        path.write_bytes(pickle.dumps(self))
        return path

    @staticmethod
    def load(path):
        return pickle.loads(path.read_bytes())


def kind(codec, nal):
    """The type of a NAL unit."""
    return nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F
