"""Meanings of stages."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.inference.header_vocabulary import vocabulary
from crm.inference.stage_meanings import STAGE_KINDS, is_open_stage, stage_kind

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "ja")


def test_every_stage_of_a_vocabulary_has_the_meaning_of_its_section() -> None:
    wrong = [
        (table.name, kind, stage, stage_kind(stage))
        for table in vocabulary()
        for stage, kind in table.stages.kinds.items()
        if stage_kind(stage) != (None if kind in {"open", "neither", "undone"} else kind)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "stage",
    [
        *("Won't buy", "Won’t proceed", "Bought elsewhere", "Purchased from competitor", "Sold by other agent"),
        *("Sold by owner", "Won by competitor", "Competitor won", "Closed Won - Cancelled", "Closed Won (refunded)"),
        *("Woanders gekauft", "Hat beim Mitbewerber gekauft", "Gewonnen - storniert", "Acheté ailleurs"),
        *("Gagné par un concurrent", "Vinto dalla concorrenza", "Comprado en otro sitio", "Gewonnen door concurrent"),
        *("Куплено у конкурента", "他社成約", "타사 계약", "Vyhráno - zamítnuto", "Won/Lost"),
    ],
)
def test_a_win_of_someone_else_or_undone_is_lost(stage: str) -> None:
    assert stage_kind(stage) == "lost"


@pytest.mark.parametrize(
    "stage",
    [
        *(
            "Won?",
            "Sold？",
            "Gewonnen (?)",
            "Won 50%",
            "Won (50 %)",
            "90% won",
            "Vinto al 50%",
            "赢单 90％",
            "受注80%",
            "계약 80%",
        ),
        *(
            "Won 90 percent",
            "Gewonnen 80 Prozent",
            "Lost 20%",
            "Won (0%)",
            "Won 99,5 %",
            "Probably won",
            "Won (forecast)",
        ),
        *("Wahrscheinlich gewonnen", "Verbally won", "Won (verbal)", "Chance of winning"),
    ],
)
def test_a_forecast_or_a_question_is_no_outcome(stage: str) -> None:
    assert stage_kind(stage) is None


@pytest.mark.parametrize(
    ("stage", "kind"),
    [("Won (100%)", "won"), ("6 - Closed Won - 100.0 %", "won"), ("Lost 0%", "lost"), ("Negotiation 90%", "engaged")],
)
def test_a_percentage_that_agrees_with_the_outcome(stage: str, kind: str) -> None:
    assert stage_kind(stage) == kind


@pytest.mark.parametrize(
    "stage", ["Won from competitor", "Closed Won - Not lost", "Closed Won", "Vyhráno", "赢单", "Såld"]
)
def test_a_win_beside_words_that_do_not_undo_it(stage: str) -> None:
    assert stage_kind(stage) == "won"


@pytest.mark.parametrize(
    "stage",
    [
        *("Lead won't answer", "Converted to opportunity", "Successful contact", "Sold out", "Bought sample"),
        *(
            "Erfolgreich kontaktiert",
            "Katalog bestellt",
            "Verbally won",
            "Accettato dal commerciale",
            "預計成交",
            "待签约",
        ),
    ],
)
def test_words_of_a_win_that_mean_none(stage: str) -> None:
    assert stage_kind(stage) is None


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        ("Closed - Converted", "won"),
        ("Closed - Not Converted", "lost"),
        ("closedwon", "won"),
        ("ClosedLost", "lost"),
        ("7 - Vinto", "won"),
        ("Non vinto", "lost"),
        ("Gewonnen", "won"),
        ("Nicht gewonnen", "lost"),
        ("성사", "won"),
        ("거래 성사", "won"),
        ("Сделка выиграна", "won"),
        ("Закрыто и не реализовано", "lost"),
        ("Junk Lead", "junk"),
        ("Unqualified - fake", "junk"),
        ("Unqualified", "lost"),
        ("Meeting held", "engaged"),
        ("Connected", "engaged"),
        ("Attempted to contact", None),
        ("New", None),
        ("Not contacted", None),
        ("Open - Not Contacted", None),
        ("Won - upsell", "won"),
        ("Lost to competitor", "lost"),
        ("Wonderland", None),
        ("Perso!", "lost"),
        ("To be won", None),
        ("Noch nicht gewonnen", None),
        ("契約待ち", None),
        ("成約ならず", "lost"),
        ("Kunde", "won"),
        ("Kunde nicht erreicht", None),
        ("Customer contacted", None),
        ("Customer Success", None),
        ("Not signed", "lost"),
        ("Test drive", None),
        ("Angebot abgelehnt", "lost"),
        ("Offerte aangevraagd", None),
        ("Contest", None),
        ("6 - Signed & paid", "won"),
        ("7 - Kunde", "won"),
        ("2. Customer", "won"),
        ("3 - Not yet customer", None),
        ("NDA signed", None),
        ("No decision", "lost"),
        ("No decision yet", None),
        ("Noch keine Entscheidung", None),
        ("Keine Entscheidung", "lost"),
        ("Sans décision", "lost"),
        ("Duplikat", "lost"),
        ("Closed - Duplicate", "lost"),
        ("Possible duplicate", None),
        ("Doublon", "lost"),
        ("重複", "lost"),
    ],
)
def test_stages(stage: str, kind: str | None) -> None:
    assert stage_kind(stage) == kind


@pytest.mark.parametrize(
    ("stage", "is_open"),
    [("Prospecting", True), ("To be won", True), ("Closed won", False), ("Proposal sent", False), ("Phase 7", False)],
)
def test_stages_that_are_known_to_be_open(stage: str, is_open: bool) -> None:
    assert is_open_stage(stage) is is_open


@given(st.text(max_size=40))
def test_any_text_has_a_meaning_or_none(text: str) -> None:
    assert stage_kind(text) in {*STAGE_KINDS, None}


def test_the_cache_is_bounded() -> None:
    for number in range(5_000):
        stage_kind(f"stage {number}")

    assert stage_kind.cache_info().currsize <= 4_096


def test_stages_of_crms_in_eight_languages() -> None:
    with (Path(__file__).parent / "data" / "crm_stages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stages = [(row[language], row["kind"]) for row in rows for language in LANGUAGES if row[language]]
    results = [(stage, kind, stage_kind(stage) or "none") for stage, kind in stages]

    assert [result for result in results if result[2] not in {result[1], "none"}] == []
    assert sum(kind == found for _, kind, found in results) >= 0.95 * len(results)


def test_stages_in_further_languages() -> None:
    with (Path(__file__).parent / "data" / "further_stages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    results = [(row["stage"], row["kind"], stage_kind(row["stage"]) or "none") for row in rows]

    assert [result for result in results if result[2] not in {result[1], "none"}] == []
    assert sum(kind == found for _, kind, found in results) >= 0.95 * len(results)


PLANNED = (
    *(
        "Close to won",
        "Forecast won",
        "Won? check",
        "Could be won",
        "Best case won",
        "Won - pending approval",
        "Draft won",
    ),
    *("Won subject to legal", "Won, unsigned", "Won - awaiting PO", "Provisionally won", "Being sold", "Hopefully won"),
    *(
        "Gewonnen (Prognose)",
        "Wird gewonnen",
        "Mündliche Zusage",
        "Gewonnen, noch nicht unterschrieben",
        "Geplant gewonnen",
    ),
    *("Vinta (previsione)", "Probabile vinta", "Vinta da confermare", "Gagné (prévision)", "Gagné à confirmer"),
    *("Prochainement signé", "Ganado (previsión)", "Ganado por confirmar", "Ganho a confirmar", "Gewonnen (prognose)"),
    *(
        "Verwacht gewonnen",
        "Прогноз: выиграна",
        "ほぼ受注",
        "수주 가능",
        "계약 협의",
        "계약 진행중",
        "예상 수주",
        "准成交",
    ),
)


@pytest.mark.parametrize("stage", PLANNED)
def test_a_win_that_is_expected_is_open(stage: str) -> None:
    assert stage_kind(stage) is None


@pytest.mark.parametrize(
    "stage",
    [
        *(
            "Closed Won - Upsell",
            "Won by referral",
            "Won - follow-up done",
            "Closed won, invoice sent",
            "Sale completed",
        ),
        *("Won - awaiting onboarding", "Closed Won - Pending Implementation", "Gewonnen - Rechnung offen", "수주완료"),
        *("Vinta - da fatturare", "Gagné - à facturer", "已签约", "成約済み", "Contract signed", "Auftrag erhalten"),
    ],
)
def test_what_follows_a_win_does_not_undo_it(stage: str) -> None:
    assert stage_kind(stage) == "won"


@pytest.mark.parametrize(
    ("stage", "meaning"),
    [
        ("Not yet won - call in May", None),
        ("EMEA: almost won, waiting", None),
        ("Opportunity to be won in Q3", None),
        ("Bald gewonnen, wartet auf Budget", None),
        ("Deal noch nicht gewonnen (Q3)", None),
        ("Not won - price too high", "lost"),
        ("Won, not lost", "won"),
    ],
)
def test_a_negation_within_a_stage_holds_in_every_vocabulary(stage: str, meaning: str | None) -> None:
    assert stage_kind(stage) == meaning
