"""What docs/integrating.md shows is run as it stands, against the real services."""

import ast
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.metrics import Metrics
from edge.rpc import errors_pb2
from edge.rpc import event_pb2 as pb
from edge.serve.push import PushSink
from edge.serve.refusals import CODES, RETRY_S
from edge.serve.servers import Servers
from tests.make_controls import Controls
from tests.serve.make_serve import Shelf, View, eventually, hello
from tests.serve.make_tls import authority

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "integrating.md").read_text()
SHOWN = dict(re.findall(r"^<!-- run: (\w+) -->\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
BOUNDS = {"max_rows": 100_000, "max_bytes": 2**30, "max_age_s": 1e6, "metrics": Metrics()}
REFUSALS = re.findall(r"^\| (\w+) \| `(\w+)` \| .+ \| (.+) \|$", PAGE, re.MULTILINE)
BUF = f"""#!/bin/bash -e
# Speaks grpcurl's words to buf, which is here.
while [[ $1 == -* ]]; do case $1 in
  -plaintext) shift ;;
  -d) data=$2; shift 2 ;;
  *) shift 2 ;;
esac; done
limit=2
if [[ $data == @ ]]; then data=@- limit=20; fi
export PATH={Path(sys.executable).parent}:$PATH
timeout $limit buf curl --schema {ROOT}/proto --protocol grpc --http2-prior-knowledge \\
  -d "$data" http://$1/$2 || [[ $? == 124 ]]  # a person would press Ctrl-C
"""


def events(count, *, grade=pb.GRADE_RED, rule="fence"):
    return [
        pb.Event(event_id=f"{grade}-{rule}-{n}", alert_id=f"a{n}", rule=rule, grade=grade)
        for n in range(count)
    ]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@contextmanager
def box(log, port, folder=None, **options):
    """The box's servers over a log."""
    servers = Servers(
        box=View(),
        log=log,
        evidence=Shelf(folder),
        http_app=hello,
        grpc_listen=f"127.0.0.1:{port}",
        http_listen="127.0.0.1:0",
        **options,
    )
    servers.start()
    try:
        yield servers
    finally:
        servers.stop()


@contextmanager
def run(what, folder, package, *arguments):
    """One of the programs that are shown, until the block is left: then it is killed."""
    program = folder / f"{what}.py"
    program.write_text(SHOWN[what])
    with ExitStack() as stack:
        said = stack.enter_context((folder / f"{what}.log").open("ab"))
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(package)}
        command = [sys.executable, "-W", "error", program, *map(str, arguments)]
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=said, stderr=said)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def stored(path):
    """Every identity at the far end, as the table has it."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT box, sequence, body FROM event ORDER BY rowid").fetchall()
    except sqlite3.OperationalError:  # not there yet
        return []
    read = [pb.Event.FromString(body) for *_, body in rows]
    assert [(one.box_id, one.sequence) for one in read] == [row[:2] for row in rows]
    return read


@pytest.fixture
def log(tmp_path):
    with Outbox(tmp_path / "outbox.db", box="north-1", **BOUNDS) as made:
        yield made


@pytest.mark.parametrize("what", ["client", "server"])
def test_a_program_is_short_and_needs_nothing_of_the_service(what):
    assert len(SHOWN[what].splitlines()) < 60
    names = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(SHOWN[what]))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name in names if name.split(".")[0] not in sys.stdlib_module_names} == {
        "grpc",
        "fenceline.v1",
    }


def test_the_client_has_each_event_once_though_both_sides_are_killed(
    log, tmp_path, integrators_package
):
    store, port = tmp_path / "centre.db", free_port()
    client = ("client", tmp_path, integrators_package, f"127.0.0.1:{port}", store)
    wanted = log.append(events(40))
    log.append(events(10, grade=pb.GRADE_BLUE))
    with box(log, port), run(*client):
        eventually(lambda: len(stored(store)) >= 20)
    with run(*client):  # the box comes later
        wanted += log.append(events(40, grade=pb.GRADE_YELLOW))
        with box(log, port):
            eventually(lambda: log.cursor("pull:centre") >= 50)
        wanted += log.append(events(300))
        with box(log, port):
            eventually(lambda: log.cursor("pull:centre") == log.last_sequence)
    assert stored(store) == wanted


def test_the_client_refuses_what_it_can_not_take_and_goes_on(log, tmp_path, integrators_package):
    store, port = tmp_path / "centre.db", free_port()
    before, strange, after = (log.append(events(2, rule=rule)) for rule in ("fence", "", "yard"))
    with box(log, port), run("client", tmp_path, integrators_package, f"127.0.0.1:{port}", store):
        eventually(lambda: log.cursor("pull:centre") == 6)
    assert stored(store) == before + after
    letters = log._store.ask("SELECT sequence, reason FROM dead_letter ORDER BY sequence")
    assert letters == [(one.sequence, "it names no rule") for one in strange]


def test_the_client_says_that_the_record_has_a_hole(log, tmp_path, integrators_package):
    store, port = tmp_path / "centre.db", free_port()
    gone = log.append([pb.Event(alert_id="open", rule="fence", grade=pb.GRADE_RED)])
    log.append([pb.Event(alert_id=f"{n}", state=pb.STATE_CLEARED) for n in range(9)])
    log.confirm("pull:centre", 0)
    log._limits = type(log._limits)(2, 2**30, 1e6)
    log.prune()
    with box(log, port), run("client", tmp_path, integrators_package, f"127.0.0.1:{port}", store):
        eventually(lambda: log.cursor("pull:centre") == 10)
    assert "events 1 to 8 are gone" in (tmp_path / "client.log").read_text()
    assert stored(store) == gone


def test_a_client_whose_name_is_taken_does_not_fight_for_it(log, tmp_path, integrators_package):
    port = free_port()
    log.append(events(1))
    client = ("client", tmp_path, integrators_package, f"127.0.0.1:{port}")
    with box(log, port), run(*client, tmp_path / "one.db") as older:
        eventually(lambda: log.cursor("pull:centre") == 1)
        with run(*client, tmp_path / "two.db") as newer:
            assert older.wait(timeout=20) == 1
            log.append(events(1))
            eventually(lambda: log.cursor("pull:centre") == 2)
            assert newer.poll() is None
    assert "newer stream" in (tmp_path / "client.log").read_text()


def test_the_client_speaks_tls(log, tmp_path, integrators_package):
    ours, port, store = authority(tmp_path / "tls"), free_port(), tmp_path / "centre.db"
    cert, key = ours.pair("box")
    wanted = log.append(events(3))
    target = ("client", tmp_path, integrators_package, f"127.0.0.1:{port}", store)
    with (
        box(log, port, cert=cert, key=key, client_ca=ours.ca),
        run(*target, ours.ca, *reversed(ours.pair("centre"))),
    ):
        eventually(lambda: log.cursor("pull:centre") == 3)
    assert stored(store) == wanted


@contextmanager
def pushing(log, port, **tls):
    """A relay from the log to the server that is shown."""
    sink = PushSink("centre", f"localhost:{port}", insecure=not tls, timeout_s=5.0, **tls)
    relay = Relay(log, sink, metrics=Metrics())
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()
        relay.join(10)


def test_the_server_has_each_event_once_though_it_is_killed(log, tmp_path, integrators_package):
    store, port = tmp_path / "centre.db", free_port()
    server = ("server", tmp_path, integrators_package, f"127.0.0.1:{port}", store)
    wanted = log.append(events(250))
    with pushing(log, port):
        for _ in range(3):
            have = len(stored(store))
            with run(*server):
                wanted += log.append(events(300))
                eventually(lambda: len(stored(store)) > have)  # noqa: B023 - called in this turn
        with run(*server):
            eventually(lambda: log.cursor("sink:centre") == log.last_sequence, seconds=40)
    assert stored(store) == wanted


def test_the_server_refuses_what_it_can_not_take_and_goes_on(log, tmp_path, integrators_package):
    store, port = tmp_path / "centre.db", free_port()
    before, strange, after = (log.append(events(2, rule=rule)) for rule in ("fence", "", "yard"))
    server = ("server", tmp_path, integrators_package, f"127.0.0.1:{port}", store)
    with run(*server), pushing(log, port):
        eventually(lambda: log.cursor("sink:centre") == 6)
    assert stored(store) == before + after
    assert log.rejected("sink:centre") == len(strange)


def test_the_server_lets_a_box_speak_for_itself_only(log, tmp_path, integrators_package):
    ours, port, store = authority(tmp_path / "tls"), free_port(), tmp_path / "centre.db"
    own, other = ours.pair("north-1"), ours.pair("north")
    server = ("server", tmp_path, integrators_package, f"127.0.0.1:{port}", store)
    wanted = log.append(events(3))
    with run(*server, ours.ca, *ours.pair("localhost")):
        with pushing(log, port, ca=ours.ca, cert=other[0], key=other[1]) as relay:
            why = eventually(
                lambda: "PERMISSION_DENIED" in relay.health().reason and relay.health()
            )
            assert "this certificate is not that of north-1-" in why.reason
            assert stored(store) == []
        with pushing(log, port, ca=ours.ca, cert=own[0], key=own[1]):
            eventually(lambda: log.cursor("sink:centre") == 3)
    assert stored(store) == wanted


def test_the_calls_by_hand_do_what_they_say(log, tmp_path):
    shim = tmp_path / "bin" / "grpcurl"
    shim.parent.mkdir()
    shim.write_text(BUF)
    shim.chmod(0o755)
    port, controls = free_port(), Controls()
    (alert,) = re.findall(r'"alert_id": "([^"]+)"', SHOWN["calls"])
    (picture,) = re.findall(r'"evidence_id": "([^"]+)"', SHOWN["calls"])
    (tmp_path / f"{picture}.jpg").write_bytes(b"picture")
    known = log.append([pb.Event(alert_id=alert, event_id="e", rule="fence", grade=pb.GRADE_RED)])
    log.append(events(2, grade=pb.GRADE_BLUE))
    controls.log.append(known)
    text = SHOWN["calls"].replace("127.0.0.1:50051", f"127.0.0.1:{port}")
    env = {"PATH": f"{shim.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    with box(log, port, tmp_path, controls=controls):
        told = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", text],
            env=env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.returncode == 0, told.stderr
    parts = re.findall(r'"(\w+)": ', told.stdout)
    assert {
        "alerts",
        "event",
        "progress",
        "deadLetters",
        "acknowledgement",
        "chunk",
        "site",
    } <= set(parts)
    assert log.cursor("pull:trial") == 3
    assert log._store.ask("SELECT sequence, reason FROM dead_letter") == [(3, "odd")]
    assert controls.log.latest(alert).acknowledgement.who == "lead"


def refused(tree):
    """Every (code, reason) with which the code of a file can refuse a call."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        given = {one.arg: one.value for one in call.keywords}
        texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
        reason = getattr(given.get("reason"), "value", None)
        if name in {"invalid", "_invalid"} and texts:
            yield "INVALID_ARGUMENT", texts[0]
        elif name == "unavailable" and texts:
            yield "UNAVAILABLE", texts[0]
        elif name == "RefusedError" and texts:
            yield call.args[0].attr, texts[0]
        elif name == "_unknown" and reason:
            yield "NOT_FOUND", reason
        elif reason and isinstance(given.get("kind"), ast.Attribute):
            yield (
                CODES[next(kind for kind in CODES if kind.name == given["kind"].attr)].name,
                reason,
            )


def test_the_published_table_has_every_refusal_of_the_code_with_its_code():
    trees = [ast.parse(path.read_text()) for path in (ROOT / "edge").rglob("*.py")]
    in_code = {pair for tree in trees for pair in refused(tree)}
    assert {(code, reason) for code, reason, _ in REFUSALS} == in_code
    assert len(REFUSALS) == len(in_code)


def test_the_published_table_says_what_may_be_asked_again_and_when():
    told = {reason: again for _, reason, again in REFUSALS}
    assert {reason: f"after {wait:g} s" for reason, wait in RETRY_S.items()} == {
        reason: again for reason, again in told.items() if again != "no"
    }


def test_the_contract_lists_the_same_reasons_with_the_same_codes():
    text = (ROOT / "proto" / "fenceline" / "v1" / "errors.proto").read_text()
    found = re.findall(r"  // (\w+): [^\n]*\n(?:  //[^\n]*\n)*  ERROR_REASON_(\w+) = ", text)
    assert set(found) == {(code, reason) for code, reason, _ in REFUSALS}
    names = {name.removeprefix("ERROR_REASON_") for name in errors_pb2.ErrorReason.keys()[1:]}
    assert names == {reason for _, reason in found}
