"""What can be configured of where events are sent: the sinks."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from edge.settings_base import Listen, Name, Settings, is_loopback, needs_both
from edge.settings_life import Routed

SECRET = "whsec_"  # noqa: S105 - what a Standard Webhooks secret begins with
KEY_BYTES = range(24, 65)  # of a secret, as Standard Webhooks asks
ENCRYPTED = ("https", "mqtts", "tls")


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix(SECRET), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(SECRET) or len(key) not in KEY_BYTES:
        raise ValueError(
            'not a signing secret; make one with `echo "whsec_$(openssl rand -base64 32)"`'
        )
    return value


def _prefix(value: str) -> str:
    if not value.isascii() or not value.replace("-", "").replace("_", "").isalnum():
        raise ValueError("not one word; use letters, digits, '-' and '_' only")
    return value


Secret = Annotated[SecretStr, AfterValidator(_secret)]
Prefix = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_prefix)]


def _check_url(url: SecretStr, schemes: Collection[str], *, insecure: bool) -> None:
    """Raises ValueError, which never says the address: it may hold a password."""
    known = ", ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(url.get_secret_value())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in schemes:
        raise ValueError(f"url is no address of that kind; begin with {known} and a host's name")
    if parts.scheme not in ENCRYPTED and not insecure and not is_loopback(f"{host}:0"):
        secure = next(scheme for scheme in schemes if scheme in ENCRYPTED)
        raise ValueError(
            f"url is in plain text to another machine; use {secure}://, or set insecure: true"
        )


class GrpcSinkSettings(Routed):
    """Push to a command centre's `Ingest.Report`."""

    type: Literal["grpc"]
    name: Name = "centre"
    target: Listen
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = Field(False, description="plain text, for tests and trusted links")  # noqa: FBT003

    @model_validator(mode="after")
    def _keys(self) -> Self:
        needs_both(self.cert, self.key)
        if self.insecure and self.ca:
            raise ValueError("insecure and ca contradict each other; leave one out")
        return self


class WebhookSettings(Routed):
    """Post each event as a CloudEvent."""

    type: Literal["webhook"]
    name: Name = "webhook"
    url: SecretStr = Field(description="https://, where one event is posted at a time")
    secret: Secret | None = Field(
        None, description="signs each event (Standard Webhooks): whsec_ and base64"
    )
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = Field(False, description="http:// to another machine")  # noqa: FBT003
    timeout_s: float = Field(10.0, ge=0.5, le=60, description="for one event's answer")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        needs_both(self.cert, self.key)
        _check_url(self.url, ("https", "http"), insecure=self.insecure)
        return self


class Broker(Settings):
    """How a message broker is reached."""

    username: str | None = Field(None, max_length=256)
    password: SecretStr | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = Field(False, description="plain text to another machine")  # noqa: FBT003
    prefix: Prefix = Field("fenceline", description="of all names that are published to")

    @model_validator(mode="after")
    def _login(self) -> Self:
        needs_both(self.cert, self.key)
        if self.password is not None and self.username is None:
            raise ValueError("there is a password and no username; give the username too")
        return self


class MqttBroker(Broker):
    """How an MQTT 5 broker is reached."""

    url: SecretStr = Field(description="mqtts://HOST:8883 or mqtt://HOST:1883")

    @model_validator(mode="after")
    def _address(self) -> Self:
        _check_url(self.url, ("mqtts", "mqtt"), insecure=self.insecure)
        if urlsplit(self.url.get_secret_value()).username is not None:
            raise ValueError("url holds a login; give it as username and password")
        return self


class MqttSettings(MqttBroker, Routed):
    """Publish to an MQTT 5 broker."""

    type: Literal["mqtt"]
    name: Name = "mqtt"
    timeout_s: float = Field(10.0, ge=0.5, le=60, description="for one event's PUBACK")
    wait_for_subscriber: bool = Field(
        True,  # noqa: FBT003
        description="an event that nobody subscribes to is not taken, where the broker says so",
    )


class NatsSettings(Broker, Routed):
    """Publish to a stream of NATS JetStream."""

    type: Literal["nats"]
    name: Name = "nats"
    servers: tuple[SecretStr, ...] = Field(
        min_length=1, max_length=16, description="tls://HOST:4222 or nats://HOST:4222"
    )
    creds: Path | None = Field(None, description="a file of NATS credentials")
    timeout_s: float = Field(10.0, ge=0.5, le=60, description="for one event's PubAck")

    @model_validator(mode="after")
    def _addresses(self) -> Self:
        for server in self.servers:
            _check_url(server, ("tls", "nats"), insecure=self.insecure)
        return self


class JsonLinesSettings(Routed):
    """Append to a file, one event a line."""

    type: Literal["jsonl"]
    name: Name = "jsonl"
    path: Path = Field(description="relative to the configuration file; its folder must exist")
    max_bytes: int = Field(16 * 2**20, ge=2**16, le=2**30, description="before a new file begins")
    keep: int = Field(30, ge=1, le=1000, description="old files, PATH.1 the newest")
    max_days: float = Field(30, gt=0, le=3650, description="old files are kept after their end")


Sink = Annotated[
    GrpcSinkSettings | WebhookSettings | MqttSettings | NatsSettings | JsonLinesSettings,
    Field(discriminator="type"),
]
