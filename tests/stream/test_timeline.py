import numpy as np
import pytest

from edge.stream.timeline import LEAD_S, Gate, Playback, Timeline


def pts_of(times, *, interval=0.1):
    """What a timeline says of pairs (stream time, arrival)."""
    timeline = Timeline(interval)
    return [timeline.advance(stream, now) for stream, now in times]


def test_pts_follows_the_stream_not_the_jitter_of_arrival():
    assert np.allclose(pts_of([(5.0, 0), (5.1, 0.3), (5.2, 0.31), (5.3, 0.32)]), [0, 0.1, 0.2, 0.3])


def test_a_first_picture_without_a_timestamp_is_one_interval_early():
    assert np.allclose(pts_of([(None, 0), (0.1, 0.01), (0.2, 0.02)]), [0, 0.1, 0.2])


def test_a_stream_without_timestamps_has_those_of_arrival():
    assert np.allclose(pts_of([(None, 3.0), (None, 3.1), (None, 3.4)]), [0, 0.1, 0.4])


@pytest.mark.parametrize("jump", [-1000.0, 1000.0])
def test_a_clock_that_jumps_moves_pts_by_what_really_passed(jump):
    pts = pts_of([(5.0, 0), (5.1, 0.1), (5.2 + jump, 0.2), (5.3 + jump, 0.3)])

    assert np.allclose(pts, [0, 0.1, 0.2, 0.3])


def test_pts_rises_where_the_stream_stands_still():
    pts = pts_of([(5.0, index / 10) for index in range(20)])

    assert np.allclose(pts, np.arange(20) / 10)


def test_a_clock_that_runs_too_fast_can_only_lead_a_little():
    pts = pts_of([(float(index), index / 10) for index in range(200)])

    assert np.all(np.diff(pts) > 0)
    assert pts[-1] <= 19.9 + LEAD_S + 1


def test_a_silence_counts_in_full():
    assert np.allclose(pts_of([(0.0, 0), (0.1, 0.1), (None, 3.1), (3.2, 3.2)]), [0, 0.1, 3.1, 3.2])


def taken(fps, stream_fps, *, seconds=10, jitter=0.0):
    gate, noise = Gate(fps), np.random.default_rng(0)
    times = np.arange(int(seconds * stream_fps)) / stream_fps
    times = times + noise.uniform(-jitter, jitter, len(times))
    return [pts for pts in times if gate.lets(pts)]


@pytest.mark.parametrize("stream_fps", [12, 15, 25, 29.97, 60])
def test_a_fast_stream_is_thinned_to_the_cap_evenly(stream_fps):
    pts = taken(10, stream_fps)

    assert abs(len(pts) - 100) <= 3
    assert np.diff(pts).max() < 0.2


@pytest.mark.parametrize("stream_fps", [1, 5, 10])
def test_a_slow_stream_loses_nothing(stream_fps):
    assert len(taken(10, stream_fps, jitter=0.01)) == 10 * stream_fps


def test_after_a_gap_no_burst_is_let_through():
    gate = Gate(10)
    gate.lets(0.0)

    assert sum(gate.lets(100 + index / 100) for index in range(10)) <= 2


def test_a_repetition_follows_by_one_interval():
    playback = Playback()
    pts = []
    for _ in range(2):
        playback.begin(0.5)
        pts += [playback.advance(time) for time in (3.0, 3.5, 4.0)]

    assert pts == [0, 0.5, 1.0, 1.5, 2.0, 2.5]


def test_a_recordings_missing_or_repeated_timestamps_are_filled_in():
    playback = Playback()
    playback.begin(0.5)

    assert [playback.advance(time) for time in (0.0, None, 0.5, 2.0)] == [0, 0.5, 1.0, 2.0]
