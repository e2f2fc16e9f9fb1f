"""The page as HTML: order, budget of figures, states, escaping, size, and nothing from elsewhere."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from leadworth.errors import LeadworthError
from reporting.page.html_page import STYLE, environment, prepare_page, render_html, style_hash
from reporting.page.languages import LANGUAGES
from reporting.page.page_model import Level, Message, Notice
from tests.reporting.page.sample_pages import HOSTILE, SAMPLES, full, hostile, in_language, nothing_yet, thin
from tests.reporting.page.sample_pages import without_money as no_money

GOLDEN = Path(__file__).parent / "full_page.html"
BASE = "https://leads.example.com/report"
VOID = {"meta", "link", "input", "br"}
CELLS, ROWS = {"td", "th"}, {"td", "th", "tr"}
IMPLIED_ENDS: dict[str, set[str]] = {
    **{"td": CELLS, "th": CELLS, "tr": ROWS, "tbody": {*ROWS, "thead"}},
    **{"li": {"li"}, "option": {"option"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}},
}
"""Element -> open elements that its start ends, where their end tags are left out."""


class Outline(HTMLParser):
    """Elements of a page, with figures outside of closed details."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.figures: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        closed = any(name == "details" and "open" not in has for name, has in self.open)
        if "data-figure" in named and not closed:
            self.figures.append(str(named["data-figure"]))
        if tag in {"h1", "h2", "h3"}:
            self.headings.append((int(tag[1]), ""))
        while self.open and self.open[-1][0] in IMPLIED_ENDS.get(tag, set()):
            self.open.pop()
        if tag not in VOID:
            self.open.append((tag, named))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1][0] != tag and self.open[-1][0] in {*IMPLIED_ENDS, "thead"}:
            self.open.pop()
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] in {"h1", "h2", "h3"} and self.headings:
            self.headings[-1] = (self.headings[-1][0], self.headings[-1][1] + data)
        if not any(tag == "style" for tag, _ in self.open):
            self.text.append(data)

    def shown(self) -> str:
        return " ".join(" ".join(self.text).split())


def test_the_page_is_as_recorded() -> None:
    """Set WRITE_GOLDEN=1 to record a page that is changed on purpose."""
    html = render_html(full())
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(html, encoding="utf-8")
    assert html == GOLDEN.read_text(encoding="utf-8")


def test_blocks_are_in_order_and_money_is_first() -> None:
    headings = Outline(render_html(full())).headings
    assert headings[0] == (1, "What marketing earned")
    assert [text for level, text in headings if level == 2] == [
        "Needs you now",
        "What marketing returns",
        "Channels",
        "Leading and lagging indicators",
        "Revenue by the month the leads came",
        "Hand-over to sales",
        "Do the sources agree?",
        "Why revenue changed",
        "Goals and the funnel backwards",
        "What we said then, what came",
        "Attribution of revenue",
        "Formulas and sources",
    ]
    assert all(later - sooner <= 1 for (sooner, _), (later, _) in pairwise(headings))


@pytest.mark.parametrize("name", SAMPLES)
def test_fewer_than_25_figures_are_open(name: str) -> None:
    assert len(Outline(render_html(SAMPLES[name]())).figures) < 25


