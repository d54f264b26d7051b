"""What does decoding cost? The live source's own steps against cv2.VideoCapture."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import cv2

from benchmarks.clips import FPS, KINDS, Kind, write_stream
from benchmarks.datasets import dataset
from benchmarks.result import Column, Goal, Result
from edge.errors import FencelineError
from edge.stream.decoder import Decoder, video_of
from edge.stream.economy import Economy
from edge.stream.timeline import Gate

ROUNDS, SECONDS = 5, 12
ANALYSIS_FPS = 8
CROP, INPUT = (480, 270, 1440, 810), (416, 416)
COLUMNS = (
    Column("stream", ["stream"]),
    Column("reader", ["reader"]),
    Column("CPU s per stream s", ["cpu_s"], digits=4),
    Column("least / most", ["cpu_s_least", "cpu_s_most"], digits=4),
    Column("pictures decoded", ["decoded"], digits=0),
    Column("ratio to OpenCV", ["ratio"], digits=3),
    Column("cameras per core", ["cameras"], digits=1),
)
STREAMS_NOTE = (
    "Streams: the PETS clip upscaled to 25 pictures a second, with noise, key picture every 2 s; "
    "{seconds} s of each, read from a file (live RTSP adds about 0.005), CPU of all threads "
    "(process_time), median over {rounds} turn(s) of each, in turn."
)
WAYS_NOTE = (
    "full: every picture decoded and given on, none converted. analysis: what 8 frames a second "
    "need. key: what a camera costs while no rule is armed. + motion, crop: 8 frames a second "
    "with brightness at a sixth of the size and a region of a quarter of the picture in colour, "
    "416x416. OpenCV: VideoCapture.read with one thread, which always makes colour of all."
)
FULL_MOST, KEY_MOST, GAIN_LEAST = 0.115, 0.015, 1.25
OPENCV, OURS = "cv2.VideoCapture", "fenceline, full"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read a stream."""

    fps: float
    idle: bool = False
    looks: bool = False  # motion and one region, as analysis would


WAYS = {
    OURS: Way(1000),
    "fenceline, analysis": Way(ANALYSIS_FPS),
    "fenceline, analysis + motion, crop": Way(ANALYSIS_FPS, looks=True),
    "fenceline, key": Way(ANALYSIS_FPS, idle=True),
}


def run(*, quick: bool = False) -> Result:
    """Every kind of stream, every way, and the baseline."""
    rounds, seconds = (1, 4) if quick else (ROUNDS, SECONDS)
    original = dataset("pets09_s2l1", "vtest.avi")
    result = Result(
        "decode",
        "What does decoding cost?",
        COLUMNS,
        parameters={"clip": original.name, "rounds": rounds, "seconds": seconds},
        notes=[STREAMS_NOTE.format(rounds=rounds, seconds=seconds), WAYS_NOTE],
    )
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            stream = Path(folder) / "stream.mp4"
            write_stream(kind, original, stream, pictures=seconds * FPS)
            compare(result, kind, costs(READERS, stream, rounds=rounds))
            stream.unlink()
    _set_goals(result)
    return result


@dataclass(slots=True)
class Cost:
    """CPU seconds per second of the stream, one number per round, and the pictures decoded."""

    cpu_s: list[float]
    decoded: int = 0


def costs(
    readers: Mapping[str, Callable[[Path], int]], stream: Path, *, rounds: int
) -> dict[str, Cost]:
    """Each reader's cost; raises FencelineError where one of them reads nothing."""
    found = {name: Cost([]) for name in readers}
    seconds = _seconds(stream)
    for _ in range(rounds):
        for name, read in readers.items():
            began = time.process_time()
            found[name].decoded = read(stream)
            found[name].cpu_s.append((time.process_time() - began) / seconds)
            if found[name].decoded == 0:
                raise FencelineError(f"{name} decoded nothing of {stream.name}")
    return found


def compare(result: Result, kind: Kind, found: Mapping[str, Cost]) -> None:
    """Add a row for each reader of one stream, by the medians."""
    baseline = statistics.median(found[OPENCV].cpu_s)
    for reader, cost in found.items():
        median = statistics.median(cost.cpu_s)
        result.rows.append(
            {
                "stream": kind.name,
                "reader": reader,
                "cpu_s": median,
                "cpu_s_least": min(cost.cpu_s),
                "cpu_s_most": max(cost.cpu_s),
                "decoded": cost.decoded,
                "ratio": median / baseline,
                "cameras": 1 / median,
            }
        )
        if reader != OPENCV:
            result.ratios[f"{kind.name}, CPU of {reader} to {OPENCV}"] = median / baseline


def _set_goals(result: Result) -> None:
    first = KINDS[0].name
    cost = {row["reader"]: row for row in result.rows if row["stream"] == first}
    full, key = cost[OURS], cost["fenceline, key"]
    result.goals += [
        Goal(
            f"{first}, full, CPU s per stream s", _number(full["cpu_s"]), FULL_MOST, at_least=False
        ),
        Goal(f"{first}, key, CPU s per stream s", _number(key["cpu_s"]), KEY_MOST, at_least=False),
        Goal(
            f"{first}, full, streams per core to OpenCV's", 1 / _number(full["ratio"]), GAIN_LEAST
        ),
    ]


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) else float("nan")


def _seconds(stream: Path) -> float:
    with av.open(str(stream)) as container:
        return container.streams.video[0].frames / FPS


def _read(stream: Path, way: Way) -> int:
    """The steps of `edge.stream.live`, without the network."""
    decoded = 0
    with av.open(str(stream)) as container:
        video = video_of(container)
        if video is None:
            return 0
        economy, decoder, gate = Economy(video, way.fps), Decoder(video), Gate(way.fps)
        for packet in container.demux(video):
            now = float((packet.dts or 0) * (packet.time_base or 0))
            if packet.size and not economy.wants(packet, now, idle=way.idle):
                continue
            for frame in decoder.whole(packet):
                decoded += 1
                economy.see(frame.time or 0.0)
                if gate.lets(frame.time or 0.0) and way.looks:
                    picture = decoder.picture(frame)
                    picture.luma(picture.width // 6, picture.height // 6)
                    region = tuple(n * picture.width // 1920 for n in CROP)
                    picture.bgr(region=(region[0], region[1], region[2], region[3]), size=INPUT)
    return decoded


def _opencv(stream: Path) -> int:
    capture, frames = cv2.VideoCapture(str(stream), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1]), 0
    while capture.read()[0]:
        frames += 1
    capture.release()
    return frames


def _reader(way: Way) -> Callable[[Path], int]:
    return lambda stream: _read(stream, way)


READERS: dict[str, Callable[[Path], int]] = {
    OPENCV: _opencv,
    **{name: _reader(way) for name, way in WAYS.items()},
}
