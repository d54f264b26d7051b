"""The tracker's turn as compiled loops: what `edge.track.vectors` does, object by object.

`edge.track.engines` alone imports it, where numba is installed. Sums, products and comparisons
are those of `vectors` in the same order, so that both give the same bits.
"""
