"""Sentences, names and the choice of the language."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from leadworth.errors import LeadworthError
from reporting.page.languages import LANGUAGE_NAMES, LANGUAGES, Translator, catalogue, chosen_language, display_name
from reporting.page.page_model import Message, Quantity, Unit
from tests.reporting.page.sample_pages import HOSTILE


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_a_catalogue(language: str) -> None:
    assert catalogue(language)["Channels"]


def test_a_sentence_is_translated_with_its_numbers_and_sentences() -> None:
    german = Translator("de", "Europe/Rome")
    message = Message("{low} to {high}", {"low": Quantity(1.5, Unit.RATIO), "high": Message("predicted")})
    assert german.text(message) == "1,5 bis prognostiziert"


def test_amounts_of_a_sentence_are_short_or_exact() -> None:
    english = Translator("en", "UTC")
    message = Message("{amount}", {"amount": Quantity(78_214.11, Unit.MONEY, "EUR")})
    assert english.text(message) == "€78.2K"
    assert english.text(message, exact=True) == "€78,214.11"


def test_dates_of_a_sentence() -> None:
    french = Translator("fr", "Europe/Paris")
    assert french.text(Message("{day}", {"day": date(2026, 9, 3)})) == "3 sept. 2026"
    assert french.text(Message("{at}", {"at": datetime(2026, 9, 3, 8, tzinfo=UTC)})) == "3 sept. 10:00"


def test_a_sentence_without_a_translation_stays_english() -> None:
    assert Translator("ru", "UTC").text(Message("never translated")) == "never translated"


def test_a_field_without_a_value_is_an_error() -> None:
    with pytest.raises(LeadworthError, match="count"):
        Translator("en", "UTC").text(Message("about {count} more leads"))


def test_a_name_is_not_a_sentence() -> None:
    german = Translator("de", "UTC")
    assert german.text("Channels {low}") == "Channels {low}"
    assert german.text(Message("{name}", {"name": "{low} <b>"})) == "{low} <b>"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(LeadworthError, match="en, it, de"):
        Translator("xx", "UTC")


def test_a_hostile_name_is_short_and_has_no_marks_of_direction() -> None:
    shown = display_name(HOSTILE)
    assert len(shown) == 80
    assert shown.startswith("<script>alert(1)</script>\"'&gnp.exe spring-sale-")
    assert shown.endswith("…")


@given(st.text())
def test_a_shown_name_is_one_line(name: str) -> None:
    shown = display_name(name)
    assert len(shown) <= 80
    assert len(shown.splitlines()) <= 1
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert display_name(shown) == shown


@pytest.mark.parametrize(
    ("wanted", "accepted", "expected"),
    [
        ("ko", "de", "ko"),
        ("xx", "de", "de"),
        (None, "pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        (None, "nl, it;q=0.5", "it"),
        (None, "de;q=0", "es"),
        (None, "de;q=high", "es"),
        (None, "*", "es"),
        (None, "", "es"),
        (None, None, "es"),
    ],
)
def test_the_language_of_a_reader(wanted: str | None, accepted: str | None, expected: str) -> None:
    assert chosen_language(wanted, accepted, "es") == expected


def test_languages_name_themselves() -> None:
    names = {language: str(Locale.parse(language).get_display_name()).capitalize() for language in LANGUAGES}
    assert names == LANGUAGE_NAMES
