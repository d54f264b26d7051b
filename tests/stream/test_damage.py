"""Recordings and streams with bits flipped, cut, spliced: nothing crashes, nothing hangs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stream.make_clip import write_clip

ROOT = Path(__file__).parents[2]
CASES, PROCESSES = 2400, 2
SOUND = {  # suffix -> codec and its options
    "avi": ("mpeg4", {}),
    "mp4": ("libx264", {"g": "10", "preset": "veryfast"}),
    "mkv": ("libx265", {"x265-params": "keyint=10:log-level=error", "preset": "ultrafast"}),
    "ts": ("libx264", {"g": "5", "preset": "veryfast"}),
    "h264": ("libx264", {"g": "5", "tune": "zerolatency", "preset": "veryfast"}),
    "webm": ("libvpx", {"deadline": "realtime"}),
    "mjpeg": ("mjpeg", {}),
}


@pytest.mark.slow
def test_damage_crashes_nothing_and_hangs_nothing(tmp_path):
    for suffix, (codec, options) in SOUND.items():
        write_clip(tmp_path / f"sound.{suffix}", codec=codec, options=options)
    share = CASES // PROCESSES
    command = [sys.executable, "-W", "ignore", "-m", "tests.stream.damage", str(tmp_path)]
    running = [
        subprocess.Popen(
            [*command, str(share * part), str(share)],
            cwd=ROOT,
            env=os.environ | {"AV_LOG_FORCE_NOCOLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for part in range(PROCESSES)
    ]
    ended = [(*one.communicate(timeout=250), one.returncode) for one in running]

    for out, error, code in ended:
        assert code == 0, error[-3000:]
        outcomes = json.loads(out)
        assert sum(outcomes.values()) == 2 * share  # as a recording and as a stream
        kinds = ("read", "refused", "live broken off", "live refused")
        assert min(outcomes.get(kind, 0) for kind in kinds) > share / 50, outcomes
