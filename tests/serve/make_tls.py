"""A small certificate authority, made by the openssl command line."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


def openssl(*arguments, folder):
    subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True)


@dataclass(frozen=True)
class Authority:
    """Signs certificates for 127.0.0.1 in a folder of its own."""

    folder: Path

    @property
    def ca(self):
        return self.folder / "ca.pem"

    def pair(self, name):
        """A certificate and its key."""
        key, request, cert = f"{name}.key", f"{name}.csr", f"{name}.pem"
        (self.folder / "san").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost")
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key)
        openssl("req", *new, "-subj", f"/CN={name}", "-out", request, folder=self.folder)
        signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "san")
        openssl("x509", "-req", "-in", request, *signer, "-out", cert, folder=self.folder)
        return self.folder / cert, self.folder / key


def authority(folder: Path) -> Authority:
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command line")
    folder.mkdir()
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key")
    openssl("req", "-x509", *new, "-subj", "/CN=test CA", "-out", "ca.pem", folder=folder)
    return Authority(folder)
