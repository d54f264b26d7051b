"""Requests that are repeated."""

import pytest

from edge.errors import RefusalError
from edge.once import Once


def test_a_request_is_answered_once():
    once = Once()
    assert once.answer("r1", "do it") is None
    once.keep("r1", "do it", "done")
    assert once.answer("r1", "do it") == "done"
    with pytest.raises(RefusalError):
        once.answer("r1", "do something else")


def test_without_an_id_each_is_new():
    once = Once()
    once.keep("", "do it", "done")
    assert once.answer("", "do it") is None


def test_the_oldest_are_forgotten():
    once = Once(most=3)
    for number in range(5):
        once.keep(f"r{number}", "x", number)
    assert [once.answer(f"r{number}", "x") for number in range(5)] == [None, None, 2, 3, 4]
