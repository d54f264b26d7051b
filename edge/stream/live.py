"""Live cameras: RTSP, Motion JPEG over HTTP, HLS, V4L2."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from edge.errors import StreamError
from edge.stream.camera_clock import CameraClock
from edge.stream.decoded import Decoded
from edge.stream.decoder import Decoder, video_of
from edge.stream.dialects import address_of, dialect_of
from edge.stream.economy import Economy
from edge.stream.facts import Facts
from edge.stream.faults import StallError, host_of, live_fault
from edge.stream.frozen import Frozen
from edge.stream.hardware import Hardware
from edge.stream.options import Options
from edge.stream.patience import Patience, ran_out
from edge.stream.timeline import Gate, Pace, Timeline
from edge.types import Frame

OPEN_S = 5.0
PATIENT_STALLS = 3  # packets without pictures for so many times stall_s are as bad as none
LONGEST_KEY_S = 60.0  # from one key picture to the next, where only these are decoded


class LiveSource:
    """One camera: decodes what is needed, gives on at most `fps` whole pictures a second."""

    live = True

    def __init__(self, name: str, url: str, options: Options) -> None:
        self._name, self._url, self._options = name, url, options
        self._host = host_of(url)
        self._dialect = dialect_of(url, options)
        self._frozen = Frozen(options.frozen_s)
        self._hardware = Hardware(options.decode)
        self.damaged = 0
        self.facts = Facts()
        self._skipped = 0  # in the sessions before

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """Connect and yield frames until stopped; a stream that ends raises StreamError too."""
        stop = stop or threading.Event()
        with closing(self._open()) as container:
            stream = self._video(container)
            self._begin(stream)
            clock, gate = CameraClock(), Gate(self._options.fps)
            economy = Economy(stream, self._options.fps)
            timeline, pace = Timeline(_interval(stream)), Pace(stop, on=self._dialect.paced)
            packets = self._worth(self._packets(container, stream, stop), economy, clock)
            index = 0
            for picture, stream_time in self._pictures(packets, Decoder(stream), economy):
                pace.wait(stream_time)
                pts = timeline.advance(self._stamp(stream_time), time.monotonic())
                economy.see(pts)
                self._tell(economy)
                if gate.lets(pts):
                    self._check(picture, pts)
                    when, told_by = clock.tell(stream_time, time.time())
                    yield Frame(
                        self._name,
                        index,
                        pts,
                        when,
                        picture,
                        told_by,
                        clock.offset_s,
                        session,
                        clock.uncertainty_s,
                    )
                    index += 1

    def _begin(self, stream: VideoStream) -> None:
        self._frozen.begin()
        self._skipped = self.facts.skipped
        codec, device = stream.codec_context.name, self._hardware.using(stream)
        self.facts = Facts(codec, device, skipped=self._skipped)

    def _tell(self, economy: Economy) -> None:
        self.facts = replace(
            self.facts,
            decode=str(economy.decode),
            lag_s=economy.lag_s,
            skipped=self._skipped + economy.skipped,
        )

    def _stamp(self, stream_time: float | None) -> float | None:
        """The stream's own time; nothing where that is only FFmpeg's reading of this box's."""
        return stream_time if self._dialect.stamped else None

    def _check(self, picture: Decoded, pts: float) -> None:
        if self._frozen.holds(picture, pts):
            raise StallError(
                f"camera '{self._name}': {self._host} sends the same picture again and again",
                "restart the camera; if the scene is a drawing that never changes, set frozen_s: 0",
            )

    def _open(self) -> InputContainer:
        asked = time.monotonic()
        try:
            return self._hardware.open(
                address_of(self._url),
                format=self._dialect.format,
                options=dict(self._dialect.options),
                timeout=(OPEN_S, self._dialect.read_s),
            )
        except av.error.FFmpegError as error:
            # FFmpeg's text holds the URL with its password: it must not even be the cause.
            waited, kind = ran_out(asked, OPEN_S), self._dialect.name
            raise live_fault(error, self._name, self._host, waited=waited, kind=kind) from None

    def _video(self, container: InputContainer) -> VideoStream:
        stream = video_of(container)
        if stream is None:
            raise self._error("sends no video", "check the path", refused=True)
        return stream

    def _worth(
        self, packets: Iterable[Packet[VideoStream]], economy: Economy, clock: CameraClock
    ) -> Iterator[Packet[VideoStream] | None]:
        """The packets worth decoding, and None in place of each that is not."""
        for packet in packets:
            clock.hear(packet, time.time())
            wanted = economy.wants(packet, time.monotonic(), idle=self._options.idle())
            yield packet if wanted else None

    def _pictures(
        self,
        packets: Iterable[Packet[VideoStream] | None],
        decoder: Decoder,
        economy: Economy,
    ) -> Iterator[tuple[Decoded, float | None]]:
        """The whole pictures and their times; gives up on a camera that sends none."""
        before, seen = self.damaged, time.monotonic()
        patient_s = PATIENT_STALLS * self._options.stall_s
        for packet in packets:
            frames = decoder.whole(packet) if packet else []
            self.damaged = before + decoder.damaged
            if frames:
                seen = time.monotonic()
            elif ran_out(seen, max(patient_s, LONGEST_KEY_S) if economy.by_choice else patient_s):
                what = "only damaged pictures" if decoder.damaged else "packets, but no pictures"
                raise StallError(
                    f"camera '{self._name}': {self._host} sends {what}",
                    "check the network and the camera's encoder; with transport udp, try tcp",
                )
            yield from ((decoder.picture(frame), frame.time) for frame in frames)

    def _packets(
        self, container: InputContainer, stream: VideoStream, stop: threading.Event
    ) -> Iterator[Packet[VideoStream]]:
        """Packets, until stopped. Reads have a short limit, so that a stop is seen soon.

        A read that ran out is tried again until stall_s is over; the stream takes no harm.
        """
        patience = Patience(self._dialect.read_s, self._options.stall_s)
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
                self._over(patience)
            except av.error.FFmpegError as error:
                if not patience.ran_out:
                    kind = self._dialect.name
                    raise live_fault(
                        error, self._name, self._host, waited=False, kind=kind
                    ) from None
            if patience.at_end:
                what = f"{self._host} sent nothing for {self._options.stall_s:g} s"
                raise StallError(
                    f"camera '{self._name}': {what}", "check the network and the camera"
                )

    def _over(self, patience: Patience) -> None:
        """Demuxing ended: the camera ended it, unless FFmpeg did because its time ran out."""
        if not patience.at_end:
            raise self._error("ended the stream", "it may be restarting")

    def _error(self, what: str, remedy: str, *, refused: bool = False) -> StreamError:
        return StreamError(f"camera '{self._name}': {self._host} {what}", remedy, refused=refused)


def _interval(stream: VideoStream) -> float:
    return 1 / float(stream.average_rate) if stream.average_rate else 0.0
