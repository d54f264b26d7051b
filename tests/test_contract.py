"""The contract: never broken, packed for integrators, its refusals all told."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import api, proto

ROOT = Path(__file__).parents[1]
NAMES = ["box", "errors", "event", "events", "ingest"]
ADDED = "// Added.\nmessage Added {\n  // One.\n  string one = 1;\n}\n"


def changed(folder, file, old, new):
    """A copy of the contract with a change."""
    copy = folder / "proto"
    shutil.copytree(proto.PROTO, copy)
    path = copy / "fenceline" / "v1" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return copy


@pytest.fixture(autouse=True)
def own_tools(monkeypatch):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("events.proto", "  uint64 first_missing = 1;", "", 'field "1" with name "first_missing"'),
        ("events.proto", "string page_token = 2;", "string page_token = 9;", 'field "2"'),
        ("events.proto", "bool open_only = 3;", "string open_only = 3;", "changed type"),
        ("event.proto", "string site = 5;", "string place = 5;", 'changed name from "site"'),
        ("event.proto", "  KIND_ZONE = 2;", "  KIND_AREA = 2;", "KIND_ZONE"),
        ("box.proto", "rpc SetInput(SetInput", "rpc TellInput(SetInput", 'RPC "SetInput"'),
        ("ingest.proto", "stream ReportResponse", "ReportResponse", "streaming"),
    ],
)
def test_a_contract_that_breaks_who_uses_it_is_found(tmp_path, capfd, file, old, new, told):
    assert proto.breaks(changed(tmp_path, file, old, new))
    assert told in capfd.readouterr().out


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("events.proto", "bool open_only = 3;", "bool open_only = 3;\n  // New.\n  bool new = 4;"),
        ("event.proto", "  KIND_ZONE = 2;", "  KIND_ZONE = 2;\n  // New.\n  KIND_NEW = 99;"),
        ("ingest.proto", "// Push:", f"{ADDED}// Push:"),
    ],
)
def test_what_is_added_breaks_nobody(tmp_path, file, old, new):
    assert not proto.breaks(changed(tmp_path, file, old, new))


def test_a_release_is_what_must_not_be_broken_from_then_on(tmp_path, monkeypatch):
    copy = changed(tmp_path, "ingest.proto", "// Push:", f"{ADDED}// Push:")
    monkeypatch.setattr(proto, "RELEASED", tmp_path / "released.binpb")
    proto.release(copy, proto.RELEASED)
    assert not proto.breaks(copy)
    assert proto.breaks(proto.PROTO)


def test_the_package_says_what_it_needs():
    assert api.problems() == []


def test_the_package_is_used_alone(capfd):
    assert api.main() == 0


def test_the_package_has_types_licence_and_nothing_of_the_service(integrators_package):
    names = {str(path.relative_to(integrators_package)) for path in integrators_package.rglob("*")}
    modules = {path.name for path in (ROOT / "edge" / "rpc").glob("*_pb2*.py*")}
    assert {f"fenceline/v1/{name}" for name in modules} | {"fenceline/py.typed"} <= names
    (licence,) = integrators_package.glob("*.dist-info/licenses/LICENSE")
    assert licence.read_bytes() == (ROOT / "LICENSE").read_bytes()
    texts = [path.read_text() for path in integrators_package.rglob("*.pyi")]
    texts += [path.read_text() for path in integrators_package.rglob("*.py")]
    assert not [text for text in texts if re.search(r"\bedge\b", text)]


@pytest.mark.parametrize("order", [("edge.rpc", "fenceline.v1"), ("fenceline.v1", "edge.rpc")])
@pytest.mark.parametrize("make", ["upb", "python"])
def test_service_and_package_are_used_in_one_process(integrators_package, order, make):
    code = "; ".join(
        [
            *(f"import {package}.{name}_pb2_grpc" for package in order for name in NAMES),
            "from edge.rpc import events_pb2 as ours",
            "from fenceline.v1 import event_pb2, events_pb2 as theirs",
            "said = ours.SubscribeResponse(event=event_pb2.Event(sequence=7))",
            "assert theirs.SubscribeResponse.FromString(said.SerializeToString()) == said",
        ]
    )
    env = {
        "PYTHONPATH": f"{ROOT}:{integrators_package}",
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": make,
    }
    used = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert used.returncode == 0, used.stderr[-2000:]


@pytest.mark.parametrize(("field", "errors"), [("alert_id", 0), ("alarm_id", 1)])
def test_the_package_tells_a_type_checker_what_there_is(
    integrators_package, tmp_path, field, errors
):
    program = tmp_path / "program.py"
    program.write_text(
        "import grpc\n"
        "from fenceline.v1 import events_pb2, events_pb2_grpc\n"
        "def show(channel: grpc.Channel) -> None:\n"
        "    events = events_pb2_grpc.EventsStub(channel)\n"
        "    for alert in events.ListAlerts(events_pb2.ListAlertsRequest(open_only=True)).alerts:\n"
        f"        print(alert.{field})\n"
    )
    mypy = [
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--cache-dir",
        tmp_path / "cache",
        program,
    ]
    env = {"PATH": os.environ["PATH"], "MYPYPATH": str(integrators_package)}
    told = subprocess.run(mypy, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.stdout.count("program.py:") == errors, told.stdout  # the rest is of the stubs
