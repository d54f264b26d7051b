"""Settings to tokens; and new ones."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from edge.serve.tokens import Right, Token, digest_of
from edge.settings import Config


@dataclass(frozen=True, slots=True)
class Made:
    """A new token: its holder gets one, the configuration the other."""

    token: str
    sha256: str


def tokens_for(settings: Config) -> tuple[Token, ...]:
    """Those that HTTP takes."""
    return tuple(
        Token(
            one.name,
            digest_of(one.token.get_secret_value())
            if one.token
            else bytes.fromhex(one.sha256 or ""),
            frozenset(map(Right, one.scopes)),
        )
        for one in settings.serve.http.tokens
    )


def new_token() -> Made:
    """One that nobody guesses."""
    token = secrets.token_urlsafe(32)
    return Made(token, digest_of(token).hex())
