"""Identifiers and consent from the fields of a lead."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conversions.person_identifiers import consent_of, from_json, identifiers_of, to_json
from leadworth.consent import Consent


def test_identifiers_survive_json() -> None:
    identifiers = identifiers_of({"email": "ada@example.org", "phone": float("nan"), "country": "DE", "gclid": ""})
    assert to_json(identifiers) == {"identity": {"email": "ada@example.org", "region": "DE"}}
    assert from_json({**to_json(identifiers), "unknown": "x"}) == identifiers


def test_times_of_clicks_survive_json() -> None:
    identifiers = identifiers_of({"gclid": "Cj0KCQtest", "clicked_at": datetime(2026, 11, 1, tzinfo=UTC)})
    assert from_json(to_json(identifiers)) == identifiers
    assert identifiers.click_times == {"gclid": datetime(2026, 11, 1, tzinfo=UTC)}


def test_one_time_for_all_clicks_is_read() -> None:
    content = {"identity": {"gclid": "Cj0KCQtest", "fbp": "fb.1.1"}, "clicked_at": "2026-11-01T00:00:00+00:00"}
    assert from_json(content).click_times == {"gclid": datetime(2026, 11, 1, tzinfo=UTC)}


def test_region_falls_back_to_the_country_of_the_address() -> None:
    assert identifiers_of({"ip_country": "FR"}).region == "FR"
    assert identifiers_of({"country": "Italia", "ip_country": "FR"}).region == "IT"


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (0.0, False), (float("nan"), None), (None, None), ("yes", None)]
)
def test_consent(value: object, expected: bool | None) -> None:
    assert consent_of({"consent_ad_user_data": value}) == Consent(expected, None)
