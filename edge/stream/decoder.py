"""Packets to pictures, one thread per stream; whatever is damaged is counted."""

from __future__ import annotations

from av import error as av_error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.stream.decoded import Decoded, Scalers

GUESSED_FPS = 25.0  # of recordings that don't say


def video_of(container: InputContainer) -> VideoStream | None:
    """The first video stream, set to decode in the calling thread: cameras are the parallelism.

    None where there is none, or none whose codec is known.
    """
    known = (stream for stream in container.streams.video if stream.codec_context is not None)
    stream = next(known, None)
    if stream is None:
        return None
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    return stream


class Decoder:
    """Decodes one session of a stream."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._scalers = Scalers()
        self._broken = False  # since a packet could not be decoded, until the next key picture
        self.damaged = 0

    def whole(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        """The pictures of a packet of a live stream, without the damaged ones."""
        try:
            pictures = packet.decode()
        except av_error.FFmpegError:
            self.damaged += 1
            self._broken = True
            return []
        return [picture for picture in pictures if self._is_whole(picture)]

    def all(self, packet: Packet[VideoStream] | None) -> list[VideoFrame]:
        """The pictures of a packet of a file, damaged or not; None for the last ones."""
        try:
            return self._stream.codec_context.decode(packet)
        except av_error.FFmpegError:
            self.damaged += 1
            return []

    def picture(self, frame: VideoFrame) -> Decoded:
        """What analysis gets of a decoded frame."""
        return Decoded(frame, self._scalers)

    def _is_whole(self, picture: VideoFrame) -> bool:
        if picture.key_frame and not picture.is_corrupt:
            self._broken = False
        if self._broken or picture.is_corrupt:
            self.damaged += 1
            return False
        return True
