"""Packs the generated code of the service, edge/rpc, under the contract's own name: fenceline.v1.

So there is one set of generated files.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONT = {
    "__init__.py": '"""What Fenceline says to those who receive its alerts."""\n',
    "py.typed": "",
    "v1/__init__.py": '"""Messages and services of fenceline.v1, generated from the contract."""\n',
}


class GeneratedCode(BuildHookInterface[Any]):
    """A hook of the wheel's build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - its own
        """Have the package `fenceline` included."""
        rpc = Path(self.root).parent / "edge" / "rpc"
        if not rpc.is_dir():
            raise FileNotFoundError(f"no generated code in {rpc}; build in a checkout of Fenceline")
        self._made = tempfile.TemporaryDirectory()  # goes with the hook
        rename(rpc, Path(self._made.name))
        build_data["force_include"][self._made.name] = "fenceline"


def rename(rpc: Path, folder: Path) -> None:
    """Write the modules of `edge.rpc` as those of `fenceline.v1`."""
    (folder / "v1").mkdir()
    for name, text in FRONT.items():
        (folder / name).write_text(text)
    for path in sorted(rpc.glob("*_pb2*.py*")):
        text = re.sub(r"\bedge\.rpc\b", "fenceline.v1", path.read_text())
        (folder / "v1" / path.name).write_text(text)
