"""What FFmpeg's errors mean, in words for people; its own texts hold the URL and stay here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from av import error as av_error

from edge.errors import StreamError

OWN_CODES = 4096  # from here on FFmpeg's, not the system's


class StallError(StreamError):
    """The camera is connected but sends nothing that can be shown."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How one kind of failure is told."""

    kinds: tuple[type[BaseException], ...]
    what: str
    remedy: str
    refused: bool = False  # asking again soon would not help, and may lock the account


LIVE = (
    Fault(
        (av_error.HTTPUnauthorizedError, av_error.HTTPForbiddenError),
        "{host} refuses the user name or password",
        "check both, and that this user may watch live",
        refused=True,
    ),
    Fault(
        (av_error.HTTPNotFoundError,),
        "{host} has no stream at this path",
        "look up the RTSP path in the camera's manual or settings",
        refused=True,
    ),
    Fault(
        (av_error.HTTPClientError,),
        "{host} refuses the request, or sends no video",
        "check the path, the transport, and how many clients the camera allows",
        refused=True,
    ),
    Fault(
        (av_error.HTTPServerError,),
        "{host} has an error of its own",
        "restart the camera if this stays",
    ),
    Fault(
        (av_error.ConnectionRefusedError,),
        "{host} refuses connections",
        "check address and port, and that the camera is on",
    ),
    Fault(
        (av_error.TimeoutError, av_error.ExitError),
        "{host} does not answer",
        "check the address, the network and the power",
    ),
    Fault(
        (av_error.InvalidDataError,),
        "{host} answers, but not with video over {kind}",
        "check the port and the path",
    ),
    Fault(
        (av_error.ProtocolNotFoundError,),
        "{host} does not offer this transport",
        "try the other one of tcp and udp",
        refused=True,
    ),
)
FILE = (
    Fault(
        (av_error.FileNotFoundError,),
        "there is no such file",
        "check the path; it is relative to the configuration file",
        refused=True,
    ),
    Fault(
        (av_error.PermissionError,),
        "the file may not be read",
        "give this user the right to read it",
        refused=True,
    ),
    Fault(
        (av_error.InvalidDataError, av_error.EOFError),
        "this is no video that can be read",
        "play it with another program; convert or replace it",
        refused=True,
    ),
)


def live_fault(
    error: av_error.FFmpegError, camera: str, host: str, *, waited: bool, kind: str = "RTSP"
) -> StreamError:
    """Word a failure of a live stream; `waited` says that time ran out before it."""
    if waited and isinstance(error, av_error.InvalidDataError):
        error = av_error.TimeoutError(0, "")  # FFmpeg says invalid where nothing came at all
    return _fault(error, LIVE, f"camera '{camera}': ", host=host, kind=kind)


def file_fault(error: av_error.FFmpegError, what: str) -> StreamError:
    """Word a failure of a file; `what` names it as people know it."""
    return _fault(error, FILE, f"{what}: ")


def host_of(url: str) -> str:
    """Where a URL leads, without its secrets: "host:port", or "its address" in doubt."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "its address"
    # An unescaped '/', '?' or '#' in a password would make part of it look like the host.
    if not host or ("@" in url and "@" not in parts.netloc):
        return "its address"
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"


def _fault(
    error: av_error.FFmpegError, table: tuple[Fault, ...], where: str, **words: str
) -> StreamError:
    for fault in table:
        if isinstance(error, fault.kinds):
            what = where + fault.what.format(**words)
            return StreamError(what, fault.remedy, refused=fault.refused)
    code = error.errno or 0
    reason = os.strerror(code) if 0 < code < OWN_CODES else type(error).__name__
    host = words.get("host")
    subject = f"{host} can't be read" if host else "can't be read"
    remedy = "check the address, the network and, with TLS, the certificate"
    return StreamError(f"{where}{subject} ({reason})", remedy)
