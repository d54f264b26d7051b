"""Inputs of a replay: what the command line says is what rules are told."""

import pytest

from edge import replay as replay_module
from edge.errors import ConfigError
from edge.replay import replay
from edge.replay_inputs import inputs_of
from tests.make_replay import YARD, RedSquares, site, write_walk
from tests.test_cli import fenceline

KNOWN = ["blasting", "gate-open"]


@pytest.mark.parametrize(
    ("said", "active"),
    [
        ([], ["", "", ""]),
        (["blasting"], ["blasting"] * 3),
        (["blasting@5-10"], ["", "blasting", ""]),
        (["blasting@5-"], ["", "blasting", "blasting"]),
        (["blasting@0-0.5", "blasting@9.5-11"], ["blasting", "", "blasting"]),
        (["blasting@5-10", "gate-open"], ["gate-open", "blasting gate-open", "gate-open"]),
    ],
)
def test_an_input_is_active_when_it_is_said_to_be(said, active):
    at = inputs_of(said, KNOWN)
    assert [" ".join(sorted(at(pts))) for pts in (0.0, 5.0, 10.0)] == active


@pytest.mark.parametrize(
    "said", ["", "@", "@5-10", "blasting@", "blasting@5", "blasting@10-5", "blasting@5-5"]
)
def test_what_is_no_input_and_no_time_is_an_error_that_says_how(said):
    with pytest.raises(ConfigError, match=r"say NAME, or NAME@FROM-TO in seconds") as caught:
        inputs_of([said], KNOWN)
    assert str(caught.value).startswith(f"--input {said}: ")


def test_an_input_that_is_not_configured_is_an_error_with_those_that_are():
    with pytest.raises(ConfigError, match=r"no input 'blast'; .* blasting, gate-open"):
        inputs_of(["blast@1-2"], KNOWN)
    with pytest.raises(ConfigError, match="configured under `inputs`: none"):
        inputs_of(["blasting"], [])


def raised(tmp_path, *said, **gate):
    """When the yard's alerts were raised and cleared, and why."""
    loaded = site(tmp_path, YARD | {"dwell_s": 0} | gate, inputs=KNOWN)
    events = replay(loaded, write_walk(tmp_path), inputs=said)
    times = [(round(e.capture_time.ToMicroseconds() / 1e6, 1), e.reason) for e in events]
    return [one for one in times if one[1] != "dwelling"]


def test_rules_are_armed_by_the_inputs_of_a_replay(tmp_path, monkeypatch):
    monkeypatch.setattr(replay_module, "detector_for", lambda _settings: RedSquares())
    free = raised(tmp_path)
    assert [reason for _, reason in free] == ["entered", "session_ended"]
    assert raised(tmp_path, while_input="blasting") == []
    assert raised(tmp_path, "gate-open", while_input="blasting") == []
    assert raised(tmp_path, "blasting", while_input="blasting") == free
    assert raised(tmp_path, "blasting", unless_input="blasting") == []
    assert raised(tmp_path, "blasting@2-2.5", while_input="blasting") == [
        (2.0, "entered"),
        (2.5, "disarmed"),
    ]


def test_the_command_line_takes_inputs_and_says_what_is_wrong_with_them(tmp_path):
    site(tmp_path, YARD, inputs=KNOWN)
    clip, config = str(write_walk(tmp_path)), str(tmp_path / "site.yaml")
    for more in ([], ["--explain"]):
        done = fenceline("replay", clip, "-c", config, "--input", "blast", *more)
        assert done.returncode == 2
        assert done.stderr == (
            "error: --input blast: there is no input 'blast'; "
            "configured under `inputs`: blasting, gate-open\n"
        )
