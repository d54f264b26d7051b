"""What is on the sheets of a replay: rules, who is there, and which alerts are open."""

from dataclasses import replace

import numpy as np

from edge.artist import ROWS, TRAIL_S, Artist
from edge.pipeline import Step
from edge.settings import Camera
from edge.sketch import COLOURS, WHITE
from edge.types import Event, Gap, Grade, Kind, PathPoint, Scene, Sighting, State
from tests.make import frame, tracks

FENCE = {"type": "tripwire", "name": "fence", "line": [[0.5, 1], [0.5, 0]], "grade": "red"}
YARD = {"type": "zone", "name": "yard", "polygon": [[0, 0], [1, 0], [1, 1]], "grade": "blue"}
RED, BLUE = COLOURS[Grade.RED], COLOURS[Grade.BLUE]


def artist():
    return Artist(Camera.model_validate({"name": "gate", "url": "a.mp4", "rules": [FENCE, YARD]}))


def step(index, feet, *events, **more):
    seen = tracks(feet, **more)
    return Step([*events], Scene(frame(index), seen, np.zeros((0, 4), np.float32)))


def alert(track, state=State.RAISED, *, rule="fence", **more):
    seen = None if track is None else Sighting(track, 0, 0.9, (0.4, 0.3, 0.5, 0.7), (0.45, 0.7))
    return Event(
        Kind.TRIPWIRE, "gate", rule, state, f"{track}/1", "crossed", 0.0, 0.0, seen, **more
    )


def figures(sheet):
    return {figure.name: figure for figure in sheet.figures}


def test_the_page_of_an_alert_has_its_own_rule_only():
    one, now = artist(), step(0, {7: (90, 70)})
    (outline,) = one.page(alert(7), now.scene, []).outlines
    assert (outline.name, outline.colour, outline.shape.direction) == ("fence", RED, "both")


def test_the_steps_of_a_sequence_are_numbered():
    steps = [{"line": [[0, 0.5], [1, 0.5]]}, {"polygon": YARD["polygon"]}]
    both = {"type": "sequence", "name": "both", "steps": steps}
    one = Artist(Camera.model_validate({"name": "gate", "url": "a.mp4", "rules": [both]}))
    assert [o.name for o in one.shot(step(0, {}).scene).outlines] == ["both 1", "both 2"]


def test_the_page_of_an_alert_tells_how_its_track_came_and_the_others_are_small():
    one, now = artist(), step(0, {7: (90, 70), 8: (20, 50)})
    path, gaps = (PathPoint(0.1, 0.7, 0.0), PathPoint(0.4, 0.7, 2.0)), (Gap(0.5, 1.5),)
    drawn = figures(one.page(alert(7, path=path, gaps=gaps), now.scene, ["why"]))
    assert (drawn["person 7"].path, drawn["person 7"].gaps) == (path, gaps)
    assert (drawn["person 7"].bold, drawn["person 7"].colour) == (True, RED)
    assert (drawn["person 8"].bold, [*drawn["person 8"].path]) == (False, [])


def test_an_alert_about_nobody_has_a_page_with_everybody():
    one, now = artist(), step(0, {7: (90, 70)})
    sheet = one.page(alert(None, rule="image-health"), now.scene, ["dark"])
    assert [*figures(sheet)] == ["person 7"]
    assert not sheet.outlines


def test_a_thing_that_nobody_tracks_is_shown_while_its_alert_is_open():
    one, thing = artist(), Sighting(0, None, 0.0, (0.4, 0.3, 0.5, 0.7), (0.45, 0.7))
    left = replace(alert(None, rule="yard"), sighting=thing)
    one.see(now := step(0, {7: (90, 70)}, left))
    for sheet in (one.page(left, now.scene, []), one.shot(now.scene)):
        drawn = figures(sheet)
        assert {*drawn} == {"person 7", "object"}
        assert (drawn["object"].box, drawn["object"].colour) == (thing.box, BLUE)
    one.see(now := step(1, {7: (90, 70)}, replace(left, state=State.CLEARED)))
    assert [*figures(one.shot(now.scene))] == ["person 7"]


def test_in_a_film_whoever_an_open_alert_is_about_has_its_colour():
    one = artist()
    one.see(now := step(0, {7: (90, 70), 8: (20, 50)}, alert(7)))
    drawn = figures(one.shot(now.scene))
    assert (drawn["person 7"].colour, drawn["person 7"].bold) == (RED, True)
    assert (drawn["person 8"].colour, drawn["person 8"].bold) == (WHITE, False)
    one.see(now := step(1, {7: (90, 70)}, alert(7, State.CLEARED)))
    assert not figures(one.shot(now.scene))["person 7"].bold


def test_a_film_shows_all_rules_and_the_time():
    one = artist()
    one.see(now := step(12, {}))
    sheet = one.shot(now.scene)
    assert [outline.name for outline in sheet.outlines] == ["fence", "yard"]
    assert (sheet.text, sheet.rows) == (["1.20 s"], ROWS)


def test_a_film_counts_the_alerts_that_it_has_no_line_for():
    one = artist()
    one.see(now := step(0, {}, *map(alert, range(1, 9))))
    text = one.shot(now.scene).text
    assert len(text) == ROWS
    assert text[1].startswith("0.00 s  fence: raised, crossed; person, track 8")
    assert text[-1] == "and 6 more open alerts"


def test_the_way_behind_somebody_is_of_the_last_seconds_only_and_gone_with_him():
    one = artist()
    for index in range(100):
        one.see(now := step(index, {7: (index, 70)}))
    path = figures(one.shot(now.scene))["person 7"].path
    assert path[-1].pts - path[0].pts == TRAIL_S
    one.see(step(100, {}, ended=[7]))
    one.see(now := step(101, {7: (90, 70)}))
    assert len(figures(one.shot(now.scene))["person 7"].path) == 1


def test_a_way_that_was_not_seen_is_a_gap():
    one = artist()
    for index in (0, 1, 12, 13):
        one.see(now := step(index, {7: (index, 70)}))
    assert figures(one.shot(now.scene))["person 7"].gaps == [Gap(0.1, 1.2)]


def test_an_alert_goes_on_with_whoever_was_taken_for_another():
    one = artist()
    one.see(step(0, {7: (90, 70)}, alert(7)))
    later = step(1, {7: (20, 50), 9: (95, 70)})
    later.scene.tracks.split[7] = 9
    one.see(later)
    drawn = figures(one.shot(later.scene))
    assert (drawn["person 9"].bold, drawn["person 7"].bold) == (True, False)
    assert [len(drawn[name].path) for name in ("person 9", "person 7")] == [2, 1]
