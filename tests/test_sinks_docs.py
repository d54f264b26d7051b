"""The page about sinks: its examples are good, its numbers are those of the code."""

import re
from pathlib import Path

import pytest

from edge.config import read
from edge.events import relay
from edge.serve.mirrors import doubt, webhook
from edge.settings_report import JsonLinesSettings
from tests.events.make_mirrors import SECRET

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "sinks.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
HEAD = "site: quarry\ncameras:\n  - {name: gate, url: 'rtsp://192.0.2.1/s'}\n"
SECRETS = {"WEBHOOK_SECRET": SECRET, "MQTT_PASSWORD": "p", "NATS_PASSWORD": "p"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_a_good_configuration(tmp_path, example):
    for name in re.findall(r"ca: ([\w.-]+)", example):
        (tmp_path / name).touch()
    (tmp_path / "site.yaml").write_text(HEAD + example)
    loaded, problems = read(tmp_path / "site.yaml", SECRETS)
    assert problems == []
    assert len(loaded.settings.report) == 1


def test_every_kind_has_its_example():
    kinds = {re.search(r"type: (\w+)", example)[1] for example in EXAMPLES}
    assert kinds == {"webhook", "mqtt", "nats", "jsonl"}


def test_the_example_of_inputs_over_mqtt_is_good_too(tmp_path):
    (example,) = re.findall(r"`(mqtt_inputs: .*?)`", (ROOT / "docs" / "arming.md").read_text())
    (tmp_path / "site.yaml").write_text(f"{HEAD}inputs: [blasting]\n{example}\n")
    assert read(tmp_path / "site.yaml", SECRETS)[1] == []


def test_the_numbers_are_those_of_the_code():
    assert (relay.FIRST_PAUSE_S, relay.LONGEST_PAUSE_S, relay.LONGEST_WAIT_S) == (0.5, 30, 300)
    assert "after 0.5 s, then twice that, up to 30 s" in PAGE
    assert "| " + ", ".join(map(str, sorted(webhook.REFUSED))) in PAGE
    assert "| " + ", ".join(map(str, sorted(webhook.LATER))) in PAGE
    assert f"events of the last {doubt.UNSURE_S:.0f} seconds" in PAGE
    plain = JsonLinesSettings(type="jsonl", path="x")
    assert (
        f"max_bytes: {plain.max_bytes}, keep: {plain.keep}, max_days: {plain.max_days:.0f}" in PAGE
    )
