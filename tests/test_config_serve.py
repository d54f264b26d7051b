"""The settings of the listeners: what is refused, where, and with which remedy."""

import hashlib
import subprocess
import sys

import pytest

from edge.config import load, read
from edge.serve.tokens import Right
from edge.tokens import new_token, tokens_for

SHA = "ab" * 32
SITE = """\
site: quarry
cameras: [{name: gate, url: "rtsp://192.0.2.10/sub"}]
"""


@pytest.fixture
def problems(tmp_path):
    def of(text, **environment):
        path = tmp_path / "site.yaml"
        path.write_text(SITE + text)
        for name in ("a.pem", "a.key", "ca.pem"):
            (tmp_path / name).write_text("")
        return [str(one) for one in read(path, environment)[1]]

    return of


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.0.2.1", "box.example"])
def test_grpc_beyond_the_machine_needs_certificates_of_its_clients(problems, host):
    told = problems(f'serve: {{grpc: {{listen: "{host}:50051", cert: a.pem, key: a.key}}}}')
    assert len(told) == 1
    assert "is reachable from other machines by whoever comes" in told[0]
    assert "grpc.client_ca (`fenceline certs` makes them)" in told[0]
    mutual = f'{{listen: "{host}:50051", cert: a.pem, key: a.key, client_ca: ca.pem}}'
    assert problems(f"serve: {{grpc: {mutual}}}") == []


@pytest.mark.parametrize(
    "more", ["", ", cert: a.pem, key: a.key", f", tokens: [{{name: a, sha256: {SHA}}}]"]
)
def test_http_beyond_the_machine_needs_tls_and_tokens(problems, more):
    told = problems(f'serve: {{http: {{listen: "0.0.0.0:8080"{more}}}}}')
    assert len(told) == 1
    assert "is reachable from other machines without TLS and tokens; listen on 127.0.0.1" in told[0]


def test_http_with_both_may_be_anywhere(problems):
    both = f"cert: a.pem, key: a.key, tokens: [{{name: a, sha256: {SHA}}}]"
    assert problems(f'serve: {{http: {{listen: "0.0.0.0:8080", {both}}}}}') == []


def test_who_says_so_may_listen_anyhow(problems):
    everywhere = 'http: {listen: "0.0.0.0:1"}, grpc: {listen: "0.0.0.0:2"}'
    assert problems(f"serve: {{{everywhere}, allow_insecure: true}}") == []


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("{name: a}", "a token has either sha256 or token; give one of them"),
        (f"{{name: a, sha256: {SHA}, token: {'x' * 30}}}", "either sha256 or token"),
        ("{name: a, sha256: abcd}", "not a SHA-256; `fenceline certs token` makes a token"),
        ("{name: a, token: secret}", "too short to be secret"),
        (f"{{name: a, sha256: {SHA}, scopes: []}}", "scopes"),
        (f"{{name: a, sha256: {SHA}, scopes: [write]}}", "'read' or 'control'"),
        (f"{{name: a, sha256: {SHA}}}, {{name: a, sha256: {SHA}}}", "same name; choose another"),
        ("{name: a, token: '${OPS}'}", "environment variable OPS is not set"),
    ],
)
def test_a_token_that_is_none_is_told(problems, token, said):
    told = problems(f"serve: {{http: {{tokens: [{token}]}}}}")
    assert said in "\n".join(told)
    assert "secret;" not in "\n".join(told).replace("to be secret;", "")


def test_http_needs_certificate_and_key_that_are_there(problems):
    assert "cert and key go together" in problems("serve: {http: {cert: a.pem}}")[0]
    told = problems("serve: {http: {cert: no.pem, key: a.key}}")
    assert "serve.http.cert: no such file" in told[0]


def test_tokens_come_from_the_file_as_digests_and_from_the_environment(tmp_path):
    path, made = tmp_path / "site.yaml", new_token()
    path.write_text(
        f"{SITE}serve: {{http: {{tokens: [{{name: wall, sha256: {made.sha256}}}, "
        "{name: ops, token: '${OPS}', scopes: [read, control]}]}}"
    )
    loaded = load(path, {"OPS": made.token})
    wall, ops = tokens_for(loaded.settings)
    assert wall.digest == ops.digest == hashlib.sha256(made.token.encode()).digest()
    assert wall.scopes == {Right.READ}
    assert ops.scopes == {Right.READ, Right.CONTROL}
    assert made.token not in repr(loaded) + repr(wall) + repr(ops)


def test_a_misspelt_key_of_a_listener_is_guessed(problems):
    assert "did you mean client_ca?" in problems("serve: {grpc: {clientca: ca.pem}}")[0]


def test_the_command_makes_a_token_and_its_digest_as_the_file_takes_it(problems):
    made = subprocess.run(
        [sys.executable, "-m", "edge", "certs", "token"], capture_output=True, text=True, check=True
    )
    token, line = made.stdout.splitlines()
    assert hashlib.sha256(token.encode()).hexdigest() in line
    assert problems(f"serve: {{http: {{tokens: [{{name: a, {line}}}]}}}}") == []
