"""Labels of clips: what is read, and every error with its line and what to do."""

import pytest

from edge.config import load
from edge.errors import ConfigError
from edge.labels import labelled
from edge.scoring import Happening
from tests.make_replay import FENCE, YARD, camera, write_site


@pytest.fixture
def loaded(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"")
    cameras = [camera("gate", FENCE, YARD), camera("door", FENCE | {"direction": "inward"})]
    return load(write_site(tmp_path, *cameras, camera("hall")))


def write(folder, text):
    path = folder / "labels.yaml"
    path.write_text(text)
    return path


GOOD = """\
- clip: a.mp4
  camera: gate
  events:
    - {rule: fence, at: 1.8, direction: inward}
    - {rule: yard, at: 2, until: 9.5}
    - {rule: fence, at: 7}
- clip: b.mp4
  camera: door
- clip: b.mp4
  camera: hall
"""


def test_labels_become_what_really_happened(tmp_path, loaded):
    clips = labelled(write(tmp_path, GOOD), loaded, "fence")
    assert [(clip.name, clip.camera.name) for clip in clips] == [
        ("a.mp4", "gate"),
        ("b.mp4", "door"),
    ]
    assert clips[0].truth == (Happening("fence", 1, 1.8), Happening("fence", 0, 7.0))
    assert clips[0].path == tmp_path / "a.mp4"
    assert (clips[1].truth, clips[1].rule.direction) == ((), "inward")


def test_an_event_may_go_on(tmp_path, loaded):
    (clip,) = labelled(write(tmp_path, GOOD), loaded, "yard")
    assert clip.truth == (Happening("yard", 0, 2.0, until=9.5),)


def test_a_clip_without_a_camera_is_of_the_one_that_has_the_rule(tmp_path, loaded):
    (clip,) = labelled(write(tmp_path, "- {clip: a.mp4}\n"), loaded, "yard")
    assert clip.camera.name == "gate"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "- clip: a.mp4\n  camera: yard\n",
            "2: [0].camera: no such camera; choose from gate, door,",
        ),
        (
            "- clip: a.mp4\n",
            "1: [0].camera: is missing; several have the rule; say one of gate, door",
        ),
        ("- camera: gate\n", "1: [0].clip: is missing; add `clip: ...`"),
        ("- camera: gate\n  clip: c.mp4\n", "2: [0].clip: no such file; check the path; it is rel"),
        (
            "- camera: gate\n  clip: a.mp4\n  event: []\n",
            "3: [0].event: unknown key; did you mean ev",
        ),
        (
            "- camera: gate\n  clip: a.mp4\n  events:\n    - {rule: fnce, at: 1}\n",
            "4: [0].events[0].rule: camera 'gate' has no such rule; choose from fence, yard",
        ),
        (
            "- camera: gate\n  clip: a.mp4\n  events: [{rule: yard, at: 1, direction: inward}]\n",
            "3: [0].events[0].direction: a rule of type zone has none; leave it out",
        ),
        (
            "- camera: gate\n  clip: a.mp4\n  events:\n    - {rule: yard, at: -1}\n",
            "4: [0].events[0].at: input should be greater than or equal to 0",
        ),
        (
            "- camera: gate\n  clip: a.mp4\n  events:\n    - {rule: yard, at: 9, until: 1}\n",
            "4: [0].events[0]: until is before at; give the end of what begins at `at`",
        ),
        ("clip: a.mp4\n", "1: is no list; write a list with clip, camera, events"),
        ("- clip: [\n", "not valid YAML"),
        ("", "1: is no list; write a list"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_do(tmp_path, loaded, text, said):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        labelled(path, loaded, "fence")
    assert said in str(error.value)
    assert str(error.value).startswith(f"{path} can't be used, ")


def test_everything_that_is_wrong_is_told_at_once(tmp_path, loaded):
    with pytest.raises(ConfigError, match="3 errors"):
        labelled(write(tmp_path, "- {clip: 1}\n- {camera: gate}\n- 7\n"), loaded, "fence")


def test_a_file_that_is_not_there_is_told(tmp_path, loaded):
    with pytest.raises(ConfigError, match=r"none\.yaml:1: can't be read: No such file"):
        labelled(tmp_path / "none.yaml", loaded, "fence")


def test_an_unknown_rule_is_told_with_the_known_ones(tmp_path, loaded):
    with pytest.raises(ConfigError, match="no camera has a rule 'fnce'; choose from fence, yard"):
        labelled(write(tmp_path, GOOD), loaded, "fnce")


def test_labels_of_other_cameras_only_are_told(tmp_path, loaded):
    path = write(tmp_path, "- {clip: a.mp4, camera: hall}\n")
    with pytest.raises(ConfigError, match="no clip is of a camera with a rule 'fence'; label some"):
        labelled(path, loaded, "fence")
