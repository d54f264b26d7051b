"""A box in memory that serves gRPC, and a channel to it; whoever needs another has his own."""

import pytest

from tests.serve.make_serve import MemoryLog, connected, serving


@pytest.fixture
def log():
    return MemoryLog()


@pytest.fixture
def box(log):
    with serving(log) as made:
        yield made


@pytest.fixture
def channel(box):
    with connected(box) as made:
        yield made
