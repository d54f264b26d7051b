"""How gRPC goes over the network: limits, keep-alive, TLS and addresses."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import grpc

from edge.errors import FencelineError, ListenError, SinkError
from edge.serve.certificates import CHECK_PAIR, CHECK_PATH, Files, grpc_credentials

MAX_MESSAGE_BYTES = 4 * 2**20
KEEPALIVE_S = 30.0  # a peer that vanished without a word is noticed this much later
KEEPALIVE_TIMEOUT_S = 10.0
HANDSHAKE_S = 10  # for TLS, once connected; else a connection that says nothing is kept two minutes
MOST_STREAMS = 128  # at once on one connection
MAX_HEADER_BYTES = 16 * 1024


def server_options(keepalive_s: float = KEEPALIVE_S) -> list[tuple[str, int]]:
    """Channel arguments of every server."""
    return [
        *_common(keepalive_s),
        ("grpc.so_reuseport", 0),  # else two processes share a port and each gets half
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # what clients may ask for
        ("grpc.http2.max_ping_strikes", 2),  # who asks more often is cut off
        ("grpc.max_concurrent_streams", MOST_STREAMS),
        ("grpc.max_metadata_size", MAX_HEADER_BYTES),
        ("grpc.server_handshake_timeout_ms", HANDSHAKE_S * 1000),
    ]


def channel(
    target: str,
    *,
    ca: Path | None = None,
    cert: Path | None = None,
    key: Path | None = None,
    insecure: bool = False,
    keepalive_s: float = KEEPALIVE_S,
) -> grpc.Channel:
    """A channel that shares nothing with others; without `ca` the system's roots are trusted.

    The files are read now: certificates may be renewed while the service runs. Raises SinkError.
    """
    options = [
        *_common(keepalive_s),
        # A subchannel of the shared pool would hand its back-off on to the next attempt.
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_retries", 0),
    ]
    if insecure:
        return grpc.insecure_channel(target, options)
    roots, own_key, own_cert = (_bytes(path, SinkError) for path in (ca, key, cert))
    credentials = grpc.ssl_channel_credentials(roots, own_key, own_cert)
    return grpc.secure_channel(target, credentials, options)


def server_credentials(
    cert: Path | None, key: Path | None, client_ca: Path | None
) -> grpc.ServerCredentials | None:
    """TLS, mutual where there is a `client_ca`; None for plain text. Raises ListenError."""
    if cert is None or key is None:
        return None
    return grpc_credentials(Files(cert, key, client_ca))


def bound_socket(what: str, address: str, *, remedy: str) -> socket.socket:
    """A socket that listens on HOST:PORT; raises ListenError."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=128)
    except OSError as error:
        what = f"{what} can't listen on {address}: {_why(error)}"
        raise ListenError(what, remedy) from error


def listen(
    server: grpc.Server | grpc.aio.Server,
    address: str,
    credentials: grpc.ServerCredentials | None,
    *,
    remedy: str,
) -> int:
    """Let a gRPC server listen on HOST:PORT and return the port; raises ListenError."""
    bound_socket("gRPC", address, remedy=remedy).close()  # gRPC itself can't say why it failed
    try:
        if credentials is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, credentials)
    except RuntimeError as error:
        what = f"gRPC can't listen on {address}"
        if credentials is not None:
            raise ListenError(f"{what} with this certificate and key", CHECK_PAIR) from error
        raise ListenError(what, remedy) from error


def words(error: grpc.RpcError) -> str:
    """A failed call in a few words."""
    code = error.code() if isinstance(error, grpc.Call) else None
    name = code.name if code else "no connection"
    details = (error.details() or "") if isinstance(error, grpc.Call) else ""
    return f"{name}, {details[:200]}" if details else name


def _common(keepalive_s: float) -> list[tuple[str, int]]:
    timeout_ms = int(min(keepalive_s, KEEPALIVE_TIMEOUT_S) * 1000)
    return [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", int(keepalive_s * 1000)),
        ("grpc.keepalive_timeout_ms", timeout_ms),
        ("grpc.http2.ping_timeout_ms", timeout_ms),  # where it is not set, a minute is waited
        ("grpc.http2.max_pings_without_data", 0),  # a quiet site is quiet for hours
    ]


def _bytes(path: Path | None, failure: type[FencelineError]) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise failure(f"{path}: {_why(error)}", CHECK_PATH) from error


def _why(error: OSError) -> str:
    """The plain reason; Python and the resolver put addresses and numbers around it."""
    if error.errno is None or isinstance(error, socket.gaierror):
        return str(error.strerror).lower()
    return os.strerror(error.errno).lower()
