"""The cells of a convolutional network: its input, divided by each of its strides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def span(size: tuple[int, int], stride: int) -> tuple[int, int]:
    """Rows and columns of cells of an input of (width, height); one that the edge cuts is one."""
    return -(-size[1] // stride), -(-size[0] // stride)


def cells(
    size: tuple[int, int], strides: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Column and row (n, 2), and stride (n, 1), of each cell of an input of (width, height).

    In the order of the strides, row by row; a cell that the edge cuts off is one too.
    """
    grids = [np.indices(span(size, stride))[::-1].reshape(2, -1).T for stride in strides]
    each = np.repeat(strides, [len(grid) for grid in grids])[:, None]
    return np.concatenate(grids).astype(np.float32), each.astype(np.float32)
