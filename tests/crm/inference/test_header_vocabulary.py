"""Header vocabularies of CRMs and languages."""

from __future__ import annotations

import csv
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.inference import header_vocabulary
from crm.inference.header_table import SECTIONS
from crm.inference.header_vocabulary import DATA, detect_crm, match_header, vocabulary
from crm.inference.stage_meanings import stage_kind
from leadworth.records import Lead

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "ja")
LABELS = Path(__file__).parent / "data" / "crm_headers.csv"
SIX = {"HubSpot", "Salesforce", "Dynamics 365", "Odoo", "Pipedrive", "Zoho CRM"}

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
STAGE_SECTIONS = {
    "won",
    "lost",
    "junk",
    "engaged",
    "open",
    "not",
    "not_after",
    "not_yet",
    "not_yet_after",
    "neither",
    "undone",
}
ACME_CRM = """
name = "Acme CRM"
kind = "crm"
[fields]
id = ["Acme Ref"]
email = ["Acme Mailbox"]
phone = ["Acme Line"]
[outcomes]
stage = ["Acme Phase"]
revenue = ["Acme Sum"]
[late]
headers = ["Acme Temperature"]
[stages]
won = ["zzbagged"]
"""


@pytest.fixture
def acme_vocabulary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    (folder / "acme.toml").write_text(ACME_CRM, encoding="utf-8")
    monkeypatch.setattr(header_vocabulary, "DATA", folder)
    vocabulary.cache_clear()
    stage_kind.cache_clear()
    yield
    vocabulary.cache_clear()
    stage_kind.cache_clear()


@pytest.mark.usefixtures("acme_vocabulary")
def test_a_crm_is_added_by_one_file() -> None:
    headers = ["Acme Ref", "Acme Mailbox", "Acme Line", "Acme Phase", "Acme Sum", "Acme Temperature"]

    assert detect_crm(headers) == "Acme CRM"
    assert [match_header(header, "Acme CRM")[0].name for header in headers] == [
        "id",
        "email",
        "phone",
        "stage",
        "revenue",
        "headers",
    ]
    assert stage_kind("3 - zzbagged") == "won"


@given(st.text(max_size=40))
def test_any_header_can_be_matched(text: str) -> None:
    assert all(match.section in SECTIONS for match in match_header(text))


@pytest.mark.parametrize("path", sorted(DATA.glob("*.toml")), ids=lambda path: path.stem)
def test_vocabularies_have_existing_fields_and_settings_only(path: Path) -> None:
    content = tomllib.loads(path.read_text(encoding="utf-8"))

    assert set(content.get("fields", {})) <= {*Lead.model_fields, "id", "full_name"}
    assert set(content.get("outcomes", {})) <= OUTCOMES
    assert set(content.get("stages", {})) <= STAGE_SECTIONS
    assert set(content.get("whole_stages", {})) <= {"won", "lost", "junk", "engaged"}
    assert set(content.get("unrelated", {})) <= {"headers"}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Primary Contact Email", "email"),
        ("Work Email", "email"),
        ("Email 1", "email"),
        ("CUSTOMER_EMAIL", "email"),
        ("contactPhone", "phone"),
        ("Mobile Phone Number", "phone"),
        ("Lead Source (original)", "source"),
        ("Email Opened", None),
        ("Do Not Email", None),
        ("Email Opt Out", None),
        ("Number of Emails", None),
        ("Phone calls made", None),
        ("Company Owner", None),
        ("County", None),
        ("Campaign Member Status", None),
        ("Annual Revenue", None),
        ("Date of birth", None),
        ("E-Mail geschäftlich", "email"),
        ("Kunde: Telefon", "phone"),
        ("Email aziendale", "email"),
        ("Téléphone professionnel", "phone"),
        ("담당자 이메일", "email"),
        ("고객 연락처", "phone"),
    ],
)
def test_headers_with_additional_words(header: str, field: str | None) -> None:
    fields = [match.name for match in match_header(header) if match.section == "fields" and not match.near]
    assert fields[:1] == ([field] if field else [])


def strongest_meaning(header: str, crm: str | None) -> str:
    matches = [match for match in match_header(header, crm) if not match.near]
    if not matches:
        return "none"
    return matches[0].section if matches[0].name == "headers" else f"{matches[0].section}.{matches[0].name}"


@cache
def labels_with_results() -> list[tuple[dict[str, str], str, str]]:
    """Return row, language and result (right, missed or wrong) of every label of `data/crm_headers.csv`."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    exports = {(row["crm"], language) for row in rows for language in LANGUAGES}
    crms = {
        (crm, language): detect_crm([row[language] for row in rows if row["crm"] == crm and row[language]])
        for crm, language in exports
    }
    results = []
    for row in rows:
        for language in LANGUAGES:
            if row[language]:
                meaning = strongest_meaning(row[language], crms[row["crm"], language])
                result = "right" if meaning in row["meaning"].split("|") else "missed" if meaning == "none" else "wrong"
                results.append((row, language, result))
    return results


def test_labels_of_six_crms_in_eight_languages() -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    wrong = []
    for row, language, result in labels_with_results():
        if row["crm"] in SIX:
            counts[row["crm"], language, result] += 1
            wrong += [(row["crm"], language, row[language])] if result == "wrong" else []

    assert wrong == []
    assert {(crm, language) for crm, language, _ in counts} == {
        (crm, language) for crm in SIX for language in LANGUAGES
    }
    for crm in SIX:
        for language in LANGUAGES:
            right = counts[crm, language, "right"]
            assert right >= 0.95 * (right + counts[crm, language, "missed"]), (crm, language)


def test_labels_in_further_languages() -> None:
    with LABELS.with_name("further_headers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    results = [(row["header"], row["meaning"].split("|"), strongest_meaning(row["header"], None)) for row in rows]

    assert [result for result in results if result[2] not in {*result[1], "none"}] == []
    assert sum(found in meanings for _, meanings, found in results) >= 0.95 * len(results)


def test_labels_that_the_vocabulary_was_not_written_for() -> None:
    results = Counter(result for row, _, result in labels_with_results() if row["part"] == "held_out")

    assert results["right"] >= 0.88 * results.total()
    assert results["wrong"] <= 1


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Datum der Erstellung", "fields.submitted_at"),
        ("Created Date/Time", "fields.submitted_at"),
        ("Data della creazione", "fields.submitted_at"),
        ("リードの流入元", "fields.source"),
        ("お客様のﾒｰﾙｱﾄﾞﾚｽ", "fields.email"),
        ("Deal Source", "fields.source"),
        ("Deal Date", "none"),
        ("Deal Description", "none"),
        ("Lead Owner ID", "people"),
        ("Company ID", "none"),
        ("Fecha de creación de la empresa", "none"),
        ("Nome do negócio", "none"),
        ("Umsatz pro Jahr", "none"),
        ("Altersgruppe", "none"),
        ("No Email", "none"),
        ("Home owner", "none"),
        ("Business Owner", "none"),
        ("Propietario de vivienda", "none"),
        ("Decision maker", "none"),
        ("Age", "none"),
        ("Température", "none"),
        ("Won?", "outcomes.won"),
        ("Won %", "late"),
        ("% gewonnen", "late"),
        ("Vinto (％)", "late"),
    ],
)
def test_kinds_of_spellings(header: str, meaning: str) -> None:
    assert strongest_meaning(header, None) == meaning


def test_the_title_of_a_deal_does_not_reveal_the_crm() -> None:
    assert detect_crm(["Title", "Name", "Type", "Zip", "Topic"]) is None
