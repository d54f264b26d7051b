"""Live cameras over RTSP."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.errors import StreamError
from edge.stream.camera_clock import CameraClock
from edge.stream.decoder import Decoder, video_of
from edge.stream.faults import StallError, host_of, live_fault
from edge.stream.options import Options
from edge.stream.timeline import Gate, Timeline
from edge.types import Frame

OPEN_S = 5.0
READ_S = 1.0  # how long a stalled camera may take to stop
DAMAGED_STALLS = 3  # only damaged pictures for so many times stall_s are as bad as none


class Patience:
    """How long to go on asking a silent camera."""

    def __init__(self, read_s: float, stall_s: float) -> None:
        self._read_s, self._stall_s = read_s, stall_s
        self._asked = self._heard = time.monotonic()

    def ask(self) -> None:
        """A read begins."""
        self._asked = time.monotonic()

    def hear(self) -> None:
        """It returned a packet: the camera's, unless its time ran out.

        After a first time-out FFmpeg returns what was left in its parser, and no error.
        """
        if not self.ran_out:
            self._heard = time.monotonic()

    @property
    def ran_out(self) -> bool:
        """Whether the read took all its time."""
        return _ran_out(self._asked, self._read_s)

    @property
    def at_end(self) -> bool:
        """Whether the camera has been silent too long."""
        return _ran_out(self._heard, self._stall_s)


class RtspSource:
    """One camera: decodes everything, gives on at most `fps` whole pictures a second."""

    live = True

    def __init__(self, name: str, url: str, options: Options) -> None:
        self._name, self._url, self._options = name, url, options
        self._host = host_of(url)
        self._read_s = min(options.stall_s / 2, READ_S)
        self.damaged = 0

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """Connect and yield frames until stopped; a stream that ends raises StreamError too."""
        stop = stop or threading.Event()
        with closing(self._open()) as container:
            stream = self._video(container)
            decoder, clock = Decoder(stream), CameraClock()
            timeline, gate = Timeline(_interval(stream)), Gate(self._options.fps)
            packets = self._packets(container, stream, stop)
            index = 0
            for picture in self._pictures(packets, decoder, clock):
                pts = timeline.advance(picture.time, time.monotonic())
                if gate.lets(pts):
                    when, told_by = clock.tell(picture.time, time.time())
                    shown = decoder.picture(picture)
                    offset = clock.offset_s
                    yield Frame(self._name, index, pts, when, shown, told_by, offset, session)
                    index += 1

    def _open(self) -> InputContainer:
        options = {
            "rtsp_transport": self._options.transport,
            "allowed_media_types": "video",
            "fpsprobesize": "0",  # don't wait for pictures only to guess their rate
            "analyzeduration": "1000000",
        }
        timeout = (OPEN_S, self._read_s)
        asked = time.monotonic()
        try:
            return av.open(self._url, options=options, timeout=timeout, metadata_errors="replace")
        except av.error.FFmpegError as error:
            # FFmpeg's text holds the URL with its password: it must not even be the cause.
            waited = _ran_out(asked, OPEN_S)
            raise live_fault(error, self._name, self._host, waited=waited) from None

    def _video(self, container: InputContainer) -> VideoStream:
        stream = video_of(container)
        if stream is None:
            raise self._error("sends no video", "check the path", refused=True)
        return stream

    def _pictures(
        self, packets: Iterable[Packet[VideoStream]], decoder: Decoder, clock: CameraClock
    ) -> Iterator[VideoFrame]:
        """The whole pictures; gives up on a camera that sends only damaged ones."""
        before, seen = self.damaged, time.monotonic()
        for packet in packets:
            clock.hear(packet, time.time())
            pictures = decoder.whole(packet)
            self.damaged = before + decoder.damaged
            if pictures:
                seen = time.monotonic()
            elif _ran_out(seen, DAMAGED_STALLS * self._options.stall_s):
                raise StallError(
                    f"camera '{self._name}': {self._host} sends only damaged pictures",
                    "check the network; with transport udp, try tcp",
                )
            yield from pictures

    def _packets(
        self, container: InputContainer, stream: VideoStream, stop: threading.Event
    ) -> Iterator[Packet[VideoStream]]:
        """Packets, until stopped. Reads have a short limit, so that a stop is seen soon.

        A read that ran out is tried again until stall_s is over; the stream takes no harm.
        """
        patience = Patience(self._read_s, self._options.stall_s)
        while not stop.is_set():
            patience.ask()
            try:
                for packet in container.demux(stream):
                    patience.hear()
                    if packet.size:  # 0 marks the end; timestamps may be missing anywhere
                        yield packet
                    if stop.is_set():
                        return
                    patience.ask()
                raise self._error("ended the stream", "it may be restarting")
            except av.error.FFmpegError as error:
                if not patience.ran_out:
                    raise live_fault(error, self._name, self._host, waited=False) from None
            if patience.at_end:
                what = f"{self._host} sent nothing for {self._options.stall_s:g} s"
                raise StallError(
                    f"camera '{self._name}': {what}", "check the network and the camera"
                )

    def _error(self, what: str, remedy: str, *, refused: bool = False) -> StreamError:
        return StreamError(f"camera '{self._name}': {self._host} {what}", remedy, refused=refused)


def _ran_out(since: float, limit_s: float) -> bool:
    return time.monotonic() - since >= limit_s * 0.95  # FFmpeg looks at its clock now and then


def _interval(stream: VideoStream) -> float:
    return 1 / float(stream.average_rate) if stream.average_rate else 0.0
