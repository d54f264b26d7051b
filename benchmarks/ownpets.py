"""PETS09-S2L1 as the service's own detector and attention see it, for trackers to be scored on."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import pets, service
from benchmarks.courses import Course
from benchmarks.sequences import MotSequence, only, read_truth
from benchmarks.sources import Named
from edge.app import detector_for
from edge.cameras import gaze_for, lane_for, sight_for
from edge.config import Loaded
from edge.replay import stepped
from edge.stream import source_for
from edge.types import CLASSES, Detections

NAMES = {1: "PETS, our detector", 3: "PETS, our detector, every third frame"}


def course(every: int) -> Course:
    """People as they were found in every n-th frame; raises SkipBenchmark without the dataset.

    Where is looked follows from who is tracked: our tracker had its say in what is found.
    """
    scene = pets.load()
    frames = np.arange(1, pets.FRAMES + 1, every)
    truth = only(read_truth(scene.ground_truth, pets.SEQUENCE), frames)
    with tempfile.TemporaryDirectory() as name:
        found = _found(scene, service.site(scene, Path(name)), every)
    sequence = MotSequence(replace(truth, name=pets.SEQUENCE), found, pets.FPS, every)
    return Course(NAMES[every], [sequence])


def _found(scene: pets.Pets, loaded: Loaded, every: int) -> list[Detections]:
    settings = loaded.settings
    detector = detector_for(settings)
    gaze, sight = gaze_for(settings, detector), sight_for(settings, detector)
    pipeline = lane_for(settings.cameras[0], settings).pipeline
    recording = source_for(
        service.CAMERA, str(scene.clip), realtime=False, frame_rate=pets.FPS, start=0.0
    )
    people = []
    for frame in Named(service.CAMERA, recording, every=every).frames(0):
        _, objects, _ = stepped(frame, gaze, sight, pipeline)
        people.append(objects[objects.class_id == CLASSES["person"]])
    return people
