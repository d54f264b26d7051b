"""Check that the package fenceline-api can be installed alone, with what it says it needs."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
API = ROOT / "api"
RPC = ROOT / "edge" / "rpc"
USE = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import fenceline.v1
for module in pkgutil.iter_modules(fenceline.v1.__path__):
    importlib.import_module(f"fenceline.v1.{module.name}")
from fenceline.v1 import event_pb2, events_pb2
said = events_pb2.SubscribeResponse(event=event_pb2.Event(sequence=1))
assert events_pb2.SubscribeResponse.FromString(said.SerializeToString()) == said
assert "edge" not in sys.modules, "it needs the service"
"""


def install(folder: Path) -> None:
    """Build the package and unpack it into a folder, without a network."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    alone = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(folder)]
    subprocess.run([*pip, *alone, str(API)], check=True)


def problems() -> list[str]:
    """What the package says of itself that is not so."""
    project = tomllib.loads((API / "pyproject.toml").read_text())["project"]
    code = (RPC / "events_pb2_grpc.py").read_text() + (RPC / "events_pb2.py").read_text()
    (grpc,) = re.findall(r"GRPC_GENERATED_VERSION = '(.*)'", code)
    (protobuf,) = re.findall(r"Protobuf Python Version: (.*)", code)
    most = int(protobuf.split(".")[0]) + 2  # a runtime takes code of the major version before
    needs = {f"grpcio>={grpc}", f"protobuf>={protobuf},<{most}"}
    (version,) = re.findall(r'__version__ = "(.*)"', (ROOT / "edge" / "__init__.py").read_text())
    found = [f"it needs {one}" for one in sorted(needs - set(project["dependencies"]))]
    if project["version"] != version:
        found.append(f"its version is {project['version']}, that of the service {version}")
    return found


def main() -> int:
    """Install it into a folder of its own and use it in an interpreter that sees nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder))
        used = subprocess.run([sys.executable, "-I", "-c", USE, folder], check=False)
    found = problems()
    for problem in found:
        print(f"api/pyproject.toml: {problem}")
    return int(bool(found) or used.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
