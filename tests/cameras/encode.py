"""Makes what the test cameras show: a square that moves, tiny, in every way a camera codes it."""

import io
from dataclasses import replace
from fractions import Fraction

import av
import cv2
import numpy as np

from edge.demo.rtp import nal_units
from tests.cameras.media import Clip, Media, Unit, kind
from tests.stream.make_clip import picture

FPS = 25
SECONDS = 2
SEGMENTS = 40
NOISE = 120  # makes pictures of many packets
SENSOR = 8  # the noise of a camera that looks at a scene where nothing moves
GRAIN = {"noise": SENSOR, "qp": 8}  # fine enough that the noise survives the encoder
X265 = (
    "log-level=none:pools=none:frame-threads=1:repeat-headers=1:scenecut=0:open-gop=0:keyint={gop}"
)
SLICES = {"h264": range(1, 6), "h265": range(32)}


def media():
    """All clips, JPEGs and segments."""
    clips = {codec: encode(codec, pictures()) for codec in ("h264", "h265")}
    return Media(clips | _variants(clips["h264"]), _jpegs(), _segments())


def encode(codec, images, *, bframes=0, qp=28):
    """A clip of these BGR images; a key picture each second, its headers within the stream."""
    context = _context(codec, images[0], bframes=bframes, qp=qp)
    packets = []
    for index, image in enumerate([*images, None]):
        packets += context.encode(None if image is None else _frame(context, image, index))
    units = [Unit(tuple(nal_units(bytes(p))), p.pts, bool(p.is_keyframe)) for p in packets]
    return Clip(codec, tuple(units), FPS)


def pictures(*, seconds=SECONDS, noise=0, size=None):
    """The moving square."""
    images = [picture(index, noise=noise) for index in range(round(seconds * FPS))]
    return images if size is None else [cv2.resize(image, size) for image in images]


def _variants(plain):
    grain = np.random.default_rng(7).integers(0, SENSOR, (SECONDS * FPS, 120, 160, 3), np.uint8)
    return {
        "b264": encode("h264", pictures(), bframes=2),
        "b265": encode("h265", pictures(), bframes=2),
        "noise": encode("h264", pictures(noise=NOISE)),
        "noise265": encode("h265", pictures(noise=NOISE)),
        "resize": _joined(plain, encode("h264", pictures(size=(96, 64)))),
        "still": encode("h264", [picture(0)] * SECONDS * FPS),
        "quiet": encode("h264", [picture(0) + one for one in grain], qp=GRAIN["qp"]),
        "headers": replace(plain, units=tuple(_headers(plain, unit) for unit in plain.units)),
        "orphans": replace(plain, units=tuple(_orphans(plain))),
        "audio": Clip("pcmu", ()),
    }


def _joined(one, two):
    later = [replace(unit, pts=unit.pts + len(one.units)) for unit in two.units]
    return replace(one, units=(*one.units, *later))


def _headers(clip, unit):
    """Only what isn't a picture; where there is nothing, the parameter sets."""
    rest = [nal for nal in unit.nals if kind(clip.codec, nal) not in SLICES[clip.codec]]
    return replace(unit, nals=tuple(rest or clip.sets))


def _orphans(clip):
    """The clip without its key pictures: what is left leans on pictures that never come."""
    for unit in clip.units:
        yield _headers(clip, unit) if unit.key else unit


def _context(codec, image, *, bframes, qp):
    context = av.CodecContext.create("libx264" if codec == "h264" else "libx265", "w")
    context.height, context.width = image.shape[:2]
    context.pix_fmt = "yuv420p"
    context.framerate, context.time_base = Fraction(FPS), Fraction(1, FPS)
    context.options = {"preset": "ultrafast", "bf": str(bframes), "g": str(FPS)}
    if codec == "h264":
        context.options |= {"qp": str(qp), "x264-params": "scenecut=0:threads=1:b-adapt=0"}
    else:
        x265 = X265.format(gop=FPS) + f":bframes={bframes}:b-adapt=0:qp={qp}"
        context.options |= {"x265-params": x265}
    return context


def _frame(context, image, index):
    frame = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format="yuv420p")
    frame.pts, frame.time_base = index, context.time_base
    return frame


def _jpegs():
    return tuple(cv2.imencode(".jpg", image)[1].tobytes() for image in pictures())


def _segments():
    return tuple(_segment(index) for index in range(SEGMENTS))


def _segment(index):
    """A second of MPEG-TS whose timestamps follow those of the segment before."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "bf": "0"})
        stream.height, stream.width, _ = picture(0).shape
        stream.pix_fmt = "yuv420p"
        for number in range(FPS):
            frame = av.VideoFrame.from_ndarray(picture(index * FPS + number), format="bgr24")
            frame.pts, frame.time_base = index * FPS + number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()
