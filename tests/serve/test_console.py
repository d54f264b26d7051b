"""The console in a real browser: what an operator sees, and what the page never does."""

import re
from concurrent.futures import Future
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from edge.errors import Refusal, RefusalError
from edge.metrics import Metrics
from edge.orders import Acknowledgement
from edge.rpc import event_pb2 as pb
from edge.serve.http import http_app
from edge.status import CameraState
from tests.serve.make_box import (
    PERSON,
    FakeBox,
    FakeLog,
    FakeShelf,
    alert,
    camera,
    of_the_box,
    scene,
    status,
    with_evidence,
    with_more,
)
from tests.serve.make_browser import chromium, visit
from tests.serve.make_client import serving

expect.set_options(timeout=15_000)

NASTY = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def box():
    return FakeBox(scenes={"gate": scene(7), "yard": scene(3, camera="yard", people=())})


@pytest.fixture
def log(tmp_path):
    shelf = FakeShelf(tmp_path)
    shelf.put("e1", scene())
    cleared = {"state": "CLEARED", "reason": "track_ended"}
    return FakeLog(
        [
            alert(12, grade="YELLOW", age_s=200, **cleared),
            with_evidence(alert(11)),
            alert(10, kind="ZONE", grade="BLUE", age_s=90_000, **cleared),
        ]
    )


@pytest.fixture
def address(box, log, tmp_path):
    with serving(http_app(box, log, FakeShelf(tmp_path), metrics=Metrics())) as address:
        yield address


def card(page, name):
    return page.locator(f'.card[data-camera="{name}"]')


def loaded(image):
    expect(image).to_be_visible()
    return image.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }")


def test_each_camera_shows_its_picture_and_how_it_is(browser, address):
    with visit(browser, address) as looking:
        for name in ("gate", "yard"):
            here = card(looking.page, name)
            assert loaded(here.locator(".stage img")) == 640
            expect(here.locator(".badge")).to_have_text("streaming")
            expect(here.locator('[data-value="age"]')).to_have_text("0.2 s ago")
            expect(here.locator('[data-value="dropped"]')).to_have_text("3")


def test_the_site_the_box_and_its_readiness_are_told(browser, address):
    with visit(browser, address) as looking:
        page = looking.page
        expect(page.locator("h1")).to_have_text("quarry-north")
        expect(page.locator("#box")).to_have_text("box-1a2b3c4d")
        expect(page.locator("#readiness")).to_have_text("Ready")
        expect(page.locator("#not-ready")).to_be_hidden()
        expect(page).to_have_title("(1) quarry-north - Fenceline")


def test_rules_are_drawn_with_their_names(browser, address):
    with visit(browser, address) as looking:
        gate = card(looking.page, "gate")
        expect(gate.locator(".tripwire.red[data-rule=fence] .over")).to_have_count(2)
        expect(gate.locator('.zone.blue[data-rule="yard"] polygon.over')).to_have_count(1)
        assert {"fence", "yard"} <= set(gate.locator(".label text").all_text_contents())


def test_the_arrow_of_an_inward_line_points_to_its_right_hand(browser, address):
    with visit(browser, address) as looking:
        fence = card(looking.page, "gate").locator('[data-rule="fence"]')
        expect(fence.locator(".arrow")).to_have_count(1)
        line = fence.locator("> polyline.over").bounding_box()
        head = fence.locator('.arrow[data-direction="inward"] .head').bounding_box()
        assert head["y"] > line["y"] + line["height"] / 2 + 10  # the line goes from left to right


def test_boxes_lie_where_the_objects_are(browser, address):
    with visit(browser, address) as looking:
        gate = card(looking.page, "gate")
        person = gate.locator('.box[data-class="person"]')
        expect(person.locator("text")).to_have_text("person 87%")
        drawn, stage = (
            part.bounding_box() for part in (person.locator("> rect"), gate.locator(".stage"))
        )
        scale = stage["width"] / 640
        assert drawn["x"] - stage["x"] == pytest.approx(PERSON[0] * scale, abs=2)
        assert drawn["y"] - stage["y"] == pytest.approx(PERSON[1] * scale, abs=2)


