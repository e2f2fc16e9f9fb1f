from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.inference.header_vocabulary import DATA, SECTIONS, match_header, vocabulary
from crm.inference.header_words import normalise
from crm.inference.stage_meanings import stage_kind
from leadworth.records import Lead

OUTCOMES = {
    "lead_id",
    "won",
    "won_at",
    "lost",
    "lost_at",
    "closed_at",
    "stage",
    "stage_at",
    "revenue",
    "known_at",
    "currency",
}


@given(st.text())
def test_the_normaliser_never_raises_and_is_idempotent(header: str) -> None:
    words = normalise(header)
    assert normalise(words) == words


@given(st.text(max_size=40))
def test_any_header_and_any_stage_can_be_asked_about(text: str) -> None:
    assert all(match.section in SECTIONS for match in match_header(text))
    assert stage_kind(text) in {"won", "lost", "junk", "engaged", None}


@pytest.mark.parametrize("path", sorted(DATA.glob("*.toml")), ids=lambda path: path.stem)
def test_the_tables_name_only_what_exists(path: object) -> None:
    content = tomllib.loads(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    assert set(content.get("fields", {})) <= {*Lead.model_fields, "id", "full_name"}
    assert set(content.get("outcomes", {})) <= OUTCOMES
    assert set(content.get("stages", {})) <= {"won", "lost", "junk", "engaged", "not"}


def test_every_stage_of_the_tables_means_what_its_table_says() -> None:
    wrong = [
        (table.name, kind, stage, stage_kind(stage))
        for table in vocabulary()
        for kind, stages in table.stages.items()
        for stage in stages
        if stage_kind(stage) != kind
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        ("Closed - Converted", "won"), ("Closed - Not Converted", "lost"), ("closedwon", "won"), ("ClosedLost", "lost"),
        ("7 - Vinto", "won"), ("Non vinto", "lost"), ("Gewonnen", "won"), ("Nicht gewonnen", "lost"), ("성사", "won"),
        ("거래 성사", "won"), ("Сделка выиграна", "won"), ("Закрыто и не реализовано", "lost"), ("Junk Lead", "junk"),
        ("Unqualified - fake", "junk"), ("Unqualified", "lost"), ("Meeting held", "engaged"), ("Connected", "engaged"),
        ("Attempted to contact", None), ("New", None), ("Not contacted", None), ("Open - Not Contacted", None),
        ("Won - upsell", "won"), ("Lost to competitor", "lost"), ("Wonderland", None), ("Perso!", "lost"),
        ("Contest", None),
    ],
)  # fmt: skip
def test_stages(stage: str, kind: str | None) -> None:
    assert stage_kind(stage) == kind


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Primary Contact Email", "email"), ("Work Email", "email"), ("Email 1", "email"), ("CUSTOMER_EMAIL", "email"),
        ("contactPhone", "phone"), ("Mobile Phone Number", "phone"), ("Lead Source (original)", None),
        ("Email Opened", None), ("Do Not Email", None), ("Email Opt Out", None), ("Number of Emails", None),
        ("Phone calls made", None), ("Company Owner", None), ("County", None), ("Campaign Member Status", None),
        ("Annual Revenue", None), ("Date of birth", None), ("E-Mail geschäftlich", "email"),
        ("Kunde: Telefon", "phone"),
        ("Email aziendale", "email"), ("Téléphone professionnel", "phone"), ("담당자 이메일", "email"),
        ("고객 연락처", "phone"),
    ],
)  # fmt: skip
def test_headers_with_other_words_beside_them(header: str, field: str | None) -> None:
    found = [match.name for match in match_header(header) if match.section == "fields" and not match.near]
    assert found[:1] == ([field] if field else [])
