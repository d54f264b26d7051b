"""A box and a gateway as the docs set them up, on 0.0.0.0: certificates, a token, a renewal."""

import re
import ssl
import subprocess
import sys

import httpx
import pytest

from edge.events.archive_read import boxes, events
from edge.serve.client import get_status
from edge.tokens import new_token
from tests.e2e.service import camera, running

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("model")]
SITE = """\
site: test
box: north-1
cameras:
{camera}
report:
  - type: grpc
    target: "127.0.0.1:{centre}"
    ca: ca/ca.pem
    cert: ca/{shown}.pem
    key: ca/{shown}.key
serve:
  grpc: {{listen: "0.0.0.0:0", cert: ca/north-1.pem, key: ca/north-1.key, client_ca: ca/ca.pem}}
  http:
    listen: "0.0.0.0:0"
    cert: ca/north-1.pem
    key: ca/north-1.key
    tokens: [{{name: wall, sha256: {sha256}}}]
"""


def certs(*arguments):
    subprocess.run([sys.executable, "-m", "edge", "certs", *map(str, arguments)], check=True)


@pytest.fixture
def ca(tmp_path):
    folder = tmp_path / "ca"
    certs("init", folder)
    for name in ("centre", "north-1", "south-1"):
        certs("issue", folder, name, "--host", "127.0.0.1")
    return folder


@pytest.fixture
def store(tmp_path):
    return tmp_path / "events.db"


@pytest.fixture
def centre(ca, store):
    tls = ["--cert", ca / "centre.pem", "--key", ca / "centre.key", "--client-ca", ca / "ca.pem"]
    listen = ["--listen", "0.0.0.0:0", "--store", store, "--quiet"]
    command = [sys.executable, "-m", "edge", "receive", *map(str, [*listen, *tls])]
    gateway = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield int(re.search(r"listening on .*:(\d+)", gateway.stderr.readline())[1])
    finally:
        gateway.kill()
        gateway.communicate()


def site(folder, clip, centre, *, shown="north-1", sha256="ab" * 32):
    path = folder / "site.yaml"
    one = camera("road", clip, update_s=1)
    path.write_text(SITE.format(camera=one, centre=centre, shown=shown, sha256=sha256))
    return path


def test_a_box_reports_and_is_read_by_those_only_whom_it_knows(tmp_path, ca, centre, store, clip):
    token = new_token()
    config = site(tmp_path, clip, centre, sha256=token.sha256)
    mine = {name: ca / f"centre.{end}" for name, end in (("cert", "pem"), ("key", "key"))}
    with running(config, tmp_path / "log") as box:
        grpc_port, http_port = box.ports()
        status = get_status(f"127.0.0.1:{grpc_port}", ca=ca / "ca.pem", **mine)
        box.wait(lambda: store.exists() and len(list(events(store))) > 3)
        trusted = ssl.create_default_context(cafile=ca / "ca.pem")
        address = f"https://127.0.0.1:{http_port}"
        assert httpx.get(f"{address}/healthz", verify=trusted).status_code == 200
        assert httpx.get(f"{address}/api/status", verify=trusted).status_code == 401
        bearer = {"Authorization": f"Bearer {token.token}"}
        answer = httpx.get(f"{address}/api/status", verify=trusted, headers=bearer)
        assert answer.json()["box"]["box_id"] == status.box_id
        box.stop()
    assert token.token not in box.log.read_text()
    (row,) = boxes(store)
    assert row.box_id == status.box_id
    assert row.box_id.startswith("north-1-")
    assert row.missing == 0


def test_a_box_with_the_certificate_of_another_one_is_told_so(tmp_path, ca, centre, store, clip):
    config = site(tmp_path, clip, centre, shown="south-1")
    with running(config, tmp_path / "log") as box:
        refusals = box.wait(lambda: [one for one in box.said() if "PERMISSION" in str(one)])
        box.stop()
    assert "the certificate names 'south-1', and may not report as box 'north-1-" in str(refusals)
    assert not list(events(store))
