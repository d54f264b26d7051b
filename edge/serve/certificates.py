"""Certificates of listeners, read anew when their files change: renewed without a restart."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import grpc
import structlog

from edge.errors import ListenError

CHECK_PAIR = "check that both are PEM files and belong together"
CHECK_PATH = "check the path and its permissions"

Stamp = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Files:
    """What a listener shows, and who signs the certificates of those that it takes."""

    cert: Path
    key: Path
    client_ca: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that are named."""
        return (self.cert, self.key, *([self.client_ca] if self.client_ca else []))

    def stamp(self) -> Stamp:
        """Another one after a change; raises OSError."""
        found = [path.stat() for path in self.paths]
        return tuple((one.st_mtime_ns, one.st_ino, one.st_size) for one in found)


class Watched:
    """Files that are good; a change for the worse is said, and what was good before stays.

    Thread-safe. Raises ListenError where they are of no use at the start.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self._lock = Lock()
        self._stamp: Stamp | None = None
        self._refused = ""
        try:
            self._stamp = files.stamp()
        except OSError as error:
            raise _unreadable(error) from error
        context_for(files)

    def changed(self) -> bool:
        """Whether there is something new, and good, since it was last asked."""
        with self._lock:
            try:
                stamp = self.files.stamp()
                if stamp == self._stamp:
                    return False
                context_for(self.files)
            except (OSError, ListenError) as error:  # renewal writes one file after the other
                self._complain(str(error))
                return False
            self._stamp, self._refused = stamp, ""
        structlog.get_logger().info("certificate renewed", file=str(self.files.cert))
        return True

    def _complain(self, reason: str) -> None:
        if reason != self._refused:
            log = structlog.get_logger()
            log.warning("the new certificate is of no use, the old one stays", reason=reason)
        self._refused = reason


def context_for(files: Files) -> ssl.SSLContext:
    """TLS 1.2 and newer, for HTTP, and to try the files; raises ListenError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    load(context, files)
    return context


def load(context: ssl.SSLContext, files: Files) -> None:
    """From now on new connections are shown these; raises ListenError."""
    try:
        for path in files.paths:
            path.open("rb").close()
        context.load_cert_chain(files.cert, files.key, password=_no_password)
        if files.client_ca:
            context.load_verify_locations(files.client_ca)
    except ssl.SSLError as error:
        what = f"{files.cert}, {files.key}: this certificate and key are of no use"
        if error.reason == "NO_CERTIFICATE_OR_CRL_FOUND" and files.client_ca:
            what = f"{files.client_ca}: there is no certificate in it"
        raise ListenError(what, CHECK_PAIR) from error
    except OSError as error:
        raise _unreadable(error) from error


def grpc_credentials(files: Files) -> grpc.ServerCredentials:
    """TLS, mutual where there is a `client_ca`; each handshake looks whether the files are new.

    gRPC takes TLS 1.2 and newer only. Raises ListenError.
    """
    watched = Watched(files)

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        return _configuration(files) if watched.changed() else None

    return grpc.dynamic_ssl_server_credentials(
        _configuration(files),
        fetch,  # type: ignore[arg-type] # None: as it was
        require_client_authentication=files.client_ca is not None,
    )


def _configuration(files: Files) -> grpc.ServerCertificateConfiguration:
    roots = files.client_ca.read_bytes() if files.client_ca else None
    pair = (files.key.read_bytes(), files.cert.read_bytes())
    return grpc.ssl_server_certificate_configuration([pair], roots)


def _no_password() -> str:
    """A key that needs a password is refused; nobody is there to type one."""
    return ""


def _unreadable(error: OSError) -> ListenError:
    return ListenError(f"{error.filename}: {(error.strerror or '').lower()}", CHECK_PATH)
