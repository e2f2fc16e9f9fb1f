"""The vocabulary of consent has no word with two meanings."""

from __future__ import annotations

import pytest

from leadworth.consent import read_consent
from leadworth.consent_words import DENIED, GRANTED, UNSPECIFIED


@pytest.mark.parametrize(("words", "meaning"), [(GRANTED, True), (DENIED, False), (UNSPECIFIED, None)])
def test_every_word_has_its_meaning(words: tuple[str, ...], meaning: bool | None) -> None:
    assert len(words) > 4
    assert [word for word in words if read_consent(word) is not meaning] == []


def test_no_word_is_listed_with_two_meanings() -> None:
    assert not set(GRANTED) & set(DENIED)
    assert not set(UNSPECIFIED) & {*GRANTED, *DENIED}


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        ("Ja, ich stimme zu", True),
        ("Oui, j’accepte", True),
        ("DOI_CONFIRMED", True),
        ("consentGranted", True),
        ("Consent: Yes", True),
        ("Nein, danke", False),
        ("No, thanks!", False),
        ("Consent: no", False),
        ("Ja, aber nur Newsletter", False),
    ],
)
def test_sentences_of_consent(written: str, meaning: bool) -> None:
    assert read_consent(written) is meaning
