"""Mapping of columns to standard fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crm.inference.proposals import IDS, ROWS, leads_table, propose_settings


def test_columns_with_unknown_headers_are_mapped_by_values(tmp_path: Path) -> None:
    content, _ = propose_settings(
        tmp_path,
        leads_table(
            {
                "spalte1": IDS,
                "spalte2": [f"p{i}@example.com" for i in range(ROWS)],
                "spalte3": [f"10.0.{i}.{i}" for i in range(ROWS)],
                "spalte4": ["Mozilla/5.0 (X11; Linux)", "curl/8.1"] * 30,
                "spalte5": [f"fb.1.1700000000.{i}AbCdEf" for i in range(ROWS)],
            }
        ),
    )
    assert content["leads"]["columns"] == {
        "email": "spalte2",
        "ip": "spalte3",
        "user_agent": "spalte4",
        "fbc": "spalte5",
    }
    assert content["leads"]["id"] == "spalte1"


def test_a_header_whose_values_do_not_fit_is_a_warning(tmp_path: Path) -> None:
    content, warnings = propose_settings(
        tmp_path, leads_table({"id": IDS, "Phone": ["telephone", "cellular"] * 30, "x": [1, 2] * 30})
    )
    assert "phone" not in content["leads"].get("columns", {})
    assert any("'Phone' is named like phone" in warning for warning in warnings)


CLIENTS = [f"{i}.1764000000" for i in range(ROWS)]


def test_consent_and_client_id_are_mapped(tmp_path: Path) -> None:
    answers = ["granted", "denied"] * 30
    columns = {"id": IDS, "Ads Consent": answers, "Personal Ads Consent": answers, "GA client id": CLIENTS}
    content, warnings = propose_settings(
        tmp_path, leads_table({**columns, "Clicked": ["2026-03-01 10:00:00", ""] * 30})
    )
    mapped = content["leads"]["columns"]
    assert mapped["consent_ad_user_data"] == "Ads Consent"
    assert mapped["consent_ad_personalization"] == "Personal Ads Consent"
    assert (mapped["ga_client_id"], mapped["clicked_at"]) == ("GA client id", "Clicked")
    assert not any("taken for consent" in warning for warning in warnings)


@pytest.mark.parametrize(
    "header", ["Ad storage", "Marketing consent", "Werbeeinwilligung", "광고 동의", "Zgoda marketingowa"]
)
def test_a_consent_is_mapped_in_other_words_and_languages(tmp_path: Path, header: str) -> None:
    content, _ = propose_settings(tmp_path, leads_table({"id": IDS, header: ["yes", "no"] * 30}))
    assert content["leads"]["columns"]["consent_ad_user_data"] == header


def test_a_consent_to_marketing_is_asked_about(tmp_path: Path) -> None:
    _, warnings = propose_settings(tmp_path, leads_table({"id": IDS, "Marketing consent": ["yes", "no"] * 30}))
    assert any("'Marketing consent' is taken for consent to share data" in warning for warning in warnings)


@pytest.mark.parametrize(
    "header", ["Marketing Opt Out", "Ads opt-out", "Consent date", "GDPR consent", "Do not advertise"]
)
def test_what_is_no_consent_to_ads_is_not_mapped(tmp_path: Path, header: str) -> None:
    content, _ = propose_settings(tmp_path, leads_table({"id": IDS, header: ["yes", "no"] * 30}))
    assert not {"consent_ad_user_data", "consent_ad_personalization"} & set(content["leads"].get("columns", {}))


@pytest.mark.parametrize(
    ("header", "values"),
    [("_ga", [f"GA1.1.{text}" for text in CLIENTS]), ("ga_client_id", CLIENTS), ("GA4 Client ID", CLIENTS)],
)
def test_the_client_id_of_analytics_is_mapped(tmp_path: Path, header: str, values: list[str]) -> None:
    content, _ = propose_settings(tmp_path, leads_table({"id": IDS, header: values}))
    assert content["leads"]["columns"]["ga_client_id"] == header


def test_a_column_named_like_a_client_id_that_holds_none_is_not_mapped(tmp_path: Path) -> None:
    content, _ = propose_settings(tmp_path, leads_table({"id": IDS, "GA": ["Atlanta", "Macon"] * 30}))
    assert "ga_client_id" not in content["leads"].get("columns", {})
