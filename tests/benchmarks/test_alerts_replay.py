"""Boxes to alerts without pictures: our tracker, or another one, and our rules."""

import numpy as np
import pytest

from benchmarks.alerts_replay import LOST_S, alerts, ours, peers_of
from edge.scoring import score
from tests.benchmarks.make_guarded import guarded


class Numbered:
    """Calls the first box 0, the second 1, ..."""

    def given(self, found):
        return found.xyxy

    def update(self, given, pts):
        return given

    def told(self, answer):
        return np.arange(len(answer)), answer


def counting(one):
    return sum(event.counts for event in one.events)


def test_true_boxes_lead_to_what_happens(tmp_path):
    one = guarded(tmp_path)
    said = alerts(one, ours(one.sequence))
    found = score(said, one.events)
    assert {event.rule[0] for event in one.events} == {"x", "c"}
    assert (found.hits, found.false, found.missed) == (counting(one), 0, 0)


def test_another_tracker_s_tracks_are_watched_by_the_same_rules(tmp_path):
    one = guarded(tmp_path)
    told = peers_of(lambda _: Numbered())(one.sequence)
    assert told[0].id.tolist() == [1, 2]
    found = score(alerts(one, told), one.events)
    assert (found.hits, found.false) == (counting(one), 0)


def test_a_track_that_a_peer_says_nothing_more_of_has_ended_once(tmp_path):
    one = guarded(tmp_path, frames=60, people=1)
    found = [seen if index < 10 else seen[:0] for index, seen in enumerate(one.sequence.found)]
    object.__setattr__(one.sequence, "found", found)
    told = peers_of(lambda _: Numbered())(one.sequence)
    ended = [(index, track) for index, each in enumerate(told) for track in each.ended.tolist()]
    ((index, track),) = ended
    assert track == 1
    assert one.sequence.times[index] == pytest.approx(0.9 + LOST_S + 0.1)


def test_a_sequence_lasts_as_long_as_its_frames(tmp_path):
    assert guarded(tmp_path, frames=60, fps=10).hours == pytest.approx(6 / 3600)
