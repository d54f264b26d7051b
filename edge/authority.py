"""A small private certificate authority for trials: its own key, and certificates that it signs."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.errors import CertificateError
from edge.serve.identity import BOX_URI

CA_DAYS = 3650
DAYS = 397
EARLIER = timedelta(hours=1)  # clocks of boxes differ
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
HOST = re.compile(r"(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+")


@dataclass(frozen=True, slots=True)
class Issued:
    """Where a certificate and its key were written, and how long it is good."""

    cert: Path
    key: Path
    until: datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """A folder with ca.pem, ca.key, and what was issued; only its owner may read the keys."""

    folder: Path

    @property
    def cert(self) -> Path:
        """What everybody trusts; the only file that everybody gets."""
        return self.folder / "ca.pem"

    @property
    def key(self) -> Path:
        """Who has it can be anybody."""
        return self.folder / "ca.key"

    def init(self, *, now: datetime | None = None) -> Issued:
        """Make the authority; raises CertificateError, also where there is one already."""
        _free(self.cert, self.key)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from error
        start = (now or datetime.now(UTC)) - EARLIER
        key = ec.generate_private_key(ec.SECP256R1())
        name = _named(f"Fenceline CA {start:%Y-%m-%d} {os.urandom(3).hex()}")
        usage = _use(key_cert_sign=True, crl_sign=True)
        until = start + timedelta(days=CA_DAYS)
        cert = (
            _begun(key, subject=name, issuer=name, start=start, until=until)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        _write(self.key, _secret(key), mode=0o600)
        _write(self.cert, _pem(cert), mode=0o644)
        return Issued(self.cert, self.key, until)

    def issue(
        self,
        name: str,
        hosts: Sequence[str] = (),
        *,
        days: int = DAYS,
        renew: bool = False,
        now: datetime | None = None,
    ) -> Issued:
        """A certificate for a server, a box or a client of this name; raises CertificateError.

        A server needs the `hosts` by which it is called. With `renew` a certificate that is there
        is replaced: it keeps its key, and its hosts unless there are new ones.
        """
        if not NAME.fullmatch(name) or name == "ca":
            what = f"'{name}' is no name for a certificate"
            raise CertificateError(what, "use letters, digits, '-' and '_' only; not 'ca'")
        signer, signer_key = self._signer()
        made = Issued(
            self.folder / f"{name}.pem", self.folder / f"{name}.key", signer.not_valid_after_utc
        )
        before = _certificate(made.cert) if renew else None
        key = _private(made.key) if renew else ec.generate_private_key(ec.SECP256R1())
        names = [_host(host) for host in hosts]
        if before is not None and not names:
            names = _hosts_of(before)
        if not renew:
            _free(made.cert, made.key)
        start = (now or datetime.now(UTC)) - EARLIER
        until = min(start + timedelta(days=days), signer.not_valid_after_utc)
        uri = x509.UniformResourceIdentifier(BOX_URI + name)
        cert = (
            _begun(key, subject=_named(name), issuer=signer.subject, start=start, until=until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_use(digital_signature=True), critical=True)
            .add_extension(_purposes(), critical=False)
            .add_extension(x509.SubjectAlternativeName([*names, uri]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()),
                critical=False,
            )
            .sign(signer_key, hashes.SHA256())
        )
        if not renew:
            _write(made.key, _secret(key), mode=0o600)
        _write(made.cert, _pem(cert), mode=0o644)
        return Issued(made.cert, made.key, until)

    def _signer(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        if not self.cert.exists() or not self.key.exists():
            what = (
                f"{self.folder} is no certificate authority: ca.pem and ca.key are not both there"
            )
            raise CertificateError(what, f"make one: fenceline certs init {self.folder}")
        return _certificate(self.cert), _private(self.key)


def _begun(
    key: ec.EllipticCurvePrivateKey,
    *,
    subject: x509.Name,
    issuer: x509.Name,
    start: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    """What all certificates have."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _use(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _purposes() -> x509.ExtendedKeyUsage:
    """A box is a server to who pulls, and a client to whom it pushes."""
    return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    if not HOST.fullmatch(host):
        what = f"'{host}' is neither a host name nor an address"
        raise CertificateError(what, "give it without port, for example centre.example")
    return x509.DNSName(host)


def _hosts_of(cert: x509.Certificate) -> list[x509.GeneralName]:
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [one for one in names if isinstance(one, x509.DNSName | x509.IPAddress)]


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _private(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateError(
            f"{path}: not a key that was made here", "keep to other tools for it"
        )
    return key


def _pem(cert: x509.Certificate) -> bytes:
    return cert.public_bytes(serialization.Encoding.PEM)


def _secret(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _free(*paths: Path) -> None:
    for path in paths:
        if path.exists() or path.is_symlink():
            what = f"{path} is there already, and is not overwritten"
            raise CertificateError(what, "choose another folder or name, or --renew a certificate")


def _write(path: Path, text: bytes, *, mode: int) -> None:
    """All of it or nothing, in the place of what was there."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> CertificateError:
    what = f"{error.filename}: {(error.strerror or '').lower()}"
    return CertificateError(what, "choose another folder, or see to its permissions and free space")


def _unreadable(path: Path, error: Exception) -> CertificateError:
    why = (error.strerror or "").lower() if isinstance(error, OSError) else "not a PEM file of ours"
    return CertificateError(f"{path}: {why}", "check the folder; what is lost is issued anew")
