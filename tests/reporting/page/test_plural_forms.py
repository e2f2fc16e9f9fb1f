"""The word after a number agrees with it, in every language of the page."""

from __future__ import annotations

import pytest

from reporting.page.languages import LANGUAGES, Translator
from reporting.page.page_model import Message, Quantity
from reporting.page.plural_forms import with_plurals
from reporting.views.plain_english import english

LEADS = "{count} {count|lead|leads}"


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["1 lead", "2 leads", "11 leads", "21 leads"]),
        ("de", ["1 Lead", "2 Leads", "11 Leads", "21 Leads"]),
        ("it", ["1 lead", "2 lead", "11 lead", "21 lead"]),
        ("ru", ["1 лид", "2 лида", "11 лидов", "21 лид"]),
        ("ko", ["리드 1건", "리드 2건", "리드 11건", "리드 21건"]),
    ],
)
def test_leads_by_number(language: str, texts: list[str]) -> None:
    translator = Translator(language, "UTC")
    assert [translator.text(Message(LEADS, {"count": Quantity(count)})) for count in (1, 2, 11, 21)] == texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_forms_are_left_in_a_sentence(language: str) -> None:
    for count in (0, 1, 1.5, 3, 1_000_000):
        text = Translator(language, "UTC").text(Message(LEADS, {"count": Quantity(count)}))
        assert not set("{|}") & set(text)


def test_machines_read_the_same_words() -> None:
    assert english(Message(LEADS, {"count": Quantity(1)})) == "1 lead"
    assert english(Message(LEADS, {"count": "1,200"})) == "1,200 leads"


def test_a_field_without_a_number_takes_the_last_form() -> None:
    assert with_plurals("{n|one|many}", {}, "en") == "many"
