"""Run one benchmark, or all; `docs` puts the saved results into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import alerts, decode
from benchmarks.report import RESULTS, ROOT, Result, SkipBenchmark, markdown, save, show

BENCHMARKS: dict[str, Callable[[], Result]] = {"alerts": alerts.run, "decode": decode.run}
DOCUMENT = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*BENCHMARKS, "all", "docs"])
    parser.add_argument("--check", action="store_true", help="exit 1 where a goal is missed")
    parser.add_argument("--out", type=Path, help="the JSON file; benchmarks/results/NAME.json")
    options = parser.parse_args(arguments)
    if options.name == "docs":
        quote(DOCUMENT, RESULTS)
        return 0
    names = list(BENCHMARKS) if options.name == "all" else [options.name]
    held = [_one(name, options.out or RESULTS / f"{name}.json") for name in names]
    return int(options.check and not all(held))


def quote(document: Path, results: Path) -> None:
    """Put each saved result between its markers in a Markdown file."""
    text = document.read_text()
    for path in sorted(results.glob("*.json")):
        table = markdown(json.loads(path.read_text()))
        block = f"<!-- {path.stem} -->\n{table}\n<!-- end {path.stem} -->"
        pattern = rf"<!-- {path.stem} -->.*?<!-- end {path.stem} -->"
        text = re.sub(pattern, block.replace("\\", "\\\\"), text, flags=re.DOTALL)
    document.write_text(text)


def _one(name: str, out: Path) -> bool:
    """Run, print, save; whether every goal is held. A benchmark that can't run holds."""
    try:
        result = BENCHMARKS[name]()
    except SkipBenchmark as reason:
        print(f"{name}: skipped, {reason}")
        return True
    show(result)
    save(result, out)
    return all(goal.held for goal in result.goals)


if __name__ == "__main__":
    sys.exit(main())