def test_a_new_picture_comes_with_its_own_boxes(browser, address, box):
    with visit(browser, address) as looking:
        gate = card(looking.page, "gate")
        expect(gate.locator('.stage[data-frame="0-7"] .box')).to_have_count(1)
        box.scenes["gate"] = scene(8, people=(PERSON, (100.0, 200.0, 140.0, 300.0)))
        expect(gate.locator('.stage[data-frame="0-8"] .box')).to_have_count(2)
        assert gate.locator(".stage img").get_attribute("src").endswith("?frame=0-8")


def test_a_picture_is_shown_once_and_only_while_it_is_in_view(browser, address):
    with visit(browser, address, width=360, height=420) as looking:
        picture = card(looking.page, "gate").locator(".stage img")
        picture.evaluate("(image) => { image.dataset.first = 'yes'; }")
        looking.asks("gate/boxes", times=4)
        assert looking.asked("gate/picture.jpg") == 1
        assert picture.get_attribute("data-first") == "yes"
        assert looking.asked("yard/") == 0
        card(looking.page, "yard").scroll_into_view_if_needed()
        expect(card(looking.page, "yard").locator(".stage img")).to_be_visible()


def test_open_alerts_are_on_top_and_tell_what_happened(browser, address):
    with visit(browser, address) as looking:
        page = looking.page
        expect(page.locator("#open-count")).to_have_text("1")
        first = page.locator("#open-alerts .alert")
        expect(first.locator(".grade")).to_have_text("red")
        expect(first.locator(".where")).to_have_text("gate / fence")
        expect(first.locator(".said")).to_have_text("person crossed inward")
        expect(first.locator(".reason")).to_have_text("raised: crossed")
        expect(first.locator(".ago")).to_have_text(re.compile(r"^\(\d+ s ago\)$"))
        assert loaded(first.locator(".thumb img")) == 640
        past = page.locator("#past-alerts .alert")
        expect(past).to_have_count(2)
        expect(past.nth(1).locator(".said")).to_have_text("person in zone for 34 s")
        expect(past.nth(1).locator(".reason")).to_have_text("cleared: track ended")


def test_a_new_alert_appears_is_read_out_and_marks_its_camera(browser, address, box, log):
    log.events, box.now = [], status(last_sequence=0, open_alerts=0)
    with visit(browser, address) as looking:
        page = looking.page
        expect(page.locator("#no-open")).to_be_visible()
        log.events, box.now = [alert(1, camera="yard", rule="yard", kind="ZONE")], status()
        expect(page.locator("#open-alerts .where")).to_have_text("yard / yard")
        expect(page.locator("#news")).to_have_text("New red alert: yard, yard")
        expect(card(page, "yard").locator(".rule.alarmed")).to_have_count(1)
        expect(card(page, "gate").locator(".rule.alarmed")).to_have_count(0)


def test_alerts_are_read_again_only_when_there_is_something_new(browser, address):
    with visit(browser, address) as looking:
        expect(looking.page.locator("#open-alerts .alert")).to_have_count(1)
        looking.asks("api/status", times=4)
        assert looking.asked("api/alerts?open") == 1


def test_an_alert_opens_by_keyboard_with_its_picture_and_path(browser, address):
    with visit(browser, address) as looking:
        page, viewer = looking.page, looking.page.locator("#viewer")
        page.locator("#open-alerts .thumb").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#viewer-title")).to_have_text("gate / fence: person crossed inward")
        assert loaded(viewer.locator("img")) == 640
        expect(viewer.locator(".path polyline.over")).to_be_visible()
        expect(viewer.locator("dd").first).to_have_text("red")
        page.keyboard.press("Escape")
        expect(viewer).to_be_hidden()
        expect(page.locator("#open-alerts .thumb")).to_be_focused()


