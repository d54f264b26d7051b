"""TLS towards a far end: its certificate is always checked."""

from __future__ import annotations

import ssl
from pathlib import Path

from edge.errors import SinkError


def context(ca: Path | None, cert: Path | None, key: Path | None) -> ssl.SSLContext:
    """Without `ca` the system's roots are trusted; files are read anew each time."""
    try:
        made = ssl.create_default_context(cafile=ca)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        if cert is not None:
            made.load_cert_chain(cert, key)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror or str(error)
        raise SinkError(
            f"its certificates can't be used: {why}", "check ca, cert and key"
        ) from error
    return made
