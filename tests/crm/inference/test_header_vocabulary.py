"""Header vocabularies of CRMs and languages."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.inference import header_vocabulary
from crm.inference.header_vocabulary import DATA, SECTIONS, detect_crm, match_header, vocabulary
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
    assert set(content.get("stages", {})) <= {"won", "lost", "junk", "engaged", "open", "not", "not_after"}
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