def test_an_alarm_by_hand_says_what_was_said_and_by_whom(browser, address, log):
    said = {"rule": "panic", "note": "men behind the silo", "who": "gatehouse"}
    log.events = [with_evidence(of_the_box(alert(12, kind="MANUAL", **said)))]
    with visit(browser, address) as looking:
        viewer = opened(looking.page)
        title = "box / panic: alarm by hand: men behind the silo"
        expect(looking.page.locator("#viewer-title")).to_have_text(title)
        expect(viewer.locator("dd").nth(2)).to_have_text("men behind the silo")
        expect(viewer.locator("dd").nth(3)).to_have_text("gatehouse")


def test_an_alert_that_has_risen_says_so(browser, address, log):
    log.events = [alert(12, level=3), alert(11, level=1)]
    with visit(browser, address) as looking:
        page = looking.page
        alerts = page.locator("#open-alerts .alert")
        expect(alerts).to_have_count(2)
        first, second = alerts.all()
        expect(first.locator(".standing")).to_have_text("level 3")
        expect(second.locator(".standing")).to_be_hidden()
        first.locator(".thumb").click()
        expect(page.locator("#viewer .facts")).to_contain_text("3, as nobody acknowledged it")


class Desk:
    """A box that can only be told that an alert was seen to."""

    def __init__(self, box, log):
        self.box, self.log, self.asked, self.refusal = box, log, [], None

    def acknowledge(self, request):
        self.asked.append(request)
        if self.refusal:
            raise self.refusal
        (last,) = [one for one in self.log.events if one.alert_id == request.alert_id]
        if not last.HasField("acknowledgement"):
            said = pb.Acknowledgement(who=request.who, note=request.note)
            said.time.GetCurrentTime()
            last.acknowledgement.CopyFrom(said)
            last.sequence = self.box.now.last_sequence + 1
            self.box.now = replace(self.box.now, last_sequence=last.sequence)
        said = last.acknowledgement
        future = Future()
        future.set_result(Acknowledgement(said.who, said.note, said.time.ToMicroseconds() / 1e6))
        return future


@pytest.fixture
def desk(box, log):
    return Desk(box, log)


@pytest.fixture
def office(box, log, desk, tmp_path):
    """The address of a console that can tell the box something."""
    shelf, names = FakeShelf(tmp_path), ("127.0.0.1",)
    app = http_app(box, log, shelf, metrics=Metrics(), hosts=names, controls=desk)
    with serving(app) as address:
        yield address


def test_an_alert_is_acknowledged_in_its_viewer(browser, office, log, desk):
    with visit(browser, office) as looking:
        page = looking.page
        viewer, form = opened(page), page.locator("#acknowledge")
        form.get_by_label("Your name").fill("lead")
        form.get_by_label("Note").fill("guard sent")
        form.get_by_role("button", name="Acknowledge").click()
        expect(form).to_be_hidden()
        expect(viewer.locator(".facts")).to_contain_text(re.compile("by lead, .*: guard sent"))
        standing = page.locator("#open-alerts .standing")
        expect(standing).to_have_text("acknowledged by lead")
    assert [(one.alert_id, one.who, one.note) for one in desk.asked] == [
        ("alert-11", "lead", "guard sent")
    ]


def test_the_name_is_remembered_and_none_is_refused(browser, office, log, desk):
    log.events = [alert(12), alert(11)]
    with visit(browser, office) as looking:
        page, form = looking.page, looking.page.locator("#acknowledge")
        page.locator("#open-alerts .thumb").first.click()
        form.get_by_role("button", name="Acknowledge").click()
        expect(form.get_by_label("Your name")).to_be_focused()
        form.get_by_label("Your name").fill("lead")
        form.get_by_label("Your name").press("Enter")
        expect(form).to_be_hidden()
        page.keyboard.press("Escape")
        page.reload()
        page.locator("#open-alerts .thumb").last.click()
        expect(form.get_by_label("Your name")).to_have_value("lead")
        expect(form.get_by_label("Note")).to_have_value("")
    assert len(desk.asked) == 1


def test_whoever_was_first_is_shown_where_somebody_else_was_faster(browser, office, log, desk):
    with visit(browser, office) as looking:
        viewer, form = opened(looking.page), looking.page.locator("#acknowledge")
        log.events[1].acknowledgement.who = "tower"
        log.events[1].acknowledgement.time.GetCurrentTime()
        form.get_by_label("Your name").fill("lead")
        form.get_by_label("Your name").press("Enter")
        expect(viewer.locator(".facts")).to_contain_text("by tower")


