"""A site of the user's own, and visits to its pages that carry the collector."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.browsers.drivers import CHROMIUM
from tests.serving.forms.test_form_body import fields_of

KEY = "a key of this test, of more than thirty-two characters"
NEEDS_CHROMIUM = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no chromium (apt-get install chromium)"),
]
FIELDS = (
    '<input id="name" name="first_name"><input id="mail" name="email"><textarea id="text" name="message"></textarea>'
)
NATIVE = f'<form action="/sent" method="post">{FIELDS}<button id="go">Send</button></form>'


class Page(BaseHTTPRequestHandler):
    """The user's own site: it shows one page and keeps what forms send to it."""

    html, headers_more, sent = "", {}, []  # type: ignore[var-annotated]

    def do_GET(self) -> None:
        """Show the page."""
        self._say(self.html)

    def do_POST(self) -> None:
        """Keep what came."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.sent.append(fields_of(body, self.headers["Content-Type"]))
        self._say("<p id='thanks'>Thanks</p>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _say(self, html: str) -> None:
        content = f"<!doctype html><title>Acme</title><body>{html}".encode()
        self.send_response(200)
        for name, value in {
            "Content-Type": "text/html",
            "Content-Length": str(len(content)),
            **self.headers_more,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class Visit:
    """A page with the collector, opened by a browser."""

    def __init__(self, browser: Any, address: str, service: str) -> None:
        self._browser, self._address, self._service = browser, address, service
        self._page: Any = None

    @contextmanager
    def open(
        self,
        html: str,
        *,
        more: str = 'data-tier="1"',
        path: str = "/",
        headers: dict[str, str] | None = None,
        before: str = "",
        context: Any = None,
    ) -> Iterator[Any]:
        """Open a page; `before` runs ahead of all scripts of the page."""
        script = f'<script src="{self._service}/v1/collector.js" data-form="quote" {more} async></script>'
        Page.html, Page.headers_more, Page.sent = script + html, headers or {}, []
        opened = context or self._browser.new_context()
        if before:
            opened.add_init_script(before)
        page = self._page = opened.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(self._address + path)
        yield page
        assert faults == []

    def saw(self, count: int = 1) -> dict[str, Any]:
        """Return what the last of `count` submits carried."""
        end = time.monotonic() + 5
        while len(Page.sent) < count and time.monotonic() < end:
            self._page.wait_for_timeout(20)
        self._page.wait_for_load_state()
        assert len(Page.sent) == count
        said: dict[str, Any] = json.loads(Page.sent[-1]["lw_data"])
        return said


def token_is_there(page: Any) -> None:
    """Wait until the token was fetched and written."""
    page.wait_for_function("""() => /"t":/.test(document.querySelector('[name=lw_data]')?.value)""")


def fill_in(page: Any) -> None:
    for name, value in (("name", "Giulia"), ("mail", "giulia@ferri.example"), ("text", "A quote for sixty seats")):
        page.locator(f"#{name}").press_sequentially(value)
