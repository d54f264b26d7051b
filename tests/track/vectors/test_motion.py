"""The written-out filters are the textbook's, and what they believe is right."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.track import numbers
from edge.track.vectors import motion
from edge.track.vectors.motion import centred, predict

STEPS = st.lists(
    st.tuples(st.floats(0.01, 1), st.none() | st.tuples(*[st.floats(10, 500)] * 2)), max_size=12
)


def box(x, y, *, width=20.0, height=50.0):
    return centred(
        np.array([[x - width / 2, y - height / 2, x + width / 2, y + height / 2]], np.float32)
    )


def ahead(tracks, dt):
    return predict(tracks, np.full(len(tracks), dt))


def begun(measured, score=1.0):
    return motion.begun(measured, np.full(len(measured), score))


def correct(tracks, measured, score=1.0):
    return motion.correct(tracks, measured, np.full(len(measured), score))


class Textbook:
    """One coordinate of one box, with matrices (any text on the Kalman filter)."""

    def __init__(self, value, height):
        self.x = np.array([value, 0.0])
        self.p = np.diag([(numbers.MEASURED * height) ** 2, (numbers.FIRST_SPEED * height) ** 2])

    def predict(self, dt, height):
        f = np.array([[1, dt], [0, 1]])
        q = dt * np.diag([(numbers.DRIFT * height) ** 2, (numbers.PUSH * height) ** 2])
        self.x, self.p = f @ self.x, f @ self.p @ f.T + q

    def correct(self, value, height):
        h = np.array([[1.0, 0.0]])
        s = h @ self.p @ h.T + (numbers.MEASURED * height) ** 2
        gain = self.p @ h.T / s
        self.x = self.x + (gain * (value - self.x[0])).ravel()
        self.p = (np.eye(2) - gain @ h) @ self.p


@settings(deadline=None)
@given(STEPS)
def test_the_filters_are_the_textbook_s(steps):
    height, ours, book = 50.0, begun(box(100.0, 80.0)), Textbook(100.0, 50.0)
    for dt, seen in steps:
        ours = ahead(ours, dt)
        book.predict(dt, height)
        if seen:
            measured = box(seen[0], 80.0)
            ours = correct(ours, measured)
            book.correct(float(measured[0, 0]), height)
    assert np.allclose([ours[0, 0], ours[0, 4]], book.x, rtol=1e-4, atol=1e-3)
    assert np.allclose([ours[0, 1], ours[0, 5]], [80, 0], atol=1e-3)


def test_each_row_is_filtered_for_itself():
    both = ahead(begun(np.vstack((box(100, 80), box(300, 90)))), 0.1)
    alone = ahead(begun(box(300, 90)), 0.1)
    measured = np.vstack((box(95, 80), box(310, 90)))
    assert np.array_equal(correct(both, measured)[1:], correct(alone, box(310, 90)))


def test_what_is_predicted_and_corrected_is_a_copy():
    tracks = begun(box(100, 80))
    kept = tracks.copy()
    correct(ahead(tracks, 1.0), box(120, 80))
    assert np.array_equal(tracks, kept)


def test_a_size_is_believed_less_than_a_place():
    one = correct(ahead(begun(box(100, 80)), 0.1), box(110, 80, width=30, height=50))
    assert one[0, 0] - 100 > 1.5 * (one[0, 2] - 20) > 0


def test_an_unsure_place_is_believed_less():
    sure, unsure = (
        correct(ahead(begun(box(100, 80)), 0.1), box(110, 80), score)[0] for score in (0.9, 0.3)
    )
    assert sure[0] > unsure[0] > 100
    assert sure[8] < unsure[8]  # what the place may be wrong by
