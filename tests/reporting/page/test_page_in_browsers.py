"""The page in Debian's Chromium: accessibility, layout, print, and no request; Firefox where it is installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reporting.page.html_page import render_html
from reporting.page.languages import LANGUAGES
from tests.browsers.drivers import CHROMIUM
from tests.reporting.page.firefox import firefox
from tests.reporting.page.sample_pages import SAMPLES, full, in_language

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
OPEN_ALL = "document.querySelectorAll('details').forEach(part => { part.open = true })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDTHS = (1280, 390, 320)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"{CHROMIUM} is not installed"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as runner:
        browser = runner.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def opened(chromium: Any, html: str, folder: Path, width: int, **context: Any) -> Iterator[Any]:
    """Yield a tab with the page; fail where it asks for anything but itself."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    tabs = chromium.new_context(viewport={"width": width, "height": 900}, **context)
    tab = tabs.new_page()
    requests: list[str] = []
    messages: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: messages.append(message.text))
    tab.goto(file.as_uri())
    yield tab
    tabs.close()
    assert [url for url in requests if not url.startswith("data:")] == [file.as_uri()]
    assert messages == []


SCHEMES = ("light", "dark")
STATES = [
    *(("full", width, scheme) for width in WIDTHS for scheme in SCHEMES),
    *(
        (name, width, scheme)
        for name in SAMPLES
        for width, scheme in ((1280, "light"), (320, "dark"))
        if name != "full"
    ),
]


@pytest.mark.parametrize(("name", "width", "scheme"), STATES)
def test_axe_finds_nothing(chromium: Any, tmp_path: Path, name: str, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(chromium, render_html(SAMPLES[name]()), tmp_path, width, color_scheme=scheme) as tab:
        tab.evaluate(OPEN_ALL)
        violations = Axe().run(tab, options=RULES).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in violations] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_scrolls_sideways(chromium: Any, tmp_path: Path, name: str, width: int) -> None:
    with opened(chromium, render_html(SAMPLES[name]()), tmp_path, width) as tab:
        assert tab.evaluate(OVERFLOW) <= 0
        tab.evaluate(OPEN_ALL)
        assert tab.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fits_in_320_px(chromium: Any, tmp_path: Path, language: str) -> None:
    with opened(chromium, render_html(in_language(full(), language)), tmp_path, 320) as tab:
        tab.evaluate(OPEN_ALL)
        assert tab.evaluate(OVERFLOW) <= 0
        cut = """[...document.querySelectorAll('svg text')].filter(text => {
            const own = text.getBoundingClientRect(), box = text.closest('svg').getBoundingClientRect();
            return own.left < box.left - 1 || own.right > box.right + 1 }).map(text => text.textContent)"""
        assert tab.evaluate(cut) == []
        wide = """[...document.querySelectorAll('.cards li *, .rows li *')].filter(part => part.scrollWidth >
            part.clientWidth + 1 && part.clientWidth > 1).map(part => part.outerHTML.slice(0, 120))"""
        assert tab.evaluate(wide) == []


def test_without_script_everything_opens_and_the_keyboard_reaches_it(chromium: Any, tmp_path: Path) -> None:
    with opened(chromium, render_html(full()), tmp_path, 390, java_script_enabled=False) as tab:
        assert tab.locator(".cards li").first.is_visible()
        tab.get_by_text("Why revenue changed", exact=True).first.click()
        assert tab.get_by_role("img", name="Parts of the change of revenue").is_visible()
        tab.keyboard.press("Home")
    with opened(chromium, render_html(full()), tmp_path, 390) as tab:
        tab.keyboard.press("Tab")
        focused = tab.evaluate(
            "[document.activeElement.className, getComputedStyle(document.activeElement).outlineWidth]"
        )
        assert focused == ["skip", "3px"]


def test_cards_are_two_by_two_on_a_phone_and_four_on_a_screen(chromium: Any, tmp_path: Path) -> None:
    tops = (
        "[...document.querySelectorAll('.cards')[0].children].map(card => Math.round(card.getBoundingClientRect().top))"
    )
    for width, rows in ((320, 2), (390, 2), (1280, 1)):
        with opened(chromium, render_html(full()), tmp_path, width) as tab:
            assert len(set(tab.evaluate(tops))) == rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_light_and_two_to_three_pages(chromium: Any, tmp_path: Path, scheme: str) -> None:
    with opened(chromium, render_html(full()), tmp_path, 1280, color_scheme=scheme) as tab:
        pdf = tab.pdf(prefer_css_page_size=True, print_background=True)
        assert 2 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 3
        sizes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf)}
        assert all(abs(width - 595.3) < 1 and abs(height - 841.9) < 1 for _, _, width, height in sizes)
        tab.emulate_media(media="print", color_scheme=scheme)
        style = "getComputedStyle(document.body)"
        assert tab.evaluate(f"[{style}.backgroundColor, {style}.color]") == ["rgb(255, 255, 255)", "rgb(22, 32, 42)"]
        assert not tab.locator("form").is_visible()
        assert tab.locator(".chosen").is_visible()


def test_the_policy_without_script_allows_the_style(chromium: Any, tmp_path: Path) -> None:
    from reporting.page.html_page import style_hash

    policy = f"default-src 'none'; style-src '{style_hash()}'; img-src data:; form-action 'self'"
    html = render_html(full()).replace(
        "<head>", f'<head>\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )
    with opened(chromium, html, tmp_path, 1280) as tab:
        assert tab.evaluate("getComputedStyle(document.querySelector('.cards')).display") == "grid"


@pytest.mark.skipif(shutil.which("firefox-esr") is None, reason="firefox-esr is not installed")
def test_nothing_scrolls_sideways_in_firefox(tmp_path: Path) -> None:
    with firefox(tmp_path / "profile") as tab:
        for name in ("full", "hostile"):
            file = tmp_path / f"{name}.html"
            file.write_text(render_html(SAMPLES[name]()), encoding="utf-8")
            for width in WIDTHS:
                tab.show(file.as_uri(), width)
                assert tab.number(OVERFLOW) <= 0
                assert tab.number(f"{OPEN_ALL}; {OVERFLOW}") <= 0
