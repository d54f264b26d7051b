"""What can happen to a camera, and what its source and supervisor make of it."""

from dataclasses import dataclass, field

from edge.status import CameraState as State

STALL_S = 2.0  # what the cases configure
FROZEN_S = 2.0
OPEN_S = 5.0  # how long a camera may take to answer
LOST, REFUSED, STALLED, STREAMING = State.LOST, State.REFUSED, State.STALLED, State.STREAMING
WRONG_LOGIN = "cam:s3wrong"
NOISY, TORN = {"loss": 0.02}, {"corrupt": 0.05}
WRAPS_SOON = 2**32 - 90_000  # a second before the timestamps begin again


@dataclass(frozen=True, slots=True)
class Case:
    """One fault and what is to come of it.

    It strikes once the camera streams, or, with `early` or an act that is done before, from the
    start. `notice_s` is the most that may pass until the camera is in one of `states`; a camera
    that is to stay STREAMING is watched for `watch_s` instead.
    """

    name: str
    states: tuple[State, ...]
    notice_s: float = 1.0
    mount: str = "h264"
    suffix: str = ""  # of the path
    port: str = "rtsp"
    login: str | None = None  # a wrong one
    transport: str = "tcp"
    server: str = "ours"
    early: dict = field(default_factory=dict)  # faults from the start
    late: dict = field(default_factory=dict)  # faults once it streams
    act: str = ""  # kill, pause or reset the server once it streams; down: it starts only later
    heals: bool = False  # the fault goes away, and frames must come again
    down_s: float = 1.0  # how long the state lasts until then
    steady_s: float = 0.5  # and for so long it must go on streaming
    watch_s: float = 4.0
    reason: str = ""  # a pattern that the reason must match
    options: dict = field(default_factory=dict)  # more of the source's settings
    least_fps: float = 15.0  # of a camera that is to stay streaming; it sends 25, MJPEG 10
    sizes: int = 1  # how many sizes its pictures have
    clock: str = ""  # the only one its frames may carry; empty: any

    @property
    def streams_first(self):
        """Whether it shows pictures before the fault."""
        return bool(self.late) or self.act in ("kill", "pause", "reset")

    @property
    def own_server(self):
        """Whether its fault strikes a whole process, which it therefore has to itself."""
        return self.act in ("kill", "pause", "down")

    @property
    def place(self):
        """A mount of its own."""
        slug = self.name.replace(" ", "-").replace(",", "").replace("%", "percent")
        return f"{self.mount}/{slug}" if self.server == "ours" else self.mount


def _kinds(name, kinds, *states, **rest):
    """The same case for several kinds of cameras."""
    return [Case(f"{name}, {kind}", states, **(KINDS[kind] | rest)) for kind in kinds]


MJPEG = {"port": "http", "mount": "mjpeg", "suffix": ".mjpg", "transport": "http", "least_fps": 6}
HLS = {"port": "http", "mount": "hls", "suffix": ".m3u8", "transport": "http"}
KINDS = {
    "tcp": {},
    "udp": {"transport": "udp"},
    "h265 tcp": {"mount": "h265"},
    "h265 udp": {"mount": "h265", "transport": "udp"},
    "mjpeg": MJPEG,
    "hls": HLS,
    "gst": {"server": "gst"},
    "gst h265 udp": {"server": "gst", "mount": "h265", "transport": "udp"},
}
RTSP, WEB, GST = ("tcp", "udp"), ("mjpeg", "hls"), ("gst", "gst h265 udp")
SEGMENT_S = 2.0  # what HLS adds to everything: a segment, and the playlist after it

