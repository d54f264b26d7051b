"""One camera as a process of its own: `python -m tests.cameras.server MEDIA PORTS`.

It can be killed, held up and started again at the same ports. PORTS is a JSON object of names
and numbers. Commands come as JSON lines on stdin, each is answered by a line on stdout; at
the end of stdin the process ends, so none outlives its test.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from edge.demo.rtsp_auth import Lock
from tests.cameras import odd
from tests.cameras.camera import HOST, PASSWORD, USER
from tests.cameras.faults import Mounts
from tests.cameras.media import Media
from tests.cameras.rtsp import FaultyConnection
from tests.cameras.web import Web


async def main(path, ports):
    media = Media.load(Path(path))
    mounts = Mounts(media.clips | {"mjpeg": None, "hls": None})
    for name, answer in answers(mounts, media).items():
        await asyncio.start_server(answer, HOST, ports[name])
    hole = odd.Hole(HOST, ports["hole"])  # held, or it would answer
    tell("ready")
    while line := await asyncio.to_thread(sys.stdin.readline):
        tell(obey(mounts, **json.loads(line)))
    del hole
    os._exit(0)  # clients are owed no goodbye


def answers(mounts, media):
    """Who answers at each port."""
    locks = {f"_{scheme}": Lock(USER, PASSWORD, scheme) for scheme in ("basic", "digest")}
    locks[""] = None
    rtsp = {f"rtsp{name}": rtsp_for(mounts, lock) for name, lock in locks.items()}
    web = {f"http{name}": Web(mounts, media, lock).connected for name, lock in locks.items()}
    return rtsp | web | {"silent": odd.silent, "ssh": odd.ssh}


def rtsp_for(mounts, lock):
    async def connected(reader, writer):
        await FaultyConnection(mounts, lock, (reader, writer)).serve()

    return connected


def obey(mounts, *, verb, mount, faults=None):
    """Do one command; returns its answer."""
    found = mounts.get(mount)
    match verb:
        case "set":
            found.set(faults)
        case "reset":
            found.reset()
        case "watching":
            return len(found.connections)
    return "done"


def tell(answer):
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
