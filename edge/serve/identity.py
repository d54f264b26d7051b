"""Who calls: the name in the certificate that was shown."""

from __future__ import annotations

import re
from typing import Any

import grpc

from edge.serve.refusals import RefusedError

BOX_URI = "urn:fenceline:box:"  # of the one name under which its holder may report
BORN_WITH = re.compile(r"[0-9a-f]{8}")
SAN, CN = "x509_subject_alternative_name", "x509_common_name"


def name_of(context: grpc.aio.ServicerContext[Any, Any]) -> str | None:
    """The box that the certificate names; None where none was shown, or it names nobody.

    A URI `urn:fenceline:box:NAME` among its alternative names counts, else its common name.
    """
    shown = {key: [part.decode() for part in parts] for key, parts in _shown(context).items()}
    for name in shown.get(SAN, ()):
        if name.startswith(BOX_URI):
            return name.removeprefix(BOX_URI)
    return next(iter(shown.get(CN, ())), None)


def check(name: str | None, box_id: str) -> None:
    """A box speaks only for itself: its id is its name and what its store was born with."""
    whose, _, born_with = box_id.rpartition("-")
    if whose != name or not BORN_WITH.fullmatch(born_with):
        who = f"'{name}'" if name else "nobody"
        what = f"the certificate names {who}, and may not report as box '{box_id}'"
        raise RefusedError(
            grpc.StatusCode.PERMISSION_DENIED,
            "NOT_YOUR_BOX",
            what,
            certificate=name or "",
            box_id=box_id,
        )


def _shown(context: grpc.aio.ServicerContext[Any, Any]) -> dict[str, list[bytes]]:
    return {key: list(parts) for key, parts in (context.auth_context() or {}).items()}
