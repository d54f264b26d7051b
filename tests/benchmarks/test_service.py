"""The service's path as the benchmark drives it, on the first seconds of the clip."""

from dataclasses import replace

import pytest

from benchmarks import script, service
from benchmarks.pets import Pets
from edge.stream.encode import encode_h264

SECONDS, FRAMES = 6, 60


@pytest.fixture(scope="module")
def start(pets, tmp_path_factory):
    """The first 60 frames: four people cross a line in them."""
    clip = tmp_path_factory.mktemp("clip") / "start.h264"
    encode_h264(pets.clip, clip, seconds=SECONDS)
    return replace(pets, clip=clip)


def test_the_clips_shapes_become_a_site_with_default_settings(tmp_path):
    clip = tmp_path / "clip.avi"
    clip.touch()
    pets = Pets(
        clip=clip,
        ground_truth=clip,
        lines={"road": ((384, 144), (384, 576))},
        zones={"lawn": ((0, 0), (768, 0), (768, 576))},
        events=(),
    )
    settings = service.site(pets, tmp_path).settings
    road, lawn = settings.cameras[0].rules
    assert road.line == ((0.5, 0.25), (0.5, 1.0))
    assert road.direction == "both"
    assert lawn.polygon == ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert lawn.dwell_s == 0.5
    assert settings.cameras[0].frame_rate == 7.0


@pytest.mark.data
@pytest.mark.usefixtures("model")
def test_the_service_finds_who_crosses_first(start):
    done = service.run(start)
    said = [(alert.rule, alert.way) for alert in done.alerts]
    assert done.frames == FRAMES
    assert ("road_mid", -1) in said
    assert said.count(("right_road", 1)) >= 2
    assert all(0 <= alert.time <= FRAMES / 7 for alert in done.alerts)
    assert len({(frame, track) for frame, track, *_ in done.tracks}) == len(done.tracks)
    assert done.cpu_ms > 0


@pytest.mark.data
@pytest.mark.usefixtures("model")
def test_with_every_third_frame_all_are_decoded_and_a_third_is_analysed(start):
    done = service.run(start, every=3)
    assert done.frames == FRAMES
    assert {frame % 3 for frame, *_ in done.tracks} == {1}


@pytest.mark.data
@pytest.mark.usefixtures("sv")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:supervision")
def test_the_script_runs_on_the_same_frames(start, model):
    done = script.run(start, model, threads=1)
    assert done.frames == FRAMES
    assert ("right_road", 1) in [(alert.rule, alert.way) for alert in done.alerts]
