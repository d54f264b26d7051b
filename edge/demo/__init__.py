"""The demo: the real service on a real video, its alerts arriving at a real command centre."""
