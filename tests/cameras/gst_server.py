"""GStreamer's RTSP server as a camera: somebody else's view of the protocol.

Run by the system's Python, which alone has `gi`: `/usr/bin/python3 gst_server.py CLIPS PORTS`.
CLIPS is a JSON file of names, each with codec, fps and units (base64 of Annex-B), see `gst.py`;
PORTS a JSON object with `rtsp`, `rtsp_basic` and `rtsp_digest`. Ends with its stdin.
"""

import base64
import json
import os
import sys
import time
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ROLE = "viewer"
LAUNCH = (
    "( appsrc name=source is-live=true format=time do-timestamp=false block=false "
    "caps=video/x-{codec},stream-format=byte-stream,alignment=au,framerate={fps}/1 "
    "! {codec}parse ! rtp{codec}pay name=pay0 pt=96 config-interval=-1 )"
)


class Feed:
    """Pushes a clip's pictures at their times, again and again."""

    def __init__(self, units, fps, source):
        self._units, self._fps, self._source = units, fps, source
        self._began, self._sent = time.monotonic(), 0

    def push(self):
        """Whatever is due; False once nobody takes it."""
        due = int((time.monotonic() - self._began) * self._fps) + 1
        for number in range(self._sent, due):
            buffer = Gst.Buffer.new_wrapped(self._units[number % len(self._units)])
            buffer.duration = Gst.SECOND // self._fps
            buffer.pts = buffer.dts = number * buffer.duration
            if self._source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                return False
        self._sent = due
        return True


def factory(clip):
    """What makes a stream of this clip for each client."""
    units, fps = [base64.b64decode(unit) for unit in clip["units"]], int(clip["fps"])
    made = GstRtspServer.RTSPMediaFactory()
    made.set_launch(LAUNCH.format(codec=clip["codec"], fps=fps))
    made.set_latency(0)

    def configure(_factory, media):
        feed = Feed(units, fps, media.get_element().get_by_name("source"))
        GLib.timeout_add(1000 // fps // 2, feed.push)

    made.connect("media-configure", configure)
    return made


def auth(scheme, user, password):
    """One user with one password."""
    lock, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    if scheme == "basic":
        lock.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        lock.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        lock.add_digest(user, password, token)
    return lock


def serve(clips, port, lock):
    """A server at one port; returns it, since it ends when nobody holds it."""
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(port))
    for name, clip in clips.items():
        made = factory(clip)
        if lock:
            allowed = GstRtspServer.RTSPPermissions()
            allowed.add_permission_for_role(ROLE, "media.factory.access", True)
            allowed.add_permission_for_role(ROLE, "media.factory.construct", True)
            made.set_permissions(allowed)
        server.get_mount_points().add_factory(f"/{name}", made)
    if lock:
        server.set_auth(lock)
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    return server


def main(path, ports):
    Gst.init(None)
    given = json.loads(Path(path).read_text())
    locks = {"rtsp": None}
    for scheme in ("basic", "digest"):
        locks[f"rtsp_{scheme}"] = auth(scheme, given["user"], given["password"])
    held = [serve(given["clips"], ports[name], lock) for name, lock in locks.items()]
    loop = GLib.MainLoop()
    GLib.io_add_watch(0, GLib.IO_HUP | GLib.IO_IN, lambda *_: os.read(0, 1) != b"" or loop.quit())
    print('"ready"', flush=True)
    loop.run()
    held.clear()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
