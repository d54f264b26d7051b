"""Recordings, played as if they were cameras or read as fast as they can be."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from edge.errors import StreamError
from edge.stream.decoder import GUESSED_FPS, Decoder, video_of
from edge.stream.facts import Facts
from edge.stream.faults import file_fault
from edge.stream.options import Options
from edge.stream.playing import played
from edge.stream.timeline import Playback
from edge.types import Frame, Picture


class FileSource:
    """One recording: every picture is given on, none is dropped."""

    live = False

    def __init__(self, name: str, url: str, options: Options) -> None:
        self._name, self._options = name, options
        self._path = path_of(url)
        # A camera's address without its scheme would pass for a path: its password stays unsaid.
        shown = "the file" if "@" in self._path else f"'{Path(self._path).name}'"
        self._where = f"camera '{name}', {shown}"
        self.damaged = 0
        self.facts = Facts(decode="all")

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """Yield every picture; with `realtime`, each when its pts has come."""
        return played(self._name, self._timed(), self._options, session=session, stop=stop)

    def _timed(self) -> Iterator[tuple[float, Picture]]:
        """Pictures with their pts, through all repetitions."""
        playback = Playback(self._options.frame_rate)
        yield from self._once(playback)
        while self._options.loop:
            yield from self._once(playback)

    def _once(self, playback: Playback) -> Iterator[tuple[float, Picture]]:
        before, count = self.damaged, 0
        try:
            with closing(self._open()) as container:
                stream = self._video(container)
                decoder = Decoder(stream)
                self.facts = Facts(stream.codec_context.name, "cpu", "all")
                playback.begin(1 / float(stream.average_rate or GUESSED_FPS))
                for packet in _packets(container, stream):
                    for picture in decoder.all(packet):
                        yield playback.advance(picture.time), decoder.picture(picture)
                        count += 1
                    self.damaged = before + decoder.damaged
        except av.error.FFmpegError as error:
            if count == 0:
                raise file_fault(error, self._where) from None
            raise self._error(f"it breaks off after {count} pictures") from None
        if count == 0:
            raise self._error("it holds no pictures")

    def _open(self) -> InputContainer:
        # A recording is one local file: nothing in its name or content leads anywhere else.
        options = {"protocol_whitelist": "file"}
        return av.open(f"file:{self._path}", options=options, metadata_errors="replace")

    def _video(self, container: InputContainer) -> VideoStream:
        stream = video_of(container)
        if stream is None:
            raise self._error("it has no video")
        return stream

    def _error(self, what: str) -> StreamError:
        return StreamError(f"{self._where}: {what}", "convert or replace it", refused=True)


def path_of(url: str) -> str:
    """The path that an address names."""
    return unquote(urlsplit(url).path) if url.lower().startswith("file://") else url


def _packets(
    container: InputContainer, stream: VideoStream
) -> Iterator[Packet[VideoStream] | None]:
    """All packets, and None at the end: the decoder may still hold pictures."""
    yield from (packet for packet in container.demux(stream) if packet.size)
    yield None
