"""`fenceline tune`: labelled clips in, settings out, best first; what it says to do instead."""

import json

import pytest
from ruamel.yaml import YAML

from edge import tune_command
from edge.config import load
from edge.errors import ConfigError
from edge.labels import labelled
from edge.tune_command import Asked, tune, tuned
from tests.make_replay import FENCE, YARD, RedSquares, camera, write_site, write_walk
from tests.test_cli import fenceline

CROSSES = {"rule": "fence", "at": 1.8, "direction": "inward"}
TRIES = ("beyond=0.4,0.1,0",)  # of 0.4 the square is over after 1.1 s, of the rest before 0.5 s


@pytest.fixture
def detector(monkeypatch):
    one = RedSquares()
    monkeypatch.setattr(tune_command, "detector_for", lambda _settings: one)
    return one


@pytest.fixture
def folder(tmp_path):
    """Two clips of the same walk, whose crossing is labelled, and one of other pictures."""
    fence = FENCE | {"settle_s": 0.1, "beyond": 0.2}
    write_site(tmp_path, camera("gate", fence, YARD), camera("door", FENCE | {"name": "sill"}))
    write_walk(tmp_path, "one.mp4")
    write_walk(tmp_path, "two.mp4")
    write_walk(tmp_path, "out.mp4")
    label(tmp_path, ("one.mp4", [CROSSES]), ("two.mp4", [CROSSES]), ("out.mp4", []))
    return tmp_path


def label(folder, *clips):
    found = [{"clip": clip, "camera": "gate", "events": events} for clip, events in clips]
    with (folder / "labels.yaml").open("w") as file:
        YAML().dump(found, file)


def report(folder, tries=TRIES, *, rule="fence", **more):
    loaded = load(folder / "site.yaml")
    clips = labelled(folder / "labels.yaml", loaded, rule)
    return tuned(loaded, clips, Asked(rule, tries, **more))


def test_the_best_is_first_and_each_clip_is_looked_at_once(folder, detector):
    found = report(folder, holdout=("out.mp4",))
    assert detector.asked == 3 * 30
    assert [one.values["beyond"] for one in found.found] == [0, 0.1, 0.2, 0.4]
    assert [one.score.hits for one in found.found] == [2, 2, 2, 0]
    delays = [one.score.delay(0.5) for one in found.found]
    assert delays == [pytest.approx(0.1), pytest.approx(0.2), pytest.approx(0.5), None]
    assert [one.now for one in found.found] == [False, False, True, False]
    assert found.found[0].hours == pytest.approx(2 * 2.9 / 3600)


def test_what_is_held_out_chooses_nothing_and_is_told_beside_it(folder, detector):
    found = report(folder, holdout=("out.mp4",))
    assert found.clips == ["one.mp4", "two.mp4"]
    assert [one.score.f1 for one in found.found[:2]] == [1.0, 1.0]
    assert [one.score.false for one in found.held[:2]] == [1, 1]
    assert [one.values for one in found.held] == [one.values for one in found.found]


def test_labels_of_other_rules_are_none_of_this_ones(folder, detector):
    label(folder, ("one.mp4", [CROSSES, {"rule": "yard", "at": 0.5, "until": 2.9}]))
    found = report(folder, ("dwell_s=0,0.5",), rule="yard")
    assert [(one.score.hits, one.score.missed) for one in found.found] == [(1, 0), (1, 0)]
    assert found.found[0].values == {"dwell_s": 0.0}


def test_a_zone_may_tell_of_a_stay_until_it_ends(folder, detector):
    label(folder, ("one.mp4", [{"rule": "yard", "at": 0.2, "until": 2.9}]))
    (one, *_) = report(folder, ("dwell_s=0.5",), rule="yard").found
    assert one.score.hits == 1
    assert one.score.delay(0.5) > 1


def test_it_says_that_chosen_numbers_are_optimistic_and_what_to_do(folder, detector):
    alone = report(folder, holdout=("two.mp4", "out.mp4"))
    assert alone.notes == [
        "The best was chosen on these clips: expect less of it elsewhere.",
        "One clip says little: label two or more, by day and by night.",
    ]
    assert "Hold a clip out of it (--holdout CLIP)" in report(folder).notes[1]


