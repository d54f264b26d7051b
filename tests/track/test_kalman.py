"""The written-out filters are the textbook's, and what they believe is right."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.track import kalman
from edge.track.kalman import Filters

STEPS = st.lists(
    st.tuples(st.floats(0.01, 1), st.none() | st.tuples(*[st.floats(10, 500)] * 2)), max_size=12
)


def box(x, y, *, width=20.0, height=50.0):
    return np.array([[x - width / 2, y - height / 2, x + width / 2, y + height / 2]], np.float32)


class Textbook:
    """One coordinate of one box, with matrices (any text on the Kalman filter)."""

    def __init__(self, value, height):
        self.x = np.array([value, 0.0])
        self.p = np.diag([(kalman.MEASURED * height) ** 2, (kalman.FIRST_SPEED * height) ** 2])

    def predict(self, dt, height):
        f = np.array([[1, dt], [0, 1]])
        q = dt * np.diag([(kalman.DRIFT * height) ** 2, (kalman.PUSH * height) ** 2])
        self.x, self.p = f @ self.x, f @ self.p @ f.T + q

    def correct(self, value, height):
        h = np.array([[1.0, 0.0]])
        s = h @ self.p @ h.T + (kalman.MEASURED * height) ** 2
        gain = self.p @ h.T / s
        self.x = self.x + (gain * (value - self.x[0])).ravel()
        self.p = (np.eye(2) - gain @ h) @ self.p


@settings(deadline=None)
@given(STEPS)
def test_the_filters_are_the_textbook_s(steps):
    height, ours, book = 50.0, Filters(), Textbook(100.0, 50.0)
    ours.start(box(100.0, 80.0))
    for dt, seen in steps:
        ours.predict(dt)
        book.predict(dt, height)
        if seen:
            measured = box(seen[0], 80.0)
            ours.correct(np.array([0]), measured)
            book.correct(float(measured[0, [0, 2]].astype(float).mean()), height)
    assert np.allclose([ours.place[0, 0], ours.speed[0, 0]], book.x, rtol=1e-4, atol=1e-3)
    assert np.allclose([ours.place[0, 1], ours.speed[0, 1]], [80, 0], atol=1e-3)


def test_each_row_is_filtered_for_itself():
    both, alone = Filters(), Filters()
    both.start(np.vstack((box(100, 80), box(300, 90))))
    alone.start(box(300, 90))
    for filters in (both, alone):
        filters.predict(0.1)
    both.correct(np.array([1]), box(310, 90))
    alone.correct(np.array([0]), box(310, 90))
    assert np.array_equal(both.boxes()[1], alone.boxes()[0])
    assert np.array_equal(both.boxes()[0], box(100, 80)[0])


def test_what_is_not_kept_is_forgotten():
    filters = Filters()
    filters.start(np.vstack((box(100, 80), box(300, 90))))
    filters.keep(np.array([False, True]))
    assert filters.boxes().tolist() == box(300, 90).tolist()
    assert len(filters.speed) == 1


def test_a_shrinking_box_never_vanishes():
    filters = Filters()
    filters.start(box(100, 80))
    for size in (40, 30, 20, 10, 2):
        filters.predict(0.1)
        filters.correct(np.array([0]), box(100, 80, width=size / 2, height=size))
    filters.predict(5.0)
    left, top, right, bottom = filters.boxes()[0]
    assert right - left >= 1
    assert bottom - top >= 1


def test_where_a_track_will_be_is_where_it_gets_to():
    filters = Filters()
    filters.start(box(100, 80))
    for step in range(1, 6):
        filters.predict(0.1)
        filters.correct(np.array([0]), box(100 + 4 * step, 80, height=50 + step))
    ahead, place = filters.boxes(0.7), filters.place.copy()
    assert np.array_equal(filters.place, place)
    filters.predict(0.7)
    assert np.allclose(filters.boxes(), ahead, atol=1e-3)
    assert not np.allclose(ahead, filters.boxes(0.7), atol=1)
