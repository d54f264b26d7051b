"""On what a benchmark ran: machine, versions, revision; no host name, no path."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "fenceline",
    "av",
    "motpy",
    "norfair",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "scipy",
    "supervision",
    "trackers",
    "trackeval",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides how quick it is; `load` is the one-minute load average before the start."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    load: float

    @classmethod
    def here(cls) -> Machine:
        """This one, now."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return cls(
            processor=_processor(),
            cores=os.cpu_count() or 1,
            memory_gib=round(memory / 2**30, 1),
            system=f"{_distribution()}, {platform.machine()}",
            load=round(os.getloadavg()[0], 2),
        )


def versions() -> dict[str, str]:
    """Of Python and of the packages that matter and are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def held() -> tuple[float, int]:
    """What this process holds now: resident MiB, open files."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1  # less the listing's own
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, files


def revision() -> str:
    """The commit, with -dirty where the code that is measured differs from it."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    if not commit:
        return "unknown"
    changed = _git("status", "--porcelain", "--", ".", ":!benchmarks/results", ":!docs")
    return f"{commit}-dirty" if changed else commit


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _distribution() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name}, kernel {platform.release().partition('-')[0]}"