BROKEN = [
    *_kinds("killed", (*RTSP, "h265 tcp", "mjpeg", *GST), LOST, act="kill", heals=True),
    *_kinds("killed", ["hls"], LOST, STALLED, act="kill", heals=True, notice_s=STALL_S + SEGMENT_S),
    *_kinds(
        "held up",
        (*RTSP, "mjpeg", *GST),
        STALLED,
        act="pause",
        heals=True,
        notice_s=STALL_S + 1,
        reason=rf"sent nothing for {STALL_S:g} s",
    ),
    *_kinds("reset", (*RTSP, "mjpeg"), LOST, act="reset", heals=True),
    *_kinds(
        "stalled",
        (*RTSP, "h265 udp", "mjpeg"),
        STALLED,
        late={"stalled": True},
        heals=True,
        notice_s=STALL_S + 1,
    ),
    *_kinds(
        "stalled",
        ["hls"],
        STALLED,
        late={"stalled": True},
        heals=True,
        notice_s=STALL_S + SEGMENT_S + 1,
    ),
    *_kinds(
        "not there yet",
        ("tcp", "mjpeg", "hls", "gst"),
        LOST,
        act="down",
        heals=True,
        notice_s=2,
        reason="refuses connections",
    ),
]
SHUT = [
    *_kinds(
        "path comes later",
        ("tcp", "mjpeg"),
        REFUSED,
        early={"status": "404 Not Found"},
        heals=True,
        reason="no stream at this path",
    ),
    *_kinds("wrong path", WEB, REFUSED, early={"status": "404 Not Found"}, notice_s=2),
    *_kinds("wrong path", ["gst"], REFUSED, mount="none", reason="no stream at this path"),
    *_kinds("out of order", ("tcp", *WEB), LOST, early={"status": "503 Out"}, notice_s=2),
    *[
        Case(
            f"wrong password, {scheme} {kind}",
            (REFUSED,),
            **(KINDS[kind] | {"port": f"{KINDS[kind].get('port', 'rtsp')}_{scheme}"}),
            login=WRONG_LOGIN,
            reason="refuses the user name or password",
        )
        for scheme in ("basic", "digest")
        for kind in ("tcp", *WEB, "gst")
    ],
    *[
        Case(
            f"right password, {scheme} {kind}",
            (STREAMING,),
            **(KINDS[kind] | {"port": f"{KINDS[kind].get('port', 'rtsp')}_{scheme}"}),
            watch_s=2,
        )
        for scheme in ("basic", "digest")
        for kind in (*RTSP, *WEB, *GST)
    ],
]
ODD = [
    Case("black hole", (LOST,), OPEN_S + 1, port="hole", reason="does not answer"),
    Case("silent port", (LOST,), OPEN_S + 1, port="silent", reason="does not answer"),
    *_kinds("silent", ("tcp", *WEB), LOST, STALLED, early={"silent": True}, notice_s=OPEN_S + 1),
    Case("wrong protocol, ssh", (LOST, REFUSED), 2, port="ssh"),
    Case("wrong protocol, web", (LOST, REFUSED), 2, port="http", mount="mjpeg"),
    *_kinds(
        "endless redirects",
        ("tcp", *WEB),
        LOST,
        REFUSED,
        early={"redirect": True},
        notice_s=OPEN_S + 1,
    ),
    Case("no video track", (REFUSED,), mount="audio", reason="sends no video"),
    # Opening alone takes FFmpeg 5 s where no picture comes; then three times stall_s.
    Case("only headers", (STALLED,), 7 * STALL_S, mount="headers"),
    Case("no key pictures", (STALLED,), 4 * STALL_S, mount="orphans"),
    *_kinds(
        "frozen",
        ("tcp", "h265 tcp", "mjpeg"),
        STALLED,
        late={"frozen": True},
        heals=True,
        steady_s=2 * FROZEN_S + 1,  # the second time it is given twice the time
        notice_s=FROZEN_S + 1,
        options={"frozen_s": FROZEN_S},
    ),
    Case(
        "frozen before the encoder",
        (STALLED,),
        FROZEN_S + 2,
        mount="still",
        options={"frozen_s": FROZEN_S},
    ),
]
BORNE = [
    *_kinds("plain", tuple(KINDS), STREAMING, watch_s=3),
    *_kinds("2 % loss", RTSP, STREAMING, mount="noise", late=NOISY, watch_s=6, least_fps=8),
    *_kinds(
        "2 % loss, h265", RTSP, STREAMING, mount="noise265", late=NOISY, watch_s=6, least_fps=8
    ),
    *_kinds(
        "corrupted", ("tcp", "h265 udp", "mjpeg"), STREAMING, late=TORN, least_fps=3, watch_s=6
    ),
    *_kinds("other resolution", RTSP, STREAMING, mount="resize", watch_s=6, sizes=2),
    Case("b-frames, h264", (STREAMING,), mount="b264"),
    Case("b-frames, h265", (STREAMING,), mount="b265"),
    Case("no sender reports", (STREAMING,), early={"reports": False}, clock="arrival"),
    Case("clock step", (STREAMING,), late={"clock_step_s": 30.0}),
    Case("timestamps wrap", (STREAMING,), early={"first": WRAPS_SOON}),
    Case("timestamps leap", (STREAMING,), late={"jump_s": 3600.0}),
    Case("timestamps leap back", (STREAMING,), late={"jump_s": -3600.0}),
    Case("timestamps stand still", (STREAMING,), late={"rate": 0.0}),
    Case("timestamps run backwards", (STREAMING,), late={"rate": -1.0}),
    Case(
        "nothing moves but noise",
        (STREAMING,),
        mount="quiet",
        options={"frozen_s": FROZEN_S},
    ),
]
CASES = [*BROKEN, *SHUT, *ODD, *BORNE]
