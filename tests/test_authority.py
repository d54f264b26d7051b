"""The authority for trials: what it writes, and what it refuses."""

import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from edge.authority import Authority
from edge.errors import CertificateError


@pytest.fixture
def authority(tmp_path):
    made = Authority(tmp_path / "ca")
    made.init()
    return made


def read(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def names(cert):
    return {
        str(one.value)
        for one in cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    }


def fenceline(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "edge", "certs", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_only_the_owner_may_read_keys(authority):
    made = authority.issue("north-1")
    for key in (authority.key, made.key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700


def test_a_certificate_names_its_box_and_the_hosts(authority):
    made = authority.issue("north-1", ["192.0.2.7", "box.example", "::1"])
    assert names(read(made.cert)) == {
        "urn:fenceline:box:north-1",
        "192.0.2.7",
        "box.example",
        "::1",
    }


def test_it_is_good_for_a_year_and_a_month_and_never_longer_than_its_authority(authority):
    now = datetime.now(UTC)
    assert abs(authority.issue("a").until - now - timedelta(days=397)) < timedelta(hours=2)
    late = now + timedelta(days=3600)
    assert authority.issue("b", now=late).until == read(authority.cert).not_valid_after_utc


def test_the_authority_can_sign_and_what_it_signs_can_not(authority):
    def constraints(path):
        return read(path).extensions.get_extension_for_class(x509.BasicConstraints).value

    assert constraints(authority.cert).ca
    assert constraints(authority.cert).path_length == 0
    assert not constraints(authority.issue("a").cert).ca


def test_openssl_finds_nothing_wrong(authority):
    made = authority.issue("north-1", ["localhost"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert, made.key)
    context.load_verify_locations(authority.cert)
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", authority.cert, made.cert],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_nothing_is_overwritten(authority):
    made = authority.issue("north-1")
    before = {path: path.read_bytes() for path in authority.folder.iterdir()}
    with pytest.raises(CertificateError, match="not overwritten"):
        authority.init()
    with pytest.raises(CertificateError, match=r"north-1\.pem is there already.*--renew"):
        authority.issue("north-1")
    made.cert.unlink()
    with pytest.raises(CertificateError, match=r"north-1\.key is there already"):
        authority.issue("north-1")
    del before[made.cert]
    assert {path: path.read_bytes() for path in authority.folder.iterdir()} == before


def test_a_renewal_keeps_key_and_hosts_and_has_a_new_serial_number(authority):
    first = authority.issue("north-1", ["box.example"])
    key, serial = first.key.read_bytes(), read(first.cert).serial_number
    again = authority.issue("north-1", renew=True)
    assert again.key.read_bytes() == key
    assert read(again.cert).serial_number != serial
    assert "box.example" in names(read(again.cert))
    authority.issue("north-1", ["other.example"], renew=True)
    assert names(read(again.cert)) == {"urn:fenceline:box:north-1", "other.example"}


def test_what_was_never_issued_can_not_be_renewed(authority):
    with pytest.raises(CertificateError, match=r"nobody\.pem: no such file"):
        authority.issue("nobody", renew=True)


@pytest.mark.parametrize("name", ["", "ca", "../x", "a b", "a/b", "ä", "x" * 65])
def test_a_name_that_is_none_is_refused(authority, name):
    with pytest.raises(CertificateError, match="is no name for a certificate; use letters"):
        authority.issue(name)


@pytest.mark.parametrize("host", ["", "a b", "http://x", "x:443", "-x"])
def test_a_host_that_is_none_is_refused(authority, host):
    with pytest.raises(CertificateError, match="neither a host name nor an address"):
        authority.issue("a", [host])
    assert not (authority.folder / "a.key").exists()


def test_a_folder_without_an_authority_is_told_how_to_make_one(tmp_path):
    with pytest.raises(CertificateError, match=f"make one: fenceline certs init {tmp_path}"):
        Authority(tmp_path).issue("a")


def test_a_damaged_authority_is_named(authority):
    authority.key.write_text("nothing")
    with pytest.raises(CertificateError, match=r"ca\.key: not a PEM file"):
        authority.issue("a")


def test_the_commands_say_what_they_wrote_and_what_to_do_with_it(tmp_path):
    folder = tmp_path / "ca"
    said = fenceline("init", folder).stdout
    assert f"{folder}/ca.pem: give it to everybody; good until " in said
    said = fenceline("issue", folder, "north-1", "--host", "127.0.0.1", "--days", "30").stdout
    assert f"{folder}/north-1.key: only for north-1" in said
    done = fenceline("issue", folder, "north-1")
    assert done.returncode == 9
    assert "Traceback" not in done.stderr
