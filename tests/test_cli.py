"""The command line: what it prints, and with which code it ends."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import edge
from edge.settings_labels import LabelledClip

TUNING = (Path(__file__).parents[1] / "docs" / "tuning.md").read_text()

COMMANDS = ["run", "check", "demo", "replay", "track", "receive", "schema", "version", "models"]
COMMANDS += ["events", "tune"]
GOOD = """\
site: quarry
cameras: [{name: gate, url: "rtsp://192.0.2.10/sub"}]
"""


def fenceline(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "edge", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_version():
    assert fenceline("version").stdout.strip() == edge.__version__


def test_help_names_every_command():
    said = fenceline("--help").stdout
    assert all(command in said for command in COMMANDS)


@pytest.mark.parametrize("command", ["run", "check", "demo", "replay", "tune", "track", "receive"])
def test_every_command_has_help(command):
    done = fenceline(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_check_of_a_good_file_says_so(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(GOOD)
    done = fenceline("check", str(path))
    assert done.returncode == 0
    assert "1 cameras, 0 rules" in done.stdout


def test_check_lists_every_error_and_ends_with_2(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(GOOD.replace("name", "nme") + "timezone: X\n")
    done = fenceline("check", str(path))
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{path}:") for line in lines)
    assert "did you mean name?" in done.stderr


def test_schema_is_json_that_names_the_draft():
    made = json.loads(fenceline("schema").stdout)
    assert made["$schema"].endswith("2020-12/schema")
    assert {"site", "cameras", "report"} <= made["properties"].keys()


def test_an_error_is_a_sentence_and_no_traceback(tmp_path):
    done = fenceline("replay", str(tmp_path / "none.mp4"), "--config", str(tmp_path / "none.yaml"))
    assert done.returncode == 4
    assert "no such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_model_is_told_which_there_are():
    done = fenceline("models", "get", "yolo-9000")
    assert done.returncode == 3
    assert "picodet-s-416" in done.stderr


def test_tail_of_a_box_that_is_not_there(tmp_path):
    done = fenceline("events", "tail", "127.0.0.1:9")
    assert done.returncode == 6
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["replay", "tune"])
def test_the_page_on_tuning_names_every_option_and_none_that_is_not_there(command):
    lines = [line for line in TUNING.splitlines() if line.startswith(f"fenceline {command} ")]
    named = set(re.findall(r"--[a-z]+", TUNING))
    told = set(re.findall(r"--[a-z]+", fenceline(command, "--help").stdout)) - {"--help"}
    assert lines
    assert set(re.findall(r"--[a-z]+", "".join(lines))) <= told <= named


def test_the_labels_on_the_page_can_be_read():
    (text,) = re.findall(r"```yaml\n(.*?)```", TUNING, re.DOTALL)
    clips = [LabelledClip.model_validate(one) for one in YAML(typ="safe").load(text)]
    assert [len(clip.events) for clip in clips] == [2, 0]
