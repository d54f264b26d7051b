"""The model runtime reports to nobody, whichever module loads it first."""

import subprocess
import sys
from pathlib import Path

import pytest

SAYS = """
import os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print(os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.meta_path.insert(0, Watch())
"""


@pytest.mark.parametrize(
    "module", ["benchmarks.script", "benchmarks.service", "benchmarks.__main__"]
)
def test_telemetry_is_off_before_the_runtime_is_loaded(module):
    done = subprocess.run(
        [sys.executable, "-c", f"{SAYS}import {module}"],
        cwd=Path(__file__).parents[2],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1"]
