"""Generate edge/rpc from proto/.

With --check, only say whether it is up to date, and whether proto/ breaks what was released; with
--release, let proto/ as it is now be what later versions must not break.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROTO = ROOT / "proto"
OUT = ROOT / "edge" / "rpc"
RELEASED = PROTO / "released.binpb"
HEADER = '"""Messages and services generated from proto/ by `make proto`; never edited."""\n'


def generate(folder: Path) -> None:
    """Write the modules of every .proto file into one flat folder."""
    import grpc_tools  # noqa: PLC0415 - a development dependency

    include = Path(grpc_tools.__file__).parent / "_proto"
    with tempfile.TemporaryDirectory() as raw:
        outs = [f"--{kind}_out={raw}" for kind in ("python", "pyi", "grpc_python", "mypy_grpc")]
        files = sorted(str(path) for path in PROTO.rglob("*.proto"))
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", f"-I{include}"]
        subprocess.run([*command, "--mypy_grpc_opt=quiet", *outs, *files], check=True)
        for path in sorted(Path(raw).rglob("*.py*")):
            text = re.sub(r"from fenceline\.v1 import", "from edge.rpc import", path.read_text())
            text = re.sub(r"import fenceline\.v1\.(\w+)", r"from edge.rpc import \1", text)
            text = text.replace("fenceline.v1.event_pb2.", "event_pb2.")
            (folder / path.name).write_text(text)
    (folder / "__init__.py").write_text(HEADER)


def breaks(proto: Path) -> bool:
    """Whether a contract breaks who uses the released one; what and where is told."""
    against = ["--against", str(RELEASED)]
    return subprocess.run(["buf", "breaking", str(proto), *against], check=False).returncode != 0


def release(proto: Path, image: Path) -> None:
    """Write the contract as an image."""
    subprocess.run(["buf", "build", str(proto), "--exclude-source-info", "-o", image], check=True)


def main() -> int:
    """Generate, compare or release."""
    if "--release" in sys.argv:
        release(PROTO, RELEASED)
        return 0
    if "--check" not in sys.argv:
        OUT.mkdir(exist_ok=True)
        generate(OUT)
        return 0
    broken = breaks(PROTO)
    if broken:
        print("proto/ breaks who uses the released contract: keep what it had, add beside it")
    with tempfile.TemporaryDirectory() as fresh:
        generate(Path(fresh))
        names = {path.name for folder in (Path(fresh), OUT) for path in folder.glob("*.py*")}
        stale = [name for name in sorted(names) if not _same(Path(fresh) / name, OUT / name)]
    for name in stale:
        print(f"edge/rpc/{name} is not what proto/ says; run `make proto` and commit the result")
    return int(broken or bool(stale))


def _same(one: Path, two: Path) -> bool:
    return one.exists() and two.exists() and one.read_bytes() == two.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
