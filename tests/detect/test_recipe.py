"""Making a model: every step for real, with a small registry in a folder, and what goes wrong."""

import os
import sys
import time
from pathlib import Path

import pytest

from edge.detect import manifest, recipe
from edge.detect.models import get_model, list_models
from edge.detect.recipe import Making
from edge.errors import ModelError
from tests.detect import make_recipe

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(autouse=True)
def registry(tmp_path, monkeypatch):
    """pip finds one package, in a folder, and nothing else."""
    folder = tmp_path / "registry"
    folder.mkdir()
    for name, value in {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_RETRIES": "0",
    }.items():
        monkeypatch.setenv(name, value)
    return make_recipe.wheel(folder)


@pytest.fixture
def ship(cache, tmp_path, monkeypatch, registry):
    """Puts a small manifest and recipe in the place of the product's."""
    cache.mkdir(parents=True)
    monkeypatch.setattr(manifest, "shipped", lambda: tmp_path / "shipped")

    def put(**options):
        make_recipe.ship(tmp_path / "shipped", registry, **{"python": PYTHON, **options})

    return put


@pytest.fixture
def making(tmp_path):
    """Begins a run of the recipe; the environment is ours, which saves a test ten seconds."""

    def begin(report=lambda *_: None):
        model = make_recipe.model()
        return Making(model, model.recipe, tmp_path, report)

    return begin


def test_a_model_is_made_once_and_only_the_model_stays(ship, cache):
    ship()
    stages = []
    path = get_model("small", progress=lambda stage, *_: stages.append(stage))
    assert path == cache / "small.onnx"
    assert path.read_bytes() == make_recipe.CHECKPOINT
    assert sorted(one.name for one in cache.iterdir()) == [".lock", "small.onnx"]
    assert list(dict.fromkeys(stages)) == [
        "making the converter's environment",
        "installing the converter",
        "downloading smallmodel==1.0",
        "converting to ONNX",
    ]
    stages.clear()
    assert get_model("small", progress=lambda stage, *_: stages.append(stage)) == path
    assert stages == []


def test_what_a_killed_command_left_is_removed_and_a_failure_leaves_nothing(ship, cache):
    ship(python="2.6")
    (cache / ".making-old" / "venv").mkdir(parents=True)
    with pytest.raises(ModelError, match=r"converter runs on Python 2\.6.*models add"):
        get_model("small")
    assert sorted(one.name for one in cache.iterdir()) == [".lock"]
    assert list_models()[0].state == "missing"


def test_another_wheel_than_the_manifests_is_not_used(ship, making):
    ship(wheel="0" * 64)
    with pytest.raises(ModelError, match=r"smallmodel.* has the sha256 .* not 0000.*registry"):
        making().download(sys.executable)


def test_another_result_than_the_manifests_is_not_used(ship, making, registry):
    ship(onnx="0" * 64)
    with pytest.raises(ModelError, match=r"'small' came out with the sha256 .* not 0000"):
        making().convert(sys.executable, registry)


def test_a_package_that_is_not_there_is_told_with_pips_own_words(ship, making, registry):
    ship()
    registry.unlink()
    with pytest.raises(
        ModelError, match=r"downloading smallmodel==1\.0 failed: .*No matching.*network.*models add"
    ):
        making().download(sys.executable)


def test_a_converters_last_words_are_told(ship, making, registry):
    ship(converter="raise SystemExit('error: no such operator\\n')")
    with pytest.raises(ModelError, match=r"converting to ONNX failed: error: no such operator"):
        making().convert(sys.executable, registry)


def test_a_silent_failure_tells_its_exit_code(ship, making, registry):
    ship(converter="raise SystemExit(7)")
    with pytest.raises(ModelError, match="exit code 7"):
        making().convert(sys.executable, registry)


def test_the_users_own_python_settings_stay_out(ship, making, registry, monkeypatch, tmp_path):
    ship(converter="import sys; sys.exit(f'error: {[p for p in sys.path if \"stray\" in p]}')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "stray"))
    with pytest.raises(ModelError, match=r"error: \[\]"):
        making().convert(sys.executable, registry)


HANGS = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[2] + ".pid", "w").write(str(child.pid))
print("Progress 1 of 2", flush=True)
time.sleep(600)
"""


def test_a_step_that_hangs_is_killed_with_its_children(
    ship, making, registry, monkeypatch, tmp_path
):
    ship(converter=HANGS)
    monkeypatch.setattr(recipe, "STEP_TIMEOUT_S", 2.0)
    with pytest.raises(ModelError, match="longer than 2 s"):
        making().convert(sys.executable, registry)
    assert ended(tmp_path / "model.onnx.pid")


def test_an_interrupted_step_is_killed_with_its_children(ship, making, registry, tmp_path):
    ship(converter=HANGS)

    def interrupt(_stage, done, _total):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        making(interrupt).convert(sys.executable, registry)
    assert ended(tmp_path / "model.onnx.pid")


def ended(pid_file, within_s=10.0):
    """Whether the process is gone, or only its entry is left, in time."""
    pid = pid_file.read_text()
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
    return False