def test_clips_in_which_nothing_is_labelled_count_false_alarms_only(folder, detector):
    label(folder, ("one.mp4", []), ("two.mp4", []))
    found = report(folder)
    assert found.notes[-1].startswith("Nothing is labelled for this rule: only false alarms")
    assert [one.score.false for one in found.found] == [2, 2, 2, 2]
    assert found.found[0].now


def test_the_same_clips_give_the_same_report(folder, detector):
    assert report(folder).plain() == report(folder).plain()


def test_the_table_tells_of_every_setting_and_which_one_is_configured(folder, detector, capsys):
    asked = Asked("fence", TRIES, ("out.mp4",))
    tune(folder / "site.yaml", folder / "labels.yaml", asked, as_json=False)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:6] == ["fence:", "4", "combinations", "on", "2", "clips,"]
    assert " ".join(lines[1]) == "beyond P R F1 right false missed false/h delay s p95 s"
    assert " ".join(lines[2]) == "0 1.000 1.000 1.000 2 0 0 0.0 0.10 0.10"
    assert " ".join(lines[4]) == "0.2 1.000 1.000 1.000 2 0 0 0.0 0.50 0.50 as configured"
    assert " ".join(lines[5]) == "0.4 0.000 0.000 0.000 0 2 2 1241.4 - -"
    assert ["on", "what", "was", "held", "out", "(out.mp4):"] in lines


def test_json_has_all_of_it(folder, detector, capsys):
    asked = Asked("fence", TRIES, ("out.mp4",))
    tune(folder / "site.yaml", folder / "labels.yaml", asked, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["rule"], told["clips"], told["holdout"]) == (
        "fence",
        ["one.mp4", "two.mp4"],
        ["out.mp4"],
    )
    assert [one["settings"]["beyond"] for one in told["combinations"]] == [0, 0.1, 0.2, 0.4]
    assert told["combinations"][0]["holdout"]["false"] == 1


def test_a_long_table_is_cut_and_says_so(folder, detector, capsys):
    values = ",".join(f"{one / 100:g}" for one in range(30))
    asked = Asked("fence", (f"beyond={values}",))
    tune(folder / "site.yaml", folder / "labels.yaml", asked, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert "10 more; --json shows all" in lines
    assert len(lines) == 2 + 20 + 1 + 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"holdout": ("three.mp4",)}, "--holdout three.mp4: no such labelled clip; choose from"),
        ({"holdout": ("one.mp4", "two.mp4", "out.mp4")}, "every clip is held out; leave one or"),
        ({"tolerance_s": -1.0}, "--tolerance -1 makes no sense; give seconds"),
        ({"tolerance_s": float("nan")}, "--tolerance nan makes no sense; give seconds"),
        ({"tries": ("settl_s=1",)}, "did you mean settle_s?"),
    ],
)
def test_what_makes_no_sense_is_told_before_a_clip_is_looked_at(folder, detector, asked, said):
    with pytest.raises(ConfigError) as error:
        report(folder, **asked)
    assert said in str(error.value)
    assert detector.asked == 0


def test_a_rule_that_no_clip_can_show_is_told(folder, detector):
    button = {"type": "manual", "name": "button"}
    write_site(folder, camera("gate", FENCE, YARD, button))
    with pytest.raises(ConfigError, match="'button' is of type manual, which no clip can show"):
        report(folder, ("cooldown_s=1",), rule="button")


def test_the_command_line_ends_with_2_and_one_sentence(folder):
    files = ["--config", str(folder / "site.yaml"), "--clips", str(folder / "labels.yaml")]
    done = fenceline("tune", "fnce", *files, "--try", "settle_s=1")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {folder / 'site.yaml'}: no camera has a rule 'fnce'; "
        "choose from fence, sill, yard\n"
    )


def test_without_anything_to_try_the_command_line_says_what_is_missing(folder):
    done = fenceline("tune", "fence", "--config", "site.yaml", "--clips", "labels.yaml")
    assert done.returncode == 2
    assert "--try" in done.stderr
