from __future__ import annotations

import math

import pytest

from features.lexicon import Lexicon, words_of
from features.message import GROUP
from tests.features.cells import cells

SEO = (
    "Hello, I came across your website and noticed it does not rank on the first page of Google. We offer SEO and "
    "link building, guest posts with high domain authority. Reply YES: https://www.rank.example and http://x.example"
)


def test_a_pitch() -> None:
    found = cells(GROUP, SEO)
    pitch = found["message_pitch"]
    assert isinstance(pitch, float)
    assert pitch >= 6
    assert (found["message_urls"], found["message_intent"]) == (2.0, 0.0)


@pytest.mark.parametrize(
    "message",
    [
        "Could you send me a quote for 50 seats?",
        "Vorrei un preventivo e una dimostrazione",
        "Wir bitten um ein Angebot mit Preisen",
        "Merci de m'envoyer un devis",
        "Quisiera saber el precio y una cotización",
        "Сколько стоит подписка? Пришлите цены",
        "가격이 궁금합니다. 견적을 부탁드립니다",
    ],
)
def test_buyers_of_seven_languages(message: str) -> None:
    found = cells(GROUP, message)
    intent = found["message_intent"]
    assert isinstance(intent, float)
    assert intent >= 1
    assert found["message_pitch"] == 0.0


def test_shares_and_counts() -> None:
    found = cells(GROUP, "ABC def 12? a@b.example")
    assert found["message_length"] == math.log1p(23)
    assert found["message_upper_share"] == pytest.approx(3 / 15)
    assert found["message_digits_share"] == pytest.approx(2 / 23)
    assert (found["message_questions"], found["message_at_signs"]) == (1.0, 1.0)


def test_homoglyphs_are_seen_and_two_languages_are_not() -> None:
    assert cells(GROUP, "Hellо, my frіend")["message_mixed_scripts"] == 3.0
    assert cells(GROUP, "Нужен Google Ads и 한국어")["message_mixed_scripts"] == 0.0


def test_a_lexicon_counts_each_entry_once_and_whole_words_only() -> None:
    lexicon = Lexicon({"a": ["demo", "pric*", "how much", "how many"], "b": ["demo"]})
    assert lexicon.hits(words_of("demo demo democracy price pricing how-much")) == {"a": 3, "b": 1}
    assert lexicon.hits(words_of("much how is a demonstration")) == {"a": 0, "b": 0}


def test_a_lexicon_forgets_when_it_has_seen_too_many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.lexicon.CACHED_WORDS", 3)
    lexicon = Lexicon({"a": ["demo"]})
    for _ in range(3):
        assert lexicon.hits(words_of("one two three four demo five six")) == {"a": 1}
