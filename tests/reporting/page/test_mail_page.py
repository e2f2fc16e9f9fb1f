"""The mail: a subject, a text, and one plain table."""

from __future__ import annotations

import pytest

from reporting.page.languages import LANGUAGES
from reporting.page.mail_page import render_mail
from tests.reporting.page.sample_pages import SAMPLES, full, hostile, in_language, nothing_yet
from tests.reporting.page.sample_pages import without_money as no_money
from tests.reporting.page.test_html_page import BASE, Outline


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_fits_in_a_mail(name: str, language: str) -> None:
    subject, text, html = render_mail(in_language(SAMPLES[name](), language), base_url=BASE)
    assert len(subject.splitlines()) == 1
    assert len(html.encode()) < 20_000
    assert Outline(html).open == []
    for part in ("<svg", "<style", "<script", "<img", "class="):
        assert part not in html
    assert text.count("https://leads.example.com/report") == 1


def test_alarms_and_money_are_in_text_and_table() -> None:
    subject, text, html = render_mail(full(), base_url=BASE)
    assert subject.startswith("What marketing earned: Sep")
    assert "! Junk has risen: Display, smart-eu: €18.4K at risk" in text
    assert "Revenue: €431K + €190K (seen + predicted)" in text
    assert "    80% interval: 2.0 to 2.9" in text
    assert "    Goal €600K for 2026-Q4: 58% likely" in text
    assert "Meta: stale, 4 days old" in text
    shown = Outline(html).shown()
    for part in ("€18.4K at risk", "€431K + €190K", "Goal €600K for 2026-Q4: 58% likely", "Open the report"):
        assert part in shown


def test_without_an_address_there_is_no_link() -> None:
    _, text, html = render_mail(full())
    assert "http" not in text
    assert "<a " not in html


def test_without_data_the_mail_says_what_to_import() -> None:
    _, text, html = render_mail(nothing_yet())
    assert "No spend yet" in text
    assert "<table" not in html


def test_names_are_text() -> None:
    subject, _, html = render_mail(hostile(), base_url=BASE)
    assert "<" not in subject
    assert "<script" not in html


def test_without_money_there_is_no_amount() -> None:
    for part in render_mail(no_money(), base_url=BASE):
        assert "€" not in part
        assert "EUR" not in part
