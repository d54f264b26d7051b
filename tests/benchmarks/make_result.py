"""Builders: the smallest results and documents."""

from benchmarks.machine import Machine
from benchmarks.result import Column, Goal, Result

MACHINE = Machine("Some CPU", 2, 3.9, "Some Linux", 0.5)


def result(name="speed", *, goals=(), rows=({"path": "ours", "ms": 1.25},), **more):
    columns = (Column("path", ["path"]), Column("ms", ["ms"], digits=1))
    return Result(name, "How quick?", columns, rows=list(rows), goals=list(goals), **more)


def goal(value=1.0, *, against=1.0, at_least=True):
    return Goal("cost", value, against, at_least)


def document(name="speed", **more):
    return result(name, **more).document(MACHINE)