def test_the_full_page_has_the_figures_of_the_wireframe() -> None:
    assert len(Outline(render_html(full())).figures) == 2 + 4 + 6 + 8 + 3


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("standalone", [False, True])
def test_every_state_is_well_formed_and_needs_nothing_from_elsewhere(name: str, standalone: bool) -> None:
    html = render_html(SAMPLES[name](), standalone=standalone, base_url=BASE if standalone else "")
    outline = Outline(html)
    assert outline.open == []
    assert html.count("<style>") == 1
    for tag, attribute, value in outline.attributes:
        assert not attribute.startswith("on")
        assert attribute not in {"style", "src", "srcset", "action", "formaction"}, (tag, attribute)
        if attribute == "href" and tag not in {"a", "link"}:
            raise AssertionError(f"{tag} refers to {value}")
    assert "<script" not in html
    assert "<iframe" not in html
    assert "@import" not in html
    assert "url(" not in html.replace("url(#hatch)", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_size_is_within_its_budget(language: str) -> None:
    page = in_language(full(), language)
    html = render_html(page).encode()
    assert len(html) < 60_000
    assert len(gzip.compress(html)) < 20_000
    assert len(render_html(page, standalone=True, base_url=BASE).encode()) < 150_000


def test_the_style_sheet_is_the_one_that_the_policy_names() -> None:
    content = re.search(r"<style>(.*?)</style>", render_html(full()), re.DOTALL)
    assert content is not None
    assert content.group(1) == STYLE
    digest = hashlib.sha256(content.group(1).encode()).digest()
    assert style_hash() == "sha256-" + base64.b64encode(digest).decode()


def test_hostile_names_are_text() -> None:
    html = render_html(hostile())
    assert "<script" not in html
    assert "\u202e" not in Outline(html).shown()
    assert HOSTILE[:30] not in html
    assert 'value="&lt;b&gt;"' in html
    assert "spring-sale-" * 8 not in Outline(html).shown()


def test_a_link_that_is_a_script_is_refused() -> None:
    page = full()
    alarm = replace(page.alarms[0], href="javascript:alert(1)")
    with pytest.raises(LeadworthError, match="https"):
        render_html(replace(page, alarms=(alarm,)))


def test_without_data_the_page_says_what_to_import_and_shows_no_zeros() -> None:
    outline = Outline(render_html(nothing_yet()))
    assert outline.figures == []
    assert "leadworth spend import FILE" in outline.shown()
    assert [text for level, text in outline.headings if level > 1] == []


def test_a_thin_cell_is_a_range_without_a_bar() -> None:
    html = render_html(thin())
    shown = Outline(html).shown()
    assert "€5K to €40K" in shown
    assert "0.2 to 9.0" in shown
    rows = html[html.index('<ul class="rows">') : html.index("</ul>", html.index('<ul class="rows">'))]
    assert 'class="whisker"' in rows
    assert not re.findall(r'<rect[^>]* class="(?:seen|predicted)"', rows)


def test_a_page_without_money_has_no_amount() -> None:
    for standalone in (False, True):
        html = render_html(no_money(), standalone=standalone, base_url=BASE)
        assert "€" not in html
        assert "EUR" not in html


def test_a_stale_source_is_named_with_its_age() -> None:
    assert "Meta Nov 24 (stale: 4 days old)" in Outline(render_html(full())).shown()


def test_filters_keep_parameters_of_their_own_and_name_their_values() -> None:
    html = render_html(full())
    assert '<option value="last-90-days" selected>last 90 days' in html
    assert '<input type="hidden" name="view" value="cohort">' in html
    assert 'name="country"' in html
    assert '<input type="hidden" name="country"' not in html
    assert "Period: last 90 days · Compare with: the period before" in html


def test_the_language_links_keep_the_filters() -> None:
    html = render_html(full())
    assert 'href="?country=IT&amp;view=cohort&amp;lang=de" lang="de"' in html
    assert '<html lang="ko">' in render_html(in_language(full(), "ko"))


def test_csv_and_json_have_the_filters_of_the_page() -> None:
    html = render_html(full())
    for block in ("channels", "campaigns", "ladder", "cohorts", "hand_over", "revenue_change", "track_record"):
        assert f'href="report/{block}.csv?country=IT&amp;view=cohort"' in html
    assert 'href="report.json?country=IT&amp;view=cohort"' in html


def test_a_shared_page_has_fixed_filters_and_no_files() -> None:
    html = render_html(replace(full(), is_shared=True))
    assert "<form" not in html
    assert re.search(r"\.csv[?\"]", html) is None
    assert ".json" not in html
    assert "hreflang" not in html
    assert "Period: last 90 days" in html


def test_a_file_is_open_and_its_links_are_absolute() -> None:
    html = render_html(full(), standalone=True, base_url=BASE)
    assert "<details>" not in html
    assert "<form" not in html
    links = [value for tag, name, value in Outline(html).attributes if tag == "a" and name == "href"]
    assert {link for link in links if not link.startswith("https://leads.example.com/")} == {"#main"}
    assert "https://leads.example.com/report/leads?figure=revenue" in links
    assert "https://leads.example.com/report?channel=Paid+Social" in links


def test_a_file_without_an_address_has_no_links() -> None:
    html = render_html(full(), standalone=True)
    assert [value for tag, name, value in Outline(html).attributes if tag == "a" and name == "href"] == ["#main"]


def test_a_notice_has_a_word_besides_its_colour() -> None:
    notice = Notice(Level.WARNING, Message("no spend for {channel}", {"channel": "Display"}))
    assert "Warning: no spend for Display" in Outline(render_html(replace(nothing_yet(), notices=(notice,)))).shown()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_chart_has_a_name_and_a_table(language: str) -> None:
    html = render_html(in_language(full(), language))
    for svg in re.findall(r"<svg[^>]*>", html):
        assert 'aria-hidden="true"' in svg or ('role="img"' in svg and "aria-label=" in svg)
    assert html.count('role="img"') == 2
    for image in re.finditer(r'role="img"', html):
        assert "<table>" in html[image.start() :]


def test_a_prepared_page_has_nothing_to_compile() -> None:
    environment.cache_clear()
    prepare_page("de")
    assert environment().cache is not None
    prepared = set(environment().cache or ())
    render_html(in_language(full(), "de"))
    assert set(environment().cache or ()) == prepared