def test_an_acknowledgement_that_is_refused_says_why_and_may_be_tried_again(browser, office, desk):
    desk.refusal = RefusalError(
        "it is not stored yet", "ask again", kind=Refusal.LATER, reason="STORE_FAILED"
    )
    with visit(browser, office, forgive=True) as looking:
        opened(looking.page)
        form = looking.page.locator("#acknowledge")
        form.get_by_label("Your name").fill("lead")
        form.get_by_label("Your name").press("Enter")
        failed = looking.page.locator("#acknowledge-failed")
        expect(failed).to_have_text("It is not acknowledged: it is not stored yet; ask again")
        desk.refusal = None
        form.get_by_role("button", name="Acknowledge").click()
        expect(form).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1920])
def test_the_form_fits(browser, office, width):
    with visit(browser, office, width=width) as looking:
        viewer = opened(looking.page)
        expect(looking.page.locator("#acknowledge")).to_be_visible()
        assert viewer.evaluate("(node) => node.scrollWidth <= node.clientWidth")


def opened(page):
    page.locator("#open-alerts .thumb").click()
    return page.locator("#viewer")


def test_an_alert_about_a_thing_shows_where_it_is(browser, address, log):
    left = with_evidence(alert(13, kind="LEFT_OBJECT", reason="left_behind"))
    left.object.CopyFrom(pb.Object(box=pb.BoundingBox(left=0.25, top=0.5, right=0.5, bottom=0.75)))
    log.events = [left]
    with visit(browser, address) as looking:
        viewer = opened(looking.page)
        expect(looking.page.locator("#viewer-title")).to_have_text("gate / yard: left object")
        assert loaded(viewer.locator("img")) == 640
        svg, box = viewer.locator(".overlay"), viewer.locator(".overlay .box rect")
        expect(box).to_be_visible()
        shown, whole = box.bounding_box(), svg.bounding_box()
        assert shown["width"] == pytest.approx(whole["width"] / 4, abs=4)
        assert shown["x"] - whole["x"] == pytest.approx(whole["width"] / 4, abs=4)
        expect(viewer).not_to_contain_text("undefined")


def test_an_alert_shows_its_clip_and_further_pictures(browser, address, log, tmp_path):
    shelf = FakeShelf(tmp_path)
    shelf.put_clip("c1", scene())
    shelf.put("b1", scene())
    shelf.put("z1", scene())
    log.events = [with_more(with_evidence(alert(12)))]
    with visit(browser, address) as looking:
        viewer = opened(looking.page)
        texts = ["Clip, from before the alert on", "Best view", "When it was cleared"]
        expect(viewer.locator(".more figcaption")).to_have_text(texts)
        assert [loaded(image) for image in viewer.locator(".more img").all()] == [640, 640]
        video = viewer.locator(".more video[controls][playsinline]")
        playing = "async (video) => { await video.play(); return video.duration; }"
        assert video.evaluate(playing) == pytest.approx(2, abs=0.3)
        looking.page.keyboard.press("Escape")
        expect(video).to_have_count(0)


def test_an_alert_is_closed_by_its_button(browser, address):
    with visit(browser, address) as looking:
        viewer = opened(looking.page)
        viewer.get_by_role("button", name="Close").click()
        expect(viewer).to_be_hidden()


def test_evidence_that_is_gone_says_so(browser, address, log):
    log.events = [with_more(with_evidence(alert(12)))]
    with visit(browser, address, forgive=True) as looking:
        notes = opened(looking.page).locator(".more .note")
        expect(notes).to_have_text([re.compile("^It is gone")] * 3)


