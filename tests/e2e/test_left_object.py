"""The service's own path, detector and all, over recordings in which nothing is left."""

import json
import subprocess
import sys

import pytest

from tests.e2e.conftest import DATA
from tests.e2e.service import SITE

pytestmark = [pytest.mark.slow, pytest.mark.data, pytest.mark.usefixtures("model")]
CAMERA = """\
  - name: hall
    url: "{clip}"
    frame_rate: {rate}
    image_health: null
    rules:
      - {{type: left_object, name: left, after_s: 10, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}}
      - {{type: zone, name: all, classes: [person, car], polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}}
"""


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("videos/intel/one-by-one-person-detection.mp4", 10),  # who stand still for long
        ("videos/intel/car-detection.mp4", 12.5),  # and a camera whose exposure pumps
    ],
)
def test_who_comes_and_goes_leaves_nothing(tmp_path, name, rate):
    clip = DATA / name
    if not clip.is_file():
        pytest.skip(f"no dataset: {clip} is missing, set FENCELINE_DATA")
    config = tmp_path / "site.yaml"
    cameras = CAMERA.format(clip=clip, rate=rate)
    config.write_text(SITE.format(cameras=cameras, report="[]", grpc=0, http=0, storage="var"))
    command = [sys.executable, "-m", "edge", "replay", str(clip), "--config", str(config)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert {json.loads(line)["rule"] for line in done.stdout.splitlines()} == {"all"}
