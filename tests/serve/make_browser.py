"""A real browser that looks at a console served on loopback."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, sync_playwright

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@contextmanager
def chromium():
    """The system's Chromium; skips where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine; apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """One look at the console, and everything that happened in it."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type != "log" else None,
        )

    def asked(self, path):
        """How often something was requested."""
        return sum(path in request for request in self.requests)

    def asks(self, path, *, times):
        """Go on looking until something was requested so often."""
        deadline = time.monotonic() + 20
        while self.asked(path) < times:
            assert time.monotonic() < deadline, f"{path} was not requested {times} times"
            self.page.wait_for_timeout(50)

    def elsewhere(self):
        """Requests that went to any other host."""
        inside = (self.address, "data:", "blob:")
        return [request for request in self.requests if not request.startswith(inside)]


@contextmanager
def visit(browser, address, *, width=1280, height=900, scheme="light", forgive=False):
    """Open the console; whatever the test does, it must ask nobody else and complain of nothing."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.set_default_timeout(15_000)
    looking = Visit(page, address)
    page.goto(address)
    try:
        yield looking
    finally:
        page.close()
    assert not looking.elsewhere()
    assert forgive or not looking.complaints
