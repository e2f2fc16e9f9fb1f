"""Values that cannot be right are named; what may be right is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from leadworth.records import Lead
from serving.implausible_values import implausible
from serving.input_warnings import unreadable_fields
from tests.serving.test_fast_path import responses

WRONG = [
    ("ip", "999.1.1.1"),
    ("ip", "unknown host"),
    ("country", "Narnia"),
    ("country", "イタリア"),
    ("ip_country", "Q9"),
    ("employees", -5),
    ("employees", 1e308),
    ("employees", "-5"),
    ("budget", -1),
    ("budget", 1e15 + 1e6),
    ("pages_viewed", -1),
    ("asn", 2**32),
    ("lw_data", "[[[["),
    ("lw_data", "[1]"),
    ("headers", "x"),
    ("submitted_at", f"{datetime.now(UTC).year + 3}-01-01T00:00:00Z"),
    ("clicked_at", f"{datetime.now(UTC).year + 3}-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_cannot_be_right_is_named(name: str, value: object) -> None:
    (warning,) = unreadable_fields({name: value}, Lead(**{name: value}))
    assert (warning.field, warning.code) == (name, "unreadable-value")
    assert str(value) not in warning.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("ip", "203.0.113.7"), ("ip", "2001:db8::1"), ("ip", "203.0.113.7, 10.0.0.1"), ("country", "Italia")],
        *[("country", "de"), ("ip_country", "T1"), ("employees", 0.0), ("employees", 2.2e6), ("asn", 15169.0)],
        *[("lw_data", '{"v": 1}'), ("headers", "Host, User-Agent"), ("company", "Acme")],
    ],
)
def test_what_may_be_right_is_not(name: str, value: object) -> None:
    assert implausible(name, value) is None


def test_the_response_names_each_and_scores_the_lead(client: TestClient) -> None:
    body = {name: value for name, value in WRONG if name != "asn"}
    short, routed = responses(client, json=body)
    assert short == routed
    assert {warning["field"] for warning in short[1]["warnings"]} == body.keys()


@pytest.mark.parametrize("lead_id", [["a"], {"a": 1}, True])
def test_an_id_that_is_no_text_and_no_number_is_refused(client: TestClient, lead_id: object) -> None:
    refused = client.post("/v1/scores", json={"lead_id": lead_id})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:leadworth:problem:invalid-lead-id"
    batch = client.post("/v1/scores/batch", json={"leads": [{"lead_id": lead_id}, {"lead_id": 7}]}).json()
    assert [result["status"] for result in batch["results"]] == [422, 200]
