"""Passwords over RTSP: Basic and Digest authentication (RFC 2617)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import Literal

Scheme = Literal["basic", "digest"]
REALM = "fenceline demo camera"


class Lock:
    """One user name and password, asked for in one scheme."""

    def __init__(self, user: str, password: str, scheme: Scheme) -> None:
        self._user, self._password, self._scheme = user, password, scheme
        self._nonce = secrets.token_hex(16)

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate."""
        if self._scheme == "basic":
            return f'Basic realm="{REALM}"'
        return f'Digest realm="{REALM}", nonce="{self._nonce}"'

    def opens(self, method: str, answer: str) -> bool:
        """Whether the value of Authorization proves the password for this method."""
        fields = dict(re.findall(r'(\w+)="([^"]*)"', answer))
        expected = self._basic() if self._scheme == "basic" else self._digest(method, fields)
        given = answer if self._scheme == "basic" else fields.get("response", "")
        return hmac.compare_digest(given.encode(), expected.encode())

    def _basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self._user}:{self._password}".encode()).decode()

    def _digest(self, method: str, fields: dict[str, str]) -> str:
        who = _md5(f"{self._user}:{REALM}:{self._password}")
        what = _md5(f"{method}:{fields.get('uri', '')}")
        return _md5(f"{who}:{self._nonce}:{what}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # what cameras still speak
