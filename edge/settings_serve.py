"""What can be configured of the listeners: where, with which certificates, and who may what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from edge.settings_base import Listen, Name, Settings, is_loopback

SHA256 = re.compile(r"[0-9a-f]{64}")
LEAST_TOKEN = 24  # characters; `fenceline certs token` makes one of 43


def _sha256(value: str) -> str:
    if not SHA256.fullmatch(value):
        raise ValueError("not a SHA-256; `fenceline certs token` makes a token and prints it")
    return value


def _long(value: SecretStr) -> SecretStr:
    if not 0 < len(value.get_secret_value()) >= LEAST_TOKEN:
        raise ValueError("too short to be secret; `fenceline certs token` makes a good one")
    return value


def _together(cert: Path | None, key: Path | None) -> None:
    if (cert is None) != (key is None):
        raise ValueError("cert and key go together; give both or neither")


class Grpc(Settings):
    """Where the gRPC services listen."""

    listen: Listen = "127.0.0.1:50051"
    cert: Path | None = None
    key: Path | None = None
    client_ca: Path | None = Field(None, description="clients need a certificate signed by it")

    @model_validator(mode="after")
    def _keys(self) -> Self:
        _together(self.cert, self.key)
        if self.client_ca and not self.cert:
            raise ValueError("client_ca needs cert and key too")
        return self


class Token(Settings):
    """Who shows it as `Authorization: Bearer` may do what its scopes say."""

    name: Name = Field(description="whose it is, for people")
    sha256: Annotated[str, AfterValidator(_sha256)] | None = Field(
        None, description="of the token, in hexadecimal"
    )
    token: Annotated[SecretStr, AfterValidator(_long)] | None = Field(
        None, description="itself, as in ${OPS_TOKEN}; never written into the file"
    )
    scopes: tuple[Literal["read", "control"], ...] = Field(
        ("read",),
        min_length=1,
        description="read: status, pictures, alerts, metrics; control: arming, inputs, alarms, "
        "acknowledgements",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.sha256 is None) == (self.token is None):
            raise ValueError("a token has either sha256 or token; give one of them")
        return self


class Http(Settings):
    """Where health, metrics, API and console listen."""

    listen: Listen = "127.0.0.1:8080"
    cert: Path | None = None
    key: Path | None = None
    tokens: tuple[Token, ...] = Field(
        (), max_length=64, description="with any, all but /healthz and the empty console needs one"
    )

    @model_validator(mode="after")
    def _keys(self) -> Self:
        _together(self.cert, self.key)
        names = [one.name for one in self.tokens]
        if len(set(names)) != len(names):
            raise ValueError("two tokens have the same name; choose another")
        return self


class Serve(Settings):
    """The listeners of the box."""

    grpc: Grpc = Grpc()
    http: Http = Http()
    allow_insecure: bool = Field(
        False,  # noqa: FBT003
        description="listen beyond this machine without TLS or to whoever comes, behind a proxy "
        "or in a container",
    )

    @model_validator(mode="after")
    def _exposed(self) -> Self:
        if self.allow_insecure:
            return self
        if not (is_loopback(self.http.listen) or (self.http.cert and self.http.tokens)):
            raise ValueError(
                f"{self.http.listen} is reachable from other machines without TLS and tokens; "
                "listen on 127.0.0.1, give http.cert, http.key and http.tokens, or set "
                "allow_insecure: true behind a proxy"
            )
        if not (is_loopback(self.grpc.listen) or self.grpc.client_ca):
            raise ValueError(
                f"{self.grpc.listen} is reachable from other machines by whoever comes; listen on "
                "127.0.0.1, give grpc.cert, grpc.key and grpc.client_ca (`fenceline certs` makes "
                "them), or set allow_insecure: true behind a proxy"
            )
        return self
