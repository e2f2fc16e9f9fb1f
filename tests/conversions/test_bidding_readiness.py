"""Readiness of platforms for value bidding."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from conversions.bidding_readiness import Readiness, coverage, readiness
from tests.conversions.export_setup import ExportSetup, lead


@pytest.mark.parametrize(
    ("platform", "stages", "values", "goal"),
    [
        ("google", {"lead": 200, "qualified": 40, "won": 15}, 90, "lead"),  # never the rarer stage
        ("google", {"lead": 14, "qualified": 5}, 9, None),
        ("google", {"lead": 200, "qualified": 40, "won": 15}, 1, "qualified"),  # all values are equal
        ("google", {"lead": 200, "qualified": 14, "won": 3}, 1, "lead"),
        ("google", {"qualified": 20, "won": 15}, 20, "qualified"),  # the stage lead is not sent
        ("linkedin", {"lead": 19}, 5, None),
        ("meta", {"lead": 100, "qualified": 60}, 1, "lead"),  # more than 40 % qualify
        ("meta", {"lead": 100, "qualified": 30}, 1, "qualified"),
    ],
)
def test_goal_is_the_lead_with_its_value_and_qualified_without(
    platform: str, stages: dict[str, int], values: int, goal: str | None
) -> None:
    assert Readiness(platform, "", Counter(stages), values).goal == goal


def test_stages_are_counted_by_campaign_the_largest_first(export: ExportSetup) -> None:
    export.add(lead(1, campaign="small"), to=("google",))
    export.add(*(lead(number, campaign="large") for number in (2, 3)), to=("google",), score={"predicted_value": 20.0})
    with export.engine.connect() as connection:
        by_platform = readiness(connection, datetime.now(UTC))
    assert list(by_platform) == ["google"]
    entries = [(entry.campaign, entry.stages["lead"], entry.values) for entry in by_platform["google"]]
    assert entries == [("", 3, 1), ("large", 2, 1), ("small", 1, 1)]


def test_coverage_of_identifiers_and_consent(export: ExportSetup) -> None:
    missing = {"gclid": None, "consent_ad_user_data": None, "consent_ad_personalization": False}
    export.add(lead(1), lead(2, **missing), to=("google",))
    with export.engine.connect() as connection:
        result = coverage(connection, export.settings, export.writer.cipher, datetime.now(UTC))
    assert result.shares("google")["gclid"] == 0.5
    assert result.shares("google")["email"] == 1.0
    assert result.shares("google")["wbraid"] == 0.0
    assert result.consents == {"ad_user_data": 1, "ad_personalization": 1}
    assert (result.leads, result.recorded) == (2, 2)