@pytest.mark.parametrize("width", [360, 1920])
def test_an_alert_with_all_its_evidence_fits(browser, address, log, tmp_path, width):
    shelf = FakeShelf(tmp_path)
    shelf.put_clip("c1", scene())
    shelf.put("b1", scene())
    shelf.put("z1", scene())
    log.events = [with_more(with_evidence(alert(12)))]
    with visit(browser, address, width=width) as looking:
        viewer = opened(looking.page)
        assert loaded(viewer.locator(".more img").last) == 640
        assert viewer.evaluate("(node) => node.scrollWidth <= node.clientWidth")
        for part in viewer.locator(".more :is(img, video)").all():
            box = part.bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width


def test_text_of_an_alert_can_not_become_markup(browser, address, box, log):
    said = pb.Acknowledgement(who=NASTY, note=NASTY)
    said.time.GetCurrentTime()
    texts = dict.fromkeys(("reason", "camera", "rule", "note", "who"), NASTY)
    log.events = [alert(12, acknowledgement=said, **texts)]
    box.now = status(not_ready=(NASTY,), site=NASTY, cameras=(camera("gate", reason=NASTY),))
    with visit(browser, address) as looking:
        page = looking.page
        expect(page.locator("#open-alerts .reason")).to_contain_text("<img src=x onerror=")
        expect(page.locator("#not-ready li")).to_have_text(NASTY)
        page.locator("#open-alerts .thumb").click()
        expect(page.locator("#viewer-title")).to_contain_text("<script>")
        assert page.locator('img[src="x"], body script').count() == 0
        assert page.title().endswith("- Fenceline")


def test_a_box_that_is_not_ready_says_why(browser, address, box):
    with visit(browser, address) as looking:
        page = looking.page
        expect(page.locator("#readiness")).to_have_text("Ready")
        box.now = status(not_ready=("camera 'gate': lost, no frame for 6 s",))
        expect(page.locator("#readiness")).to_have_text("Not ready")
        expect(page.locator("#not-ready ul")).to_have_text("camera 'gate': lost, no frame for 6 s")
        box.now = status()
        expect(page.locator("#not-ready")).to_be_hidden()


def test_a_box_that_does_less_says_why_and_is_ready_all_the_same(browser, address, box):
    with visit(browser, address) as looking:
        page = looking.page
        expect(page.locator("#readiness")).to_have_text("Ready")
        expect(page.locator("#degraded")).to_be_hidden()
        box.now = status(degraded=("12 % of the pictures are not looked at", NASTY))
        expect(page.locator("#degraded li")).to_have_text(
            ["12 % of the pictures are not looked at", NASTY]
        )
        expect(page.locator("#not-ready")).to_be_hidden()
        expect(page.locator("#readiness")).to_have_text("Ready")
        box.now = status()
        expect(page.locator("#degraded")).to_be_hidden()


def test_what_computes_in_what_and_how_busy_it_is_are_told(browser, address):
    with visit(browser, address) as looking:
        about = looking.page.locator("#about")
        expect(about).to_contain_text("picodet-s-416 on CPUExecutionProvider in fp32 (abababab)")
        expect(about).to_contain_text("analysis busy 42 % of the time")


def test_an_alert_of_the_box_itself_is_shown_as_such(browser, address, box, log):
    log.events, box.now = [], status(last_sequence=0, open_alerts=0)
    failed = alert(13, kind="DEGRADED", rule="box-degraded", reason="detector_failed")
    failed.analysis.model, failed.analysis.provider = "picodet-s-416", "CPUExecutionProvider"
    failed.analysis.precision = "bf16"
    with visit(browser, address) as looking:
        page = looking.page
        expect(page.locator("#no-open")).to_be_visible()
        log.events, box.now = [of_the_box(failed)], status()
        first = page.locator("#open-alerts .alert")
        expect(first.locator(".where")).to_have_text("box / box-degraded")
        expect(first.locator(".said")).to_have_text("degraded")
        expect(first.locator(".reason")).to_have_text("raised: detector failed")
        expect(page.locator("#news")).to_have_text("New red alert: box, box-degraded")
        viewer = opened(page)
        expect(page.locator("#viewer-title")).to_have_text("box / box-degraded: degraded")
        expect(viewer).to_contain_text("picodet-s-416 on CPUExecutionProvider in bf16")


