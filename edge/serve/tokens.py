"""Who may what over HTTP: bearer tokens, known by their digests alone."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from edge.serve.problems import Problem

HOW = "send Authorization: Bearer TOKEN, with a token of serve.http.tokens"


class Right(StrEnum):
    """What a token is good for."""

    READ = "read"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Token:
    """`digest` is the SHA-256 of what its holder shows."""

    name: str
    digest: bytes
    scopes: frozenset[Right]


def digest_of(token: str) -> bytes:
    """What is known of a token; it is long and random, so that nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()


def refusal(tokens: Collection[Token], headers: Headers, right: Right) -> JSONResponse | None:
    """Why whoever shows these headers may not, or None."""
    kind, _, shown = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not shown.strip():
        return _unknown("this needs a token", "NO_TOKEN", "")
    found = _found(tokens, shown.strip())
    if found is None:
        return _unknown("this token is not known here", "BAD_TOKEN", ', error="invalid_token"')
    if right not in found.scopes:
        what = f"the token '{found.name}' may not do this: it lacks the scope '{right}'"
        challenge = f'Bearer realm="fenceline", error="insufficient_scope", scope="{right}"'
        problem = Problem(what, "use another token", "NO_SCOPE")
        return problem.answer(403, **{"WWW-Authenticate": challenge})
    return None


def _found(tokens: Collection[Token], shown: str) -> Token | None:
    """It takes as long whichever it is, and whether it is one."""
    digest, found = digest_of(shown), None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    return found


def _unknown(what: str, reason: str, more: str) -> JSONResponse:
    challenge = f'Bearer realm="fenceline"{more}'
    return Problem(what, HOW, reason).answer(401, **{"WWW-Authenticate": challenge})
