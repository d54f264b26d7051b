import itertools

from edge.stream.backoff import FIRST_S, MOST_S, Backoff


def test_pauses_double_up_to_the_most():
    backoff = Backoff()

    pauses = [backoff.after(0) for _ in range(12)]

    assert 0.8 * FIRST_S <= pauses[0] <= 1.2 * FIRST_S
    assert all(later > 1.3 * sooner for sooner, later in itertools.pairwise(pauses[:6]))
    assert 0.8 * MOST_S <= pauses[-1] <= MOST_S


def test_a_session_longer_than_its_pause_starts_anew():
    backoff = Backoff()
    for _ in range(6):
        backoff.after(0)

    assert backoff.after(3600) <= 1.2 * FIRST_S


def test_a_flapping_camera_does_not_start_anew():
    backoff = Backoff()

    pauses = [backoff.after(0.1) for _ in range(6)]

    assert pauses[-1] > 10 * FIRST_S


def test_a_refusal_waits_longest_and_leaves_the_rest_as_it_was():
    backoff = Backoff()

    assert backoff.after(0, refused=True) >= 0.8 * MOST_S
    assert backoff.after(0) <= 1.2 * FIRST_S


def test_many_cameras_do_not_come_back_at_once():
    assert len({Backoff().after(0) for _ in range(20)}) > 1