def test_an_alert_about_a_camera_says_what_befell_it(browser, address, log):
    log.events = [alert(12, kind="CAMERA_OFFLINE", rule="camera-offline", reason="lost")]
    with visit(browser, address) as looking:
        said = looking.page.locator("#open-alerts .said")
        expect(said).to_have_text("camera offline")


def test_an_old_picture_is_dimmed_and_says_so(browser, address, box):
    why = "no frame for 6 s; check the URL or the network"
    lost = camera("gate", state=CameraState.LOST, reason=why, staleness_s=23.0)
    with visit(browser, address) as looking:
        gate = card(looking.page, "gate")
        expect(gate.locator(".stage img")).to_be_visible()
        expect(gate.locator(".stale")).to_be_hidden()
        box.now = status(cameras=(lost, camera("yard")))
        expect(gate.locator(".stale")).to_have_text("picture is 23 s old")
        expect(gate.locator(".reason")).to_have_text(why)
        expect(gate).to_have_class(re.compile("faded"))
        expect(card(looking.page, "yard")).not_to_have_class(re.compile("faded"))


def test_a_camera_without_a_picture_yet_says_what_it_does(browser, address, box):
    connecting = camera("gate", state=CameraState.CONNECTING, staleness_s=None)
    box.scenes, box.now = {}, status(cameras=(connecting,))
    with visit(browser, address) as looking:
        gate = card(looking.page, "gate")
        expect(gate.locator(".empty")).to_have_text("No picture: connecting")
        assert looking.asked("gate/") == 0


def test_delivery_tells_how_far_each_reader_is(browser, address):
    with visit(browser, address) as looking:
        archive = looking.page.locator('tr[data-consumer="pull:archive"]')
        expect(archive).to_contain_text("not connected")
        expect(archive).to_contain_text("no stream since 14:02")
        expect(archive.locator("td")).to_have_text([re.compile("not"), "8", "95 s", "2", "4 of 12"])


def test_a_quiet_box_says_so(browser, address, box, log):
    log.events, box.now = [], status(consumers=(), last_sequence=0, open_alerts=0)
    with visit(browser, address) as looking:
        page = looking.page
        expect(page.locator("#no-open")).to_be_visible()
        expect(page.locator("#no-past")).to_be_visible()
        expect(page.locator("#delivery")).to_contain_text("Nobody reads the events of this box")


def test_a_box_out_of_reach_is_told_until_it_is_back(browser, address):
    with visit(browser, address, forgive=True) as looking:
        page = looking.page
        expect(card(page, "gate").locator(".stage img")).to_be_visible()
        page.route("**/api/**", lambda route: route.abort())
        expect(page.locator("#unreachable")).to_contain_text("The box does not answer")
        expect(page.locator("#readiness")).to_have_text("No connection")
        expect(card(page, "gate").locator(".stale")).to_have_text("no connection to the box")
        page.unroute("**/api/**")
        expect(page.locator("#unreachable")).to_be_hidden()
        expect(card(page, "gate")).not_to_have_class(re.compile("faded"))


def test_alerts_that_can_not_be_read_are_told_and_the_cameras_go_on(browser, address, log):
    log.failing = "the disk is full"
    with visit(browser, address, forgive=True) as looking:
        page = looking.page
        expect(page.locator("#alerts-failed")).to_contain_text("the disk is full; free some space")
        expect(card(page, "gate").locator(".stage img")).to_be_visible()
        log.failing = ""
        expect(page.locator("#open-alerts .alert")).to_have_count(1)
        expect(page.locator("#alerts-failed")).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (820, "dark"), (1920, "dark")])
def test_the_page_fits_every_width(browser, address, width, scheme):
    with visit(browser, address, width=width, scheme=scheme) as looking:
        expect(looking.page.locator("#past-alerts .alert")).to_have_count(2)
        expect(card(looking.page, "gate").locator(".stage img")).to_be_visible()
        assert looking.page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_and_light_follow_the_reader(browser, address):
    grounds = set()
    for scheme in ("light", "dark"):
        with visit(browser, address, scheme=scheme) as looking:
            grounds.add(looking.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2
