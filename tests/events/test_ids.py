"""Identities: UUIDv7 as RFC 9562 lays it out."""

import uuid

from edge.events.ids import Uuid7, replay_ids, uuid7


def check_layout(text, milliseconds):
    made = uuid.UUID(text)
    assert str(made) == text
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == milliseconds


def test_the_layout_is_that_of_the_rfc():
    # The example of RFC 9562, appendix A.6: Tuesday, February 22, 2022 2:22:22.00 PM GMT-05:00.
    check_layout(uuid7(1645557742.0), 0x017F22E279B0)
    check_layout(replay_ids("seed")(1645557742.0), 0x017F22E279B0)
    check_layout(uuid7(0.0), 0)


def test_random_ids_of_one_moment_differ():
    assert len({uuid7(1_700_000_000.0) for _ in range(1000)}) == 1000


def test_later_ids_sort_behind_earlier_ones():
    times = [1_700_000_000 + n / 1000 for n in range(100)]
    assert [uuid7(time)[:13] for time in times] == sorted({uuid7(time)[:13] for time in times})


def test_a_replay_has_the_same_ids_each_time_and_none_twice():
    one, two, other = replay_ids("r1"), replay_ids("r1"), replay_ids("r2")
    ids = [one(5.0) for _ in range(100)]
    assert [two(5.0) for _ in range(100)] == ids
    assert len(set(ids)) == 100
    assert not {other(5.0) for _ in range(100)} & set(ids)


def test_ids_of_one_thread_are_unlike_each_other_and_in_order_of_time():
    made = Uuid7()
    found = [made(1_700_000_000.0 + second) for second in range(200)]
    assert len(set(found)) == 200
    assert found == sorted(found)
    parsed = [uuid.UUID(one) for one in found]
    assert {one.version for one in parsed} == {7}
    assert {one.variant for one in parsed} == {uuid.RFC_4122}
    assert [str(one) for one in parsed] == found
