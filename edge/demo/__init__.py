"""The demo: the real service on a real video, its alerts arriving at a real command centre."""

from __future__ import annotations

from edge.demo.run import run_demo

__all__ = ["run_demo"]
