"""Every sentence of the report is translated in every language, with the same fields."""

from __future__ import annotations

import re

import pytest

from leadworth.errors import LeadworthError
from reporting.page.languages import LANGUAGES, catalogue
from scripts import project
from scripts.update_catalogues import FOLDERS, of_python, of_template, sentences, untranslated, update

_FIELD = re.compile(r"\{\w+\}")


@pytest.fixture(scope="module")
def texts() -> set[str]:
    return set(sentences(project.ROOT / folder for folder in FOLDERS))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str, texts: set[str]) -> None:
    missing = texts - set(catalogue(language))
    assert not missing, f"{len(missing)} sentences, such as {min(missing)!r}: run scripts.update_catalogues"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_fields_of_the_sentence(language: str) -> None:
    for text, translation in catalogue(language).items():
        assert sorted(set(_FIELD.findall(translation))) == sorted(set(_FIELD.findall(text))), text


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_translations_are_not_copies_of_the_english_text(language: str) -> None:
    entries = catalogue(language)
    same = [text for text, translation in entries.items() if text == translation and " " in text]
    assert len(same) <= 0.02 * len(entries), same


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_as_the_script_writes_them(language: str, texts: set[str]) -> None:
    content = (project.ROOT / "reporting/page/locale" / f"{language}.po").read_bytes()
    written = update(content, sorted(texts), language)
    generator = re.compile(rb'"Generated-By:.*')
    assert generator.sub(b"", written) == generator.sub(b"", content)


def test_sentences_of_calls_over_several_lines() -> None:
    source = 'a = Message(\n  "one "\n  "two",\n {"x": 1})\nb = view.t("three")\nc = Message(text="four")\nprint("no")'
    assert sorted(of_python(source)) == ["four", "one two", "three"]


def test_a_computed_sentence_is_an_error() -> None:
    with pytest.raises(LeadworthError, match=r"a\.py:1.*computed"):
        list(of_python("Message(f'{x} leads')", "a.py"))


def test_sentences_in_arguments_of_templates() -> None:
    assert sorted(of_template('{% call part(t("One")) %}{{ t("Two") if x else other("no") }}{% endcall %}')) == [
        "One",
        "Two",
    ]


def test_an_update_keeps_translations_and_drops_the_rest() -> None:
    content = b'msgid "Show"\nmsgstr "Anzeigen"\n\nmsgid "Old"\nmsgstr "Alt"\n'
    updated = update(content, ["Show", "New"], "de")
    assert b"Anzeigen" in updated
    assert b"Old" not in updated
    assert untranslated(updated) == ["New"]
    assert untranslated(update(b"", ["New"], "en")) == []
