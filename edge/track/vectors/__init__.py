"""The tracker's turn in NumPy, over all tracks of all cameras of the turn at once.

It is the reference for `edge.track.compiled`, and takes its place where numba is missing.
"""
