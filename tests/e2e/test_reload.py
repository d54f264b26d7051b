"""The real service takes over a changed file while it runs, and a bad one not."""

import signal

import pytest

from edge.demo.rtsp import RtspServer
from edge.rpc import event_pb2 as pb
from edge.serve.client import subscribe
from tests.e2e.service import camera, running, write_site

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("model")]
LINE, MOVED = "[[0.729, 0.174], [0.729, 0.694]]", "[[0.7, 0.174], [0.7, 0.694]]"


def test_a_changed_file_is_taken_over_and_tracks_and_open_alerts_go_on(tmp_path, h264):
    with RtspServer({"road": h264}, fps=10) as server:
        config = write_site(tmp_path, camera("road", server.url("road"), update_s=1))
        with running(config, tmp_path / "log") as box:
            box.wait(lambda: box.status().open_alerts)
            before = box.status().config_revision
            config.write_text(config.read_text().replace(LINE, MOVED))
            box.process.send_signal(signal.SIGHUP)
            after = box.wait(lambda: (now := box.status().config_revision) != before and now)
            events = [*until_updated(box.target, after)]
            assert box.status().config_problem == ""
    raised = {event.alert_id: event for event in events if event.state == pb.STATE_RAISED}
    last = events[-1]
    assert raised[last.alert_id].config_revision == before
    assert raised[last.alert_id].object.track_id == last.object.track_id
    changed = [event for event in events if event.reason == "reconfigured"]
    assert {event.rule for event in changed} <= {"road"}
    assert [event.sequence for event in events] == [*range(1, len(events) + 1)]


def until_updated(target, revision):
    """All events up to one of the zone's, raised before, that goes on under this revision."""
    old = set()
    for answer in subscribe(target, after=0):
        if not answer.HasField("event"):
            continue
        event = answer.event
        yield event
        if event.config_revision != revision:
            old.add(event.alert_id)
        elif event.reason == "dwelling" and event.alert_id in old:
            return


def test_a_bad_file_changes_nothing_and_the_box_says_why(tmp_path, h264):
    with RtspServer({"road": h264}, fps=10) as server:
        config = write_site(tmp_path, camera("road", server.url("road")))
        good = config.read_text()
        with running(config, tmp_path / "log") as box:
            before = box.status().config_revision
            config.write_text(good.replace("type: tripwire", "type: wire"))
            told = box.wait(lambda: box.status().config_problem)
            assert "site.yaml:" in told
            assert "wire" in told
            assert box.status().config_revision == before
            config.write_text(good)
            box.wait(lambda: box.status().config_problem == "")
            assert box.status().config_revision == before
