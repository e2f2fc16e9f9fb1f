from __future__ import annotations

import math

import pytest

from features.message import GROUP
from tests.features.cells import cells

SEO = (
    "Hello, I came across your website and noticed it does not rank on the first page of Google. We offer SEO and "
    "link building, guest posts with high domain authority. Reply YES: https://www.rank.example and http://x.example"
)


def test_sales_pitch() -> None:
    values = cells(GROUP, SEO)
    pitch = values["message_pitch"]
    assert isinstance(pitch, float)
    assert pitch >= 6
    assert (values["message_urls"], values["message_intent"]) == (2.0, 0.0)


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
def test_buying_intent_in_seven_languages(message: str) -> None:
    values = cells(GROUP, message)
    intent = values["message_intent"]
    assert isinstance(intent, float)
    assert intent >= 1
    assert values["message_pitch"] == 0.0


def test_shares_and_counts() -> None:
    values = cells(GROUP, "ABC def 12? a@b.example")
    assert values["message_length"] == math.log1p(23)
    assert values["message_upper_share"] == pytest.approx(3 / 15)
    assert values["message_digits_share"] == pytest.approx(2 / 23)
    assert (values["message_questions"], values["message_at_signs"]) == (1.0, 1.0)


def test_homoglyphs_count_and_two_languages_do_not() -> None:
    assert cells(GROUP, "Hellо, my frіend")["message_mixed_scripts"] == 3.0
    assert cells(GROUP, "Нужен Google Ads и 한국어")["message_mixed_scripts"] == 0.0
