"""`python -m benchmarks` lists the benchmarks, `python -m benchmarks NAME` runs one."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog
from rich.console import Console

from benchmarks import (
    alerts,
    decode,
    delivery,
    detect,
    imagehealth,
    ingest,
    regions,
    rules,
    soak,
    storms,
    throughput,
    track,
)
from benchmarks.machine import ROOT, Machine
from benchmarks.report import quoted, save, show
from benchmarks.result import SkipBenchmark
from edge.errors import FencelineError

BENCHMARKS = {
    "alerts": alerts,
    "decode": decode,
    "delivery": delivery,
    "detect": detect,
    "imagehealth": imagehealth,
    "ingest": ingest,
    "regions": regions,
    "rules": rules,
    "soak": soak,
    "storms": storms,
    "throughput": throughput,
    "track": track,
}
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
WIDTH = 150  # where there is no terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked for; returns the exit code.

    1 where a goal was missed (with --check), a benchmark failed or the page is out of date.
    What can't run here is skipped with its reason, and misses nothing.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.data is not None and options.name != "track":
        parser.error("--data is for `track`")
    if options.name is None:
        for name, module in BENCHMARKS.items():
            print(f"{name:12} {(module.__doc__ or '').splitlines()[0]}")
        return 0
    if options.name == "docs":
        return _docs(check=options.check)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    names = list(BENCHMARKS) if options.name == "all" else [options.name]
    codes = [_run(name, options) for name in names]
    return max(codes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "name",
        nargs="?",
        choices=[*BENCHMARKS, "all", "docs"],
        help="`all` runs every one; `docs` puts the saved results into docs/benchmarks.md",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="exit 1 where a goal is missed (docs: where the page is out of date)",
    )
    parser.add_argument("--out", type=Path, help="JSON file (`all`: folder) for the results")
    parser.add_argument(
        "--quick", action="store_true", help="one round; the results are saved only with --out"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="track: your own sequences in MOTChallenge's layout; saved only with --out",
    )
    return parser


def _run(name: str, options: argparse.Namespace) -> int:
    machine, console = Machine.here(), Console(width=None if sys.stdout.isatty() else WIDTH)
    try:
        data = {} if options.data is None else {"data": options.data}
        result = BENCHMARKS[name].run(quick=options.quick, **data)
    except SkipBenchmark as reason:
        print(f"{name}: skipped: {reason}")
        return 0
    except FencelineError as error:
        print(f"{name}: failed: {error}", file=sys.stderr)
        return 1
    document = result.document(machine)
    show(document, console)
    out = _out(name, options)
    if out is not None:
        save(document, out)
    return int(options.check and not all(goal.held for goal in result.goals))


def _out(name: str, options: argparse.Namespace) -> Path | None:
    if options.out is None:
        return None if options.quick or options.data else RESULTS / f"{name}.json"
    out: Path = options.out
    return out / f"{name}.json" if options.name == "all" else out


def _docs(*, check: bool) -> int:
    documents = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    page = PAGE.read_text()
    try:
        fresh = quoted(page, documents)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if check and fresh != page:
        print(f"{PAGE.name} is out of date; run `python -m benchmarks docs`", file=sys.stderr)
        return 1
    PAGE.write_text(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
