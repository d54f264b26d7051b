"""The wiring of a running box, with a detector that can be told to fail."""

import cv2
import httpx
import numpy as np
import pytest

from edge import app
from edge.config import load
from edge.detect.whole import Fit
from edge.errors import ModelError
from edge.grades import grades_for
from edge.rpc import event_pb2 as pb
from edge.types import Detections, Grade
from tests.events.make_events import eventually

SITE = """\
site: quarry
degraded: {after_s: 0, clear_s: 0, grade: red}
cameras:
  - {name: gate, url: shots, loop: true, frame_rate: 20, image_health: null}
  - {name: yard, url: shots, loop: true, frame_rate: 20, image_health: null}
serve: {grpc: {listen: "127.0.0.1:0"}, http: {listen: "127.0.0.1:0"}}
"""


class Detector:
    """Sees nothing; fails while it is told to."""

    name, sha256, provider, precision = "m", "ab", "FakeProvider", "bf16"
    fit, sizes = Fit((64, 64), letterbox=True), ((64, 64),)
    failing = False

    def infer(self, images):
        if self.failing:
            raise ModelError("the device is gone", "look for it")
        return [Detections.empty() for _ in images]


@pytest.fixture
def loaded(tmp_path):
    (tmp_path / "shots").mkdir()
    for number in range(4):
        image = np.full((90, 160, 3), 60 * number, np.uint8)
        cv2.imwrite(str(tmp_path / "shots" / f"{number}.png"), image)
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return load(path)


@pytest.fixture
def detector():
    return Detector()


@pytest.fixture
def running(loaded, detector, monkeypatch):
    monkeypatch.setattr(app, "detector_for", lambda _settings: detector)
    with app.service(loaded) as service:
        yield service


def test_every_alert_of_cameras_and_box_has_a_grade(loaded):
    grades = grades_for(loaded.settings)
    assert grades == {
        ("gate", "camera-offline"): Grade.YELLOW,
        ("yard", "camera-offline"): Grade.YELLOW,
        ("", "box-degraded"): Grade.RED,
        ("gate", "arming"): Grade.BLUE,
        ("yard", "arming"): Grade.BLUE,
        ("", "arming"): Grade.BLUE,
        ("", "delivery"): Grade.YELLOW,
        ("", "canary"): Grade.BLUE,
    }


def test_events_say_what_they_are_computed_with(loaded, detector):
    origin = app.origin_for(loaded, detector)
    assert (origin.model, origin.provider, origin.precision) == ("m", "FakeProvider", "bf16")


def gauge(service, line):
    """The value behind a line of /metrics."""
    text = httpx.get(f"http://127.0.0.1:{service.http_port}/metrics").text
    return next(one.split()[-1] for one in text.splitlines() if one.startswith(f"{line} "))


def test_a_detector_that_fails_is_an_alert_of_the_box_until_it_works_again(running, detector):
    model = 'fenceline_model_info{model="m",precision="bf16",provider="FakeProvider",sha256="ab"}'
    failed = 'fenceline_degraded{cause="detector_failed"}'
    box = running.box
    eventually(lambda: box.status().ready)
    assert (gauge(running, model), gauge(running, failed)) == ("1.0", "0.0")

    detector.failing = True
    (raised,) = eventually(lambda: box.outbox.read(0))
    assert (raised.kind, raised.camera, raised.reason) == (
        pb.KIND_DEGRADED,
        "",
        "detector_failed",
    )
    assert (raised.grade, raised.analysis.precision) == (pb.GRADE_RED, "bf16")
    assert box.status().degraded == ("the device is gone",)
    assert gauge(running, failed) == "1.0"

    detector.failing = False
    (cleared,) = eventually(lambda: box.outbox.read(1), 20)
    assert (cleared.state, cleared.reason) == (pb.STATE_CLEARED, "restored")
    assert (box.status().degraded, gauge(running, failed)) == ((), "0.0")
