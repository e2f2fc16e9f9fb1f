"""Warnings about values that cannot be read and fields that nothing uses."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from leadworth.records import Lead
from serving.input_warnings import MOST_WARNINGS, unknown_fields, unreadable_fields
from tests.serving.test_fast_path import responses


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Source", "source"),
        ("Lead Source", "source"),
        ("E-Mail", "email"),
        ("utm_source", "source"),
        ("firstname", "first_name"),
        ("Job Title", "job_title"),
        ("Firma", "company"),
        ("emloyees", "employees"),
        ("Seats ", "Seats"),
        ("submittedAt", "submitted_at"),
    ],
)
def test_unknown_fields_name_the_nearest(name: str, nearest: str) -> None:
    assert unknown_fields([name], ["Seats"])[0].detail.endswith(f"nearest: {nearest}")


def test_a_name_like_no_other_has_no_nearest() -> None:
    assert "nearest" not in unknown_fields(["zzz"], [])[0].detail
    assert unknown_fields(["Seats"], ["Seats"]) == []


def test_a_name_that_is_personal_data_is_redacted() -> None:
    assert "ada@" not in unknown_fields(["ada@example.org"], [])[0].field


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("employees", "about fifty"),
        ("budget", "1.2.3"),
        ("budget", "10.000 €"),
        ("demo_requested", "perhaps"),
        ("submitted_at", "03/04/2024"),
        ("submitted_at", 12),
        ("clicked_at", "soon"),
        ("phone", "3.9E+11"),
        ("lead_id", "1.00005E+11"),
        ("consent_ad_user_data", "ask me later"),
        ("email", ["a@b.it", "c@d.it"]),
        ("company", {"name": "Acme"}),
        ("company", True),
        ("message", []),
        ("demo_requested", []),
        ("visits", True),
        ("headers", [["a", "b"]]),
        ("lw_data", {"v": 1}),
        ("first_name", "Jos\ufffd"),
        ("consent_ad_user_data", []),
    ],
)
def test_values_that_cannot_be_read(name: str, value: object) -> None:
    warning = unreadable_fields({name: value}, Lead(**{name: value}))[0]
    assert warning.field == name
    assert str(value) not in warning.detail


def test_letters_lost_in_a_field_that_is_not_declared_are_named() -> None:
    content = {"Seats": "Jos\ufffd", "Tags": ["a\ufffd"]}
    assert [warning.field for warning in unreadable_fields(content, Lead(**content))] == ["Seats", "Tags"]


def test_a_list_is_no_answer_about_consent() -> None:
    assert Lead(consent_ad_user_data=[True]).consent_ad_user_data is False


def test_what_can_be_read_or_is_missing_gives_no_warning() -> None:
    content = {
        "employees": "51-200",
        "budget": None,
        "phone": "N/A",
        "demo_requested": "-",
        "company": 7,
        "email": "asdf",
    }
    assert unreadable_fields(content, Lead(**content)) == []


BODY = {"company": "Acme", "employees": "about fifty", "Source": "google", "submitted_at": "2026-05-01T10:00:00Z"}


def test_the_response_has_the_warnings_on_both_ways(client: TestClient) -> None:
    short, routed = responses(client, json=BODY)
    assert short == routed
    assert [(warning["field"], warning["code"]) for warning in short[1]["warnings"]] == [
        ("employees", "unreadable-value"),
        ("Source", "unknown-field"),
    ]
    assert "nearest: source" in short[1]["warnings"][1]["detail"]


def test_a_clean_lead_has_no_warnings(client: TestClient) -> None:
    assert client.post("/v1/scores", json={"company": "Acme", "employees": 50}).json().get("warnings") is None


def test_strict_refuses_a_lead_with_warnings(client: TestClient) -> None:
    refused = client.post("/v1/scores?strict=true", json=BODY)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:leadworth:problem:strict-input"
    assert "nearest: source" in refused.json()["detail"]
    assert "fifty" not in refused.text
    assert client.post("/v1/scores?strict=true", json={"company": "Acme"}).status_code == 200
    assert client.post("/v1/scores?strict=false", json=BODY).status_code == 200


def test_each_lead_of_a_batch_has_its_warnings(client: TestClient) -> None:
    batch = {"leads": [BODY, {"company": "Acme"}]}
    results = client.post("/v1/scores/batch", json=batch).json()["results"]
    assert [len(result["score"].get("warnings", [])) for result in results] == [2, 0]
    strict = client.post("/v1/scores/batch?strict=true", json=batch).json()
    assert [result["status"] for result in strict["results"]] == [422, 200]
    assert (strict["scored"], strict["failed"]) == (1, 1)


def test_warnings_are_bounded(client: TestClient) -> None:
    body = {f"field{number}": "x" for number in range(1_000)}
    assert len(client.post("/v1/scores", json=body).json()["warnings"]) == MOST_WARNINGS
