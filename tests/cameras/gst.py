"""GStreamer's RTSP server as a `Camera`, where this machine has it."""

import base64
import functools
import json
import subprocess
from pathlib import Path

from tests.cameras.camera import PASSWORD, ROOT, USER, Camera

PYTHON = Path("/usr/bin/python3")  # gi is a package of the system, not of the virtual environment
SCRIPT = ROOT / "tests/cameras/gst_server.py"
PORTS = ("rtsp", "rtsp_basic", "rtsp_digest")
CLIPS = ("h264", "h265")
PROBE = """
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
needs = "appsrc", "h264parse", "h265parse", "rtph264pay", "rtph265pay"
lacks = [name for name in needs if not Gst.ElementFactory.find(name)]
raise SystemExit(f"no {lacks}" if lacks else 0)
"""
REMEDY = (
    "apt-get install --no-install-recommends gir1.2-gst-rtsp-server-1.0 python3-gi "
    "gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
)


@functools.cache
def missing():
    """Why it can't run here and what to do; empty where it can."""
    if not PYTHON.exists():
        return f"no {PYTHON}, which GStreamer's server runs on; {REMEDY}"
    probe = subprocess.run([PYTHON, "-c", PROBE], capture_output=True, text=True, check=False)
    if probe.returncode == 0:
        return ""
    last = (probe.stderr.strip().splitlines() or ["no reason given"])[-1]
    return f"GStreamer's RTSP server is not here ({last}); {REMEDY}"


def save(media, path):
    """Write what its server shows of a `Media`: the plain clips."""
    clips = {
        name: {"codec": clip.codec, "fps": clip.fps, "units": [_annex_b(u) for u in clip.units]}
        for name, clip in media.clips.items()
        if name in CLIPS
    }
    path.write_text(json.dumps({"user": USER, "password": PASSWORD, "clips": clips}))
    return path


def theirs(saved):
    """GStreamer's server on what `save` wrote."""
    return Camera([str(PYTHON), str(SCRIPT), str(saved)], ports=PORTS)


def _annex_b(unit):
    stream = b"".join(b"\0\0\0\1" + nal for nal in unit.nals)
    return base64.b64encode(stream).decode()
