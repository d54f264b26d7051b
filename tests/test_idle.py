"""When key pictures are enough."""

from edge.idle import Idle


def night(at):
    """Armed from 1000 to 2000."""
    return 1000 <= at < 2000


def idle_at(now, *schedules):
    return Idle(schedules, lambda: now)()


def test_a_camera_without_rules_is_idle():
    assert idle_at(1500)


def test_an_armed_rule_needs_every_picture():
    assert not idle_at(1500, night)
    assert not idle_at(1500, lambda _: False, night)


def test_nothing_armed_is_idle():
    assert idle_at(100, night)


def test_it_ends_before_a_rule_is_armed_and_begins_after_it_was():
    assert not idle_at(930, night)
    assert not idle_at(2070, night)


def test_the_schedules_are_asked_once_a_second():
    asked, now = [], [0.0]
    idle = Idle([lambda at: bool(asked.append(at))], lambda: now[0])
    for tick in range(100):
        now[0] = tick / 50
        idle()

    assert len(asked) == 2 * 7
