"""Somebody who was lost and somebody who came are one, where place, speed and size say so."""

import pytest

from edge.track import TRACKERS
from edge.track.linking import End, Linker, Lost, New
from tests.make import detections
from tests.track.make_track import ended, ids, play


def end(pts, x, *, speed=50.0, height=100.0, y=200.0):
    return End(pts, (x, y), (speed, 0.0), height)


def new(birth, pts, x, *, now=None, **rest):
    return New(birth, end(pts, x, **rest), pts + 0.4 if now is None else now)


def links(made):
    return {one.birth: one.lost.id for one in made}


def test_who_comes_where_the_lost_one_would_be_is_he():
    made = Linker(1.5).link([new(9, 2.0, 150)], [Lost(4, end(1.0, 100))], {4}, 2.4)
    assert links(made) == {9: 4}
    assert not made[0].again


@pytest.mark.parametrize(
    "odd",
    [{"x": 320}, {"x": 150, "y": 330.0}, {"x": 150, "height": 160.0}, {"x": 150, "speed": -400.0}],
    ids=["far", "beside", "larger", "runs back"],
)
def test_who_does_not_fit_is_somebody_new(odd):
    assert Linker(1.5).link([new(9, 2.0, **odd)], [Lost(4, end(1.0, 100))], {4}, 2.4) == []


def test_a_gap_is_never_longer_than_allowed_and_never_backward():
    lost = [Lost(4, end(1.0, 100))]
    assert Linker(0.9).link([new(9, 2.0, 150)], lost, {4}, 2.4) == []
    assert Linker(9.0).link([new(9, 0.9, 95)], lost, {4}, 2.4) == []


def test_the_better_of_two_is_linked_and_each_goes_once():
    lost = [Lost(4, end(1.0, 100)), Lost(5, end(1.0, 130))]
    made = Linker(1.5).link([new(9, 2.0, 152), new(8, 2.0, 178)], lost, {4, 5}, 2.4)
    assert links(made) == {9: 4, 8: 5}
    made = Linker(1.5).link([new(9, 2.0, 152), new(8, 2.0, 149)], lost[:1], {4}, 2.4)
    assert links(made) == {8: 4}


def test_a_link_is_taken_back_for_one_that_fits_much_better():
    linker = Linker(1.5)
    linker.link([new(9, 1.8, 175)], [Lost(4, end(1.0, 100))], {4}, 2.0)
    made = linker.link([new(8, 2.2, 160)], [], {4}, 2.6)
    assert links(made) == {8: 4}
    assert made[0].again


@pytest.mark.parametrize(
    ("x", "now", "alive"), [(190, 2.6, {4}), (160, 9.0, {4}), (160, 2.6, set())]
)
def test_a_link_stays_where_the_other_is_no_better_or_too_late_or_it_ended(x, now, alive):
    linker = Linker(1.5)
    linker.link([new(9, 1.8, 175)], [Lost(4, end(1.0, 100))], {4}, 2.0)
    assert linker.link([new(8, 2.2, x, now=now)], [], alive, now) == []


STANDS, HIDDEN, STEP = 12, 8, 15  # frames, frames, pixels a frame


def walks(start, frames):
    return [[(start + STEP * i, 150)] for i in range(frames)]


def test_a_person_is_no_car_that_was_lost():
    lost = [Lost(4, end(1.0, 100), kind=2)]
    fits = new(9, 2.0, 150)
    assert Linker(1.5).link([fits], lost, {4}, 2.4) == []


def test_who_is_lost_again_is_linked_again_from_where_he_was_last():
    linker = Linker(1.5)
    linker.link([new(9, 1.8, 155)], [Lost(4, end(1.0, 100))], {4}, 2.0)
    (made,) = linker.link([new(8, 2.6, 180)], [Lost(4, end(2.2, 160))], {4}, 2.8)
    assert (made.lost.id, made.birth, made.again) == (4, 8, False)


def behind_a_post():
    """He stands, is hidden for a second, and walks away from where he stood."""
    return [[(100, 150)]] * STANDS + [[]] * HIDDEN + walks(165, 12)


@pytest.fixture(params=TRACKERS)
def session(request):
    return lambda **options: TRACKERS[request.param](lost_s=2.0, **options).open()


def seen(session, frames):
    found = [detections(feet, width=16, height=40) for feet in frames]
    return play(session, found, fps=8)


def test_he_keeps_his_id_behind_a_post(session):
    steps = seen(session(link_s=1.5), behind_a_post())
    assert ids(steps) == {1}
    assert ended(steps) == []
    (past,) = [step.past[1] for step in steps[STANDS:] if step.past]
    assert past.pts.tolist() == [20 / 8, 21 / 8]
    assert len(ids(seen(session(link_s=0), behind_a_post()))) == 2


def test_ids_still_rise_by_one_after_a_link(session):
    one = session()
    steps = seen(one, [*behind_a_post(), *[[]] * 20, *[[(300, 150)]] * 4])
    assert ids(steps) == {1, 2}
    assert ended(steps) == [1]
    assert one.next_id == 3


def test_a_link_that_is_taken_back_gives_the_other_an_id_of_his_own(session):
    """Two come out from behind the post: somebody beside it, then the one who stood there."""
    aside, he = walks(184, 11), [[]] * 3 + walks(186, 8)
    both = [one + other for one, other in zip(aside, he, strict=True)]
    steps = seen(session(), [[(100, 150)]] * STANDS + [[]] * HIDDEN + both)
    assert [step.split for step in steps if step.split] == [{1: 2}]
    assert [sorted(step.past) for step in steps[STANDS:] if step.past] == [[1], [1]]
    now = dict(zip(steps[-1].id.tolist(), steps[-1].xyxy[:, 0].tolist(), strict=True))
    assert now == {1: 186 + 7 * STEP - 8, 2: 184 + 10 * STEP - 8}
    assert ended(steps) == []
