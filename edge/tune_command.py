"""`fenceline tune`: values of a rule's settings tried on labelled clips."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from edge.app import detector_for
from edge.cameras import lane_for, rules_for
from edge.config import Loaded, load
from edge.detect import Detector
from edge.errors import ConfigError
from edge.labels import Clip, labelled
from edge.replay import recording_of, steps
from edge.rules import RULES
from edge.settings_rules import Rule
from edge.tries import space_of
from edge.tune import Result, Watched, best_first, results
from edge.variants import Aside, said

SHOWN = 20  # rows of the table
NUMBERS = ("P", "R", "F1", "right", "false", "missed", "false/h", "delay s", "p95 s")
WIDE = 240  # characters: a table that is cut off tells nothing
FEWEST_CLIPS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be tried, and on what."""

    rule: str
    tries: tuple[str, ...]  # NAME=VALUE,VALUE,...
    holdout: tuple[str, ...] = ()  # clips that choose nothing
    tolerance_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """What was found; best first."""

    asked: Asked
    clips: Sequence[str]
    found: Sequence[Result]
    held: Sequence[Result]  # the same rows on the clips that were held out; none without any
    notes: Sequence[str]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        rows = [one.plain() for one in self.found]
        for row, held in zip(rows, self.held, strict=False):
            row["holdout"] = held.plain()
        return {
            "rule": self.asked.rule,
            "tolerance_s": self.asked.tolerance_s,
            "clips": list(self.clips),
            "holdout": list(self.asked.holdout),
            "combinations": rows,
            "notes": list(self.notes),
        }


def tune(config: Path, clips: Path, asked: Asked, *, as_json: bool) -> None:
    """Print the combinations, best first; raises FencelineError."""
    loaded = load(config)
    report = tuned(loaded, labelled(clips, loaded, asked.rule), asked)
    if as_json:
        print(json.dumps(report.plain(), indent=2))  # noqa: T201 - this is the command's output
    else:
        _show(report, Console(highlight=False, width=WIDE))


def tuned(loaded: Loaded, clips: Sequence[Clip], asked: Asked) -> Report:
    """Watch each clip once, with all combinations side by side; raises FencelineError."""
    kept, held = _divided(clips, asked)
    space = space_of(clips, asked.tries)
    detector = detector_for(loaded.settings)
    watched, others = (
        [_watched(clip, space.rules[clip.camera.name], loaded, detector) for clip in some]
        for some in (kept, held)
    )
    now, tolerance_s = space.now, asked.tolerance_s
    found = results(watched, space.values, now=now, tolerance_s=tolerance_s)
    elsewhere = results(others, space.values, now=now, tolerance_s=tolerance_s)
    order = best_first(found)
    return Report(
        asked,
        [clip.name for clip in kept],
        [found[row] for row in order],
        [elsewhere[row] for row in order] if others else [],
        [*_notes(kept, held)],
    )


def _divided(clips: Sequence[Clip], asked: Asked) -> tuple[list[Clip], list[Clip]]:
    """Those that choose, and those that are held out; raises ConfigError."""
    if not 0 <= asked.tolerance_s < math.inf:
        raise ConfigError(f"--tolerance {asked.tolerance_s:g} makes no sense", "give seconds")
    if clips[0].rule.type not in RULES:
        what = f"rule '{asked.rule}' is of type {clips[0].rule.type}, which no clip can show"
        raise ConfigError(what, "choose a rule about what is seen")
    for name in asked.holdout:
        if all(name not in (clip.name, clip.path.name) for clip in clips):
            known = ", ".join(clip.name for clip in clips)
            raise ConfigError(f"--holdout {name}: no such labelled clip", f"choose from {known}")
    held = [clip for clip in clips if {clip.name, clip.path.name} & {*asked.holdout}]
    kept = [clip for clip in clips if clip not in held]
    if not kept:
        raise ConfigError("every clip is held out", "leave one or more to tune on")
    return kept, held


def _watched(clip: Clip, rules: Sequence[Rule], loaded: Loaded, detector: Detector) -> Watched:
    """The clip through the camera's own masks, detector and tracker, and all these rules."""
    many = clip.camera.model_copy(update={"rules": tuple(rules)})
    aside = Aside(rules_for(many, loaded.settings))
    bare = clip.camera.model_copy(update={"rules": (), "image_health": None})
    lane = lane_for(bare, loaded.settings, beside=[aside])
    source = recording_of(clip.camera, clip.path)
    seen = steps(source, loaded.settings, detector=detector, lane=lane)
    times = [step.scene.frame.pts for step in seen]
    seconds = times[-1] - times[0]
    done = f"{clip.name}: {seconds:.1f} s, {len(clip.truth)} events"
    Console(stderr=True, highlight=False, soft_wrap=True).print(done, markup=False)
    return Watched(clip.name, seconds, clip.truth, aside.raised)


def _notes(kept: Sequence[Clip], held: Sequence[Clip]) -> list[str]:
    """What is to be known of the numbers."""
    notes = ["The best was chosen on these clips: expect less of it elsewhere."]
    if not held:
        notes.append("Hold a clip out of it (--holdout CLIP) to see what the best is worth there.")
    if len(kept) < FEWEST_CLIPS:
        notes.append("One clip says little: label two or more, by day and by night.")
    if not any(clip.truth for clip in kept):
        notes.append("Nothing is labelled for this rule: only false alarms were counted.")
    return notes


def _show(report: Report, console: Console) -> None:
    asked, hours = report.asked, report.found[0].hours
    clips = "1 clip" if len(report.clips) == 1 else f"{len(report.clips)} clips"
    count = f"{len(report.found)} combinations on {clips}, {60 * hours:.1f} minutes"
    console.print(
        f"{asked.rule}: {count}; an alert may be {asked.tolerance_s:g} s off", markup=False
    )
    console.print(_table(report.found[:SHOWN]))
    if len(report.found) > SHOWN:
        console.print(f"{len(report.found) - SHOWN} more; --json shows all", markup=False)
    if report.held:
        now = next(row for row, one in enumerate(report.found) if one.now)
        console.print(f"on what was held out ({', '.join(asked.holdout)}):", markup=False)
        console.print(_table([report.held[row] for row in dict.fromkeys((0, now))]))
    for note in report.notes:
        console.print(note, markup=False)


def _table(found: Sequence[Result]) -> Table:
    names = [*found[0].values]
    table = Table(box=None, padding=(0, 1))
    for name in (*names, *NUMBERS, ""):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        score, delays = one.score, [one.score.delay(0.5), one.score.delay(0.95)]
        table.add_row(
            *(said(one.values[name]) for name in names),
            *(f"{part:.3f}" for part in (score.precision, score.recall, score.f1)),
            *map(str, (score.hits, score.false, score.missed)),
            f"{one.false_per_hour:.1f}",
            *("-" if delay is None else f"{delay:.2f}" for delay in delays),
            "as configured" if one.now else "",
        )
    return table
