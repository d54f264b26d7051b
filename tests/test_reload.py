"""A changed configuration is taken over if it is good and can be; else nothing changes."""

import os
import threading

import pytest
from structlog.testing import capture_logs

from edge.config import load
from edge.config_changes import needs_restart
from edge.reload import Reload
from tests.test_config import ENVIRONMENT, GOOD

LINE = "line: [[0.1, 0.7], [0.9, 0.7]]"
MOVED = GOOD.replace(LINE, "line: [[0.2, 0.7], [0.9, 0.7]]")
ZONE = "      - {type: zone, name: yard, polygon: [[0, 0], [1, 0], [1, 1]]}\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "site.yaml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def taken():
    return []


@pytest.fixture
def reload(site, taken):
    return Reload(load(site), taken.append)


def look(reload):
    """The first look sees a change, the second that it is over."""
    with capture_logs() as logs:
        for _ in range(3):
            reload.look()
    return [one["event"] for one in logs]


def test_an_unchanged_file_is_left_alone(reload, taken):
    assert look(reload) == []
    assert taken == []


def test_a_changed_file_is_taken_over_once(site, reload, taken):
    site.write_text(MOVED)
    assert look(reload) == ["configuration taken over"]
    assert look(reload) == []
    (loaded,) = taken
    assert loaded.settings.cameras[0].rules[0].line[0] == (0.2, 0.7)
    assert loaded.revision != load_revision(GOOD, site)


def load_revision(text, site):
    before = site.read_text()
    site.write_text(text)
    revision = load(site).revision
    site.write_text(before)
    return revision


def test_a_file_that_is_still_being_written_is_waited_for(site, reload, taken):
    for part in (GOOD[:40], GOOD[:90], MOVED):
        site.write_text(part)
        reload.look()
    assert taken == []
    reload.look()
    assert len(taken) == 1


def test_a_file_put_in_its_place_is_seen_whatever_its_age(site, reload, taken):
    before = site.stat()
    other = site.with_name("other.yaml")
    other.write_text(MOVED)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.rename(site)
    look(reload)
    assert len(taken) == 1


def test_a_bad_file_changes_nothing_and_says_what_is_wrong_and_where(site, reload, taken):
    site.write_text(GOOD.replace("type: tripwire", "type: wire"))
    assert look(reload) == ["the changed configuration is not taken over"]
    assert look(reload) == []
    assert taken == []
    assert f"{site}:6" in reload.failing


def test_a_file_that_is_gone_changes_nothing(site, reload, taken):
    site.unlink()
    look(reload)
    assert (taken, "can't be read" in reload.failing) == ([], True)


def test_a_file_that_is_good_again_is_no_trouble_any_more(site, reload, taken):
    site.write_text("site: [")
    look(reload)
    site.write_text(GOOD)
    look(reload)
    assert (taken, reload.failing) == ([], "")


def test_what_needs_a_restart_is_not_taken_over(site, reload, taken):
    site.write_text(MOVED.replace("192.0.2.10", "192.0.2.11"))
    look(reload)
    assert taken == []
    assert "cameras[gate].url" in reload.failing
    assert "restart" in reload.failing


def test_a_change_that_was_refused_does_not_keep_the_next_from_being_taken(site, reload, taken):
    site.write_text(GOOD.replace("site: quarry", "site: other"))
    look(reload)
    site.write_text(MOVED)
    look(reload)
    assert (len(taken), reload.failing) == (1, "")


def test_when_asked_the_file_is_read_at_once(site, reload, taken):
    site.write_text(MOVED)
    reload.look(asked=True)
    assert len(taken) == 1


def test_an_error_that_nobody_thought_of_is_told_and_the_next_file_taken(site, taken):
    def take_over(loaded):
        if not taken:
            taken.append(None)
            raise ArithmeticError("not for everybody")
        taken.append(loaded)

    reload = Reload(load(site), take_over)
    site.write_text(MOVED)
    reload._look(asked=True)
    assert "ArithmeticError" in reload.failing
    assert "everybody" not in reload.failing
    reload._look(asked=True)
    assert (len(taken), reload.failing) == (2, "")


@pytest.mark.parametrize(
    "more",
    [
        "holidays: [2026-02-30]",
        "schedules: 5",
        "schedules: {1: {daily: '19:00-06:00'}}",
        "serve: {grpc: {ca: ~nosuchuser/x.pem}}",
    ],
)
def test_what_can_not_be_understood_is_told_too(site, reload, taken, more):
    site.write_text(GOOD.replace("name: fence,", "name: fence, armed: [night],") + more + "\n")
    look(reload)
    assert taken == []
    assert f"{site}:" in reload.failing


def test_what_was_written_while_the_box_started_is_read(site, taken):
    loaded = load(site)
    site.write_text(MOVED)
    look(Reload(loaded, taken.append))
    assert len(taken) == 1


def test_the_thread_looks_when_it_is_asked_and_ends_when_it_is_stopped(site):
    read = threading.Event()
    reload = Reload(load(site), lambda _: read.set())
    reload.start()
    site.write_text(MOVED)
    reload.ask()
    assert read.wait(10)
    reload.stop()
    reload.join(10)
    assert not reload.is_alive()


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        (LINE, "line: [[0.3, 0.3], [0.9, 0.7]]", []),
        ("name: fence,", "name: fence, grade: red,", []),
        ("site: quarry", "site: quarry\ntimezone: Europe/Berlin", []),
        ("site: quarry", "site: quarry\nschedules: {night: {daily: '19:00-06:00'}}", []),
        ("name: gate", "name: door", ["cameras"]),
        ("site: quarry", "site: quarry\nmodel: picodet-s-320", ["model"]),
        ("    rules:", "    fps: 5\n    rules:", ["cameras[gate].fps"]),
    ],
)
def test_it_is_known_what_can_be_changed_while_the_box_runs(site, old, new, keys):
    before = load(site).settings
    site.write_text(GOOD.replace(old, new))
    assert needs_restart(before, load(site).settings) == keys
