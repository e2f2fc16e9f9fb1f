from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reporting.facts.funnel_stages import funnel_times, is_contact, is_engaged, is_quote

D1, D2, D3, D4 = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3, 4))


@pytest.mark.parametrize(
    "stage",
    [
        "Proposal/Price Quote",
        "Negotiation",
        "Preventivo inviato",
        "Angebot versendet",
        "Devis envoyé",
        "견적 발송",
        "Переговоры",
    ],
)
def test_stages_with_a_proposal(stage: str) -> None:
    assert is_quote(stage)
    assert is_engaged(stage)


@pytest.mark.parametrize("stage", ["New", "Open - Not Contacted", "Closed lost", "Junk Lead", ""])
def test_other_stages(stage: str) -> None:
    assert not is_quote(stage)


def test_the_first_time_of_each_counts() -> None:
    stages = [("New", D1), ("Meeting held", D2), ("Proposal sent", D3), ("Proposal sent", D4)]
    assert funnel_times(stages, None, None, frozenset()) == (D2, D3, D2)


def test_stages_that_the_settings_name() -> None:
    stages = [("Meeting held", D1), ("Level 2", D2)]
    assert funnel_times(stages, None, None, frozenset({"level 2"})) == (D2, None, D1)


def test_a_won_lead_was_an_sql_with_a_quote() -> None:
    assert funnel_times([], None, D3, frozenset()) == (D3, D3, D3)
    assert funnel_times([("Proposal", D4)], D1, D3, frozenset()) == (D1, D3, D1)


def test_without_times_nothing_is_known() -> None:
    assert funnel_times([("Proposal", None)], None, None, frozenset()) == (None, None, None)


def test_a_stage_says_that_sales_has_talked_to_the_lead() -> None:
    stages = [("New", D1), ("Attempted to contact", D2), ("Contacted", D3), ("Meeting held", D4)]
    assert funnel_times(stages, None, None, frozenset()).touched_at == D3
    assert funnel_times([("New", D1), ("Closed - Lost", D2)], None, None, frozenset()).touched_at is None


@pytest.mark.parametrize("stage", ["Contacted", "Contattato", "Kontaktiert", "Contacté", "Contactado", "Contatado"])
def test_contact_in_several_languages(stage: str) -> None:
    assert is_contact(stage)
    assert not is_contact(f"Not {stage}")
    assert not is_contact(f"Non {stage}")
