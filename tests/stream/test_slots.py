import threading

import pytest

from edge.stream.slots import Slots
from tests.make import frame
from tests.stream.make_clip import eventually


def indexes(frames):
    return [(one.camera, one.index) for one in frames]


def test_the_newest_live_frame_wins_and_drops_are_counted():
    slots = Slots(["gate", "yard"])

    replaced = [slots.offer(frame(index)) for index in range(3)]

    assert replaced == [False, True, True]
    assert indexes(slots.take(0)) == [("gate", 2)]
    assert slots.dropped("gate") == 2
    assert slots.dropped("yard") == 0


def test_all_cameras_are_taken_at_once_in_their_order():
    slots = Slots(["gate", "yard", "dock"])
    slots.offer(frame(5, camera="dock"))
    slots.offer(frame(6, camera="gate"))

    assert indexes(slots.take(0)) == [("gate", 6), ("dock", 5)]
    assert slots.take(0) == []


def test_a_file_waits_until_its_frame_is_taken():
    slots, stop = Slots(["gate"]), threading.Event()
    thread = threading.Thread(target=lambda: [slots.put(frame(i), stop) for i in range(5)])
    thread.start()

    taken = [slots.take(10)[0].index for _ in range(5)]

    thread.join(10)
    assert taken == [0, 1, 2, 3, 4]
    assert slots.dropped("gate") == 0


@pytest.mark.parametrize("end", ["stop", "close"])
def test_a_waiting_file_ends(end):
    slots, stop, results = Slots(["gate"]), threading.Event(), []
    slots.put(frame(0), stop)
    thread = threading.Thread(target=lambda: results.append(slots.put(frame(1), stop)))
    thread.start()

    stop.set() if end == "stop" else slots.close()

    thread.join(10)
    assert results == [False]


def test_take_wakes_when_a_frame_comes():
    slots, results = Slots(["gate"]), []
    thread = threading.Thread(target=lambda: results.extend(slots.take(30)))
    thread.start()

    slots.offer(frame(3))

    thread.join(10)
    assert indexes(results) == [("gate", 3)]


def test_closing_wakes_who_takes_and_gives_nothing_more():
    slots, results = Slots(["gate"]), []
    thread = threading.Thread(target=lambda: results.append(slots.take(30)))
    thread.start()

    slots.close()
    slots.offer(frame(0))

    eventually(lambda: results)
    assert results == [[]]
    assert slots.take(0) == []
    assert slots.closed


def test_frames_of_cameras_that_have_had_their_turn_stay_where_they_are():
    slots = Slots(["gate", "yard", "dock"])
    for camera in ("gate", "yard", "dock"):
        slots.offer(frame(1, camera=camera))

    assert indexes(slots.take(0, without={"gate", "dock"})) == [("yard", 1)]
    assert slots.take(0, without={"gate", "dock"}) == []
    slots.offer(frame(2, camera="gate"))
    assert indexes(slots.take(0)) == [("gate", 2), ("dock", 1)]
    assert slots.dropped("gate") == 1


def test_a_file_whose_frame_is_left_goes_on_waiting():
    slots, stop = Slots(["gate", "yard"]), threading.Event()
    slots.put(frame(0), stop)
    thread = threading.Thread(target=slots.put, args=(frame(1), stop))
    thread.start()
    slots.put(frame(5, camera="yard"), stop)

    assert indexes(slots.take(0, without=["gate"])) == [("yard", 5)]
    assert thread.is_alive()
    assert indexes(slots.take(0)) == [("gate", 0)]

    thread.join(10)
    assert indexes(slots.take(0)) == [("gate", 1)]


def test_a_frame_that_is_not_wanted_wakes_nobody_and_one_that_is_does():
    slots, results = Slots(["gate", "yard"]), []
    slots.offer(frame(3))
    thread = threading.Thread(target=lambda: results.extend(slots.take(30, without={"gate"})))
    thread.start()
    thread.join(0.1)

    assert thread.is_alive()
    slots.offer(frame(4, camera="yard"))

    thread.join(10)
    assert indexes(results) == [("yard", 4)]


def test_what_all_cameras_lost_is_counted():
    slots = Slots(["gate", "yard"])
    for camera in ("gate", "gate", "gate", "yard", "yard"):
        slots.offer(frame(camera=camera))

    assert slots.all_dropped == 3
    assert [slots.dropped(camera) for camera in ("gate", "yard")] == [2, 1]


def test_files_are_not_live_and_cameras_are():
    slots = Slots(["gate", "yard"])
    slots.put(frame(), threading.Event())
    assert not slots.live

    slots.offer(frame(camera="yard"))
    assert slots.live


def test_an_unknown_camera_is_an_error():
    with pytest.raises(KeyError):
        Slots(["gate"]).offer(frame(camera="yard"))
