"""What can be wrong with a mount, and the mounts, which come into being when they are asked for."""

import random
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Faults:
    """What one mount does wrong; clients see a change at once."""

    stalled: bool = False  # connections stay open, nothing is sent
    loss: float = 0.0  # share of the packets that never arrive
    corrupt: float = 0.0  # share of the packets that arrive with other bytes
    frozen: bool = False  # the clip's first picture again and again
    reports: bool = True  # RTCP sender reports
    clock_step_s: float = 0.0  # how wrong the time in these reports is
    jump_s: float = 0.0  # what is added to the timestamps
    rate: float = 1.0  # how fast the timestamps run: 0 not at all, -1 backwards
    first: int | None = None  # timestamp of the first picture; None: any
    status: str = ""  # the answer to every request, such as "404 Not Found"
    redirect: bool = False  # to itself
    silent: bool = False  # requests are never answered


@dataclass(slots=True)
class Mount:
    """A clip under a name, who watches it, and what is wrong with it."""

    clip: object
    faults: Faults = field(default_factory=Faults)
    connections: set = field(default_factory=set)
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    stalled_at: float | None = None  # where a playlist stands still

    def set(self, faults):
        self.faults = replace(self.faults, **faults)

    def reset(self):
        """Break all connections with an RST."""
        for connection in list(self.connections):
            connection.abort()

    def damaged(self, data, *, share=None):
        """The bytes, or what the network makes of them."""
        share = self.faults.corrupt if share is None else share
        if len(data) < 4 or self.chance.random() >= share:
            return data
        wrong = bytearray(data)
        for _ in range(3):
            wrong[self.chance.randrange(2, len(wrong))] = self.chance.getrandbits(8)
        return bytes(wrong)

    @property
    def loses(self):
        """Whether the next packet is lost."""
        return self.chance.random() < self.faults.loss


class Mounts:
    """`clip/anything` is a mount of its own that shows this clip, with its own faults."""

    def __init__(self, clips):
        self._clips = clips
        self._mounts = {}

    def get(self, name):
        """The mount of a path; None where its first part names no clip."""
        clip = name.partition("/")[0]
        if clip not in self._clips:
            return None
        return self._mounts.setdefault(name, Mount(self._clips[clip]))

    def values(self):
        return self._mounts.values()
