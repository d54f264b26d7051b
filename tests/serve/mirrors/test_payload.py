"""What the mirrors send."""

import json

from google.protobuf.json_format import ParseDict

from edge.rpc import event_pb2 as pb
from edge.serve.mirrors.payload import cloud_event, event_json, grade_of, kind_of, signature
from tests.events.make_events import message

FULL = message(
    box_id="box-1234abcd",
    sequence=2**60,
    kind=pb.KIND_TRIPWIRE,
    grade=pb.GRADE_RED,
    note="Tür\nauf",
    capture_time={"seconds": 1_700_000_000, "nanos": 250_000_000},
)


def test_an_event_is_one_line_of_canonical_json_that_says_all_of_it():
    text = event_json(FULL)

    assert b"\n" not in text
    assert json.loads(text)["sequence"] == str(2**60)
    assert ParseDict(json.loads(text), pb.Event()) == FULL


def test_a_cloud_event_has_the_attributes_of_the_standard():
    told = json.loads(cloud_event(FULL))

    assert ParseDict(told.pop("data"), pb.Event()) == FULL
    assert told == {
        "specversion": "1.0",
        "id": FULL.event_id,
        "source": "/fenceline/box-1234abcd",
        "type": "fenceline.v1.event",
        "subject": FULL.alert_id,
        "sequence": str(2**60),
        "datacontenttype": "application/json",
        "time": "2023-11-14T22:13:20.250Z",
    }


def test_an_event_without_a_capture_time_has_no_time():
    assert "time" not in json.loads(cloud_event(message()))


def test_the_signature_is_that_of_standard_webhooks():
    # The example that the libraries of the standard test themselves with.
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_kind_and_grade_are_single_words():
    assert (kind_of(FULL), grade_of(FULL)) == ("tripwire", "red")
    assert (kind_of(pb.Event(kind=pb.KIND_CAMERA_OFFLINE)), grade_of(pb.Event())) == (
        "camera_offline",
        "unspecified",
    )
