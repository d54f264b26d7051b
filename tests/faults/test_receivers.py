"""Whatever a command centre makes of what it is sent, nothing is lost that it did not refuse."""

import pytest

from tests.events.make_events import eventually
from tests.faults.box import ReportingBox
from tests.faults.centre import LATE, MOODS, REFUSE, SILENT
from tests.faults.counted import check, committed


@pytest.mark.parametrize("mood", MOODS)
def test_nothing_is_lost_to_a_centre_that_answers(mood, tmp_path, centre):
    with ReportingBox(tmp_path, push=centre.port) as box:
        box.append(4)
        eventually(lambda: box.outbox.backlog("sink:centre")[0] == 0)
        centre.moods.extend([mood] * 3)
        for _ in range(6):
            box.append(5)
            eventually(lambda: box.outbox.backlog("sink:centre")[0] == 0)
        assert not centre.moods
        rejected = box.outbox.rejected("sink:centre")
    sent = committed(tmp_path)
    assert len(sent) == 34
    check(centre.kept.rows(), sent, without=centre.rejected)
    assert rejected == len(centre.rejected) == (3 if mood == "reject" else 0)


@pytest.mark.parametrize("mood", [LATE, SILENT, REFUSE])
def test_its_mood_costs_the_one_who_appends_nothing(mood, tmp_path, centre):
    """What is committed is committed, whoever is not there to hear of it."""
    centre.moods.extend([mood] * 2)
    with ReportingBox(tmp_path, push=centre.port) as box:
        last = [box.append(1)[0].sequence for _ in range(100)][-1]
        assert last == 100
        eventually(lambda: box.outbox.cursor("sink:centre") == 100)
    check(centre.kept.rows(), committed(tmp_path))
