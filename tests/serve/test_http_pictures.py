"""The pictures that HTTP shows: private, encoded once, and one with their boxes."""

import threading

import cv2
import numpy as np
import pytest

from edge.metrics import Metrics
from edge.serve.http import http_app
from edge.serve.pictures import KEPT, Pictures
from tests.serve.make_box import MASK, PERSON, FakeBox, FakeLog, FakeShelf, scene
from tests.serve.make_client import Client


@pytest.fixture
def box():
    return FakeBox(scenes={"gate": scene(7)})


@pytest.fixture
def client(box, tmp_path):
    app = http_app(box, FakeLog(), FakeShelf(tmp_path), metrics=Metrics())
    return Client(app)


def image_of(answer):
    return cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)


def rows_that_differ(image):
    """How much a pixel differs from the one under it: stripes have a lot of it."""
    return np.abs(np.diff(image.astype(int), axis=0)).mean()


def test_a_person_can_not_be_made_out(client, box):
    x1, y1, x2, y2 = map(int, PERSON)
    raw = box.scenes["gate"].frame.image[y1:y2, x1:x2]
    served = image_of(client.get("/api/cameras/gate/picture.jpg"))[y1:y2, x1:x2]
    assert rows_that_differ(raw) > 40
    assert rows_that_differ(served) < rows_that_differ(raw) / 5


def test_the_raw_picture_stays_as_it_was(client, box):
    before = box.scenes["gate"].frame.image.copy()
    client.get("/api/cameras/gate/picture.jpg")
    assert (box.scenes["gate"].frame.image == before).all()


def test_what_is_masked_is_black(client):
    served = image_of(client.get("/api/cameras/gate/picture.jpg"))
    right, bottom = (MASK[2] * (served.shape[1], served.shape[0])).astype(int)
    assert served[: bottom - 8, : right - 8].max() < 12


def test_a_picture_says_which_frame_it_is_and_is_not_stored(client):
    headers = client.get("/api/cameras/gate/picture.jpg").headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["x-frame-index"] == "7"
    assert headers["etag"] == '"0-7"'
    assert headers["cache-control"] == "no-store"


def test_boxes_are_class_score_and_place_and_no_id(client):
    seen = client.get("/api/cameras/gate/boxes").json()
    assert (seen["width"], seen["height"], seen["index"]) == (640, 360, 7)
    (person,) = seen["objects"]
    assert set(person) == {"class_name", "score", "box"}
    assert (person["class_name"], person["score"]) == ("person", 0.87)
    assert person["box"] == pytest.approx([300 / 640, 150 / 360, 348 / 640, 290 / 360], abs=1e-4)


def test_boxes_and_their_picture_belong_together_while_frames_go_on(client, box):
    seen = client.get("/api/cameras/gate/boxes").json()
    box.scenes["gate"] = scene(8)
    assert client.get("/api/cameras/gate/picture.jpg").headers["x-frame-index"] == "8"
    assert client.get(seen["picture"]).headers["x-frame-index"] == "7"


def test_a_picture_of_long_ago_is_gone(client, box):
    seen = client.get("/api/cameras/gate/boxes").json()
    for index in range(8, 8 + KEPT):
        box.scenes["gate"] = scene(index)
        client.get("/api/cameras/gate/boxes")
    answer = client.get(seen["picture"])
    assert answer.status_code == 404
    assert answer.json()["remedy"] == "ask /boxes for the newest one"


def test_a_box_that_leaves_the_picture_stays_within_it(client, box):
    box.scenes["gate"] = scene(people=[(-20.0, 300.0, 60.0, 400.0)])
    (person,) = client.get("/api/cameras/gate/boxes").json()["objects"]
    assert person["box"] == pytest.approx([0, 300 / 360, 60 / 640, 1], abs=1e-4)


def test_a_frame_is_encoded_once_however_many_look():
    box = FakeBox(scenes={"gate": scene(7)})
    pictures, seen = Pictures(box.scene), []
    threads = [
        threading.Thread(target=lambda: seen.append(pictures.newest("gate"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(picture) for picture in seen}) == 1
    box.scenes["gate"] = scene(8)
    assert pictures.newest("gate") is not seen[0]


def test_the_same_index_in_a_new_session_is_a_new_picture():
    box = FakeBox(scenes={"gate": scene(7)})
    pictures = Pictures(box.scene)
    first = pictures.newest("gate")
    box.scenes["gate"] = scene(7, session=1)
    assert pictures.newest("gate") is not first
