"""Parts of facts of leads that the service scored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from leadworth.channel_groups import shipped
from reporting.facts.campaign_matching import CampaignMatcher
from reporting.facts.decided_parts import decided_parts, origin_of_row
from reporting.facts.fact_builder import LeadParts
from store.campaign_matches import ClickCampaign, SpendCampaign
from store.decided_leads import DecidedLead

CAMPAIGN = SpendCampaign("google_ads", "1", "77", "Brand", "google_ads:1:77", "Paid Search", "2026-11-01")
MATCHER = CampaignMatcher([CAMPAIGN], [], shipped())
ROW = {
    "scored_at": "2026-11-01T10:00:00.000000+00:00",
    "submitted_at": "2026-11-01T09:00:00.000000+00:00",
    "form_id": None,
    "entry": None,
    "source": "google",
    "medium": "cpc",
    "campaign": "brand",
    "campaign_id": None,
    "click_platform": None,
    "click": None,
    "country": "IT",
    "account_key": None,
}


def part(clicks: dict[str, ClickCampaign] | None = None, **changes: Any) -> LeadParts:
    row = {**ROW, **changes}
    [made] = decided_parts({"A": DecidedLead(row, row, None)}, clicks or {}, MATCHER, shipped())
    return made


def test_parts_of_a_decision() -> None:
    made = part()
    assert made.submitted_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert made.origin is not None
    assert made.match is not None
    assert (made.origin.channel, made.match.key, made.match.matched_by) == ("Paid Search", "google_ads:1:77", "name")
    assert (made.lead_id, made.account_key, made.entry) == ("A", "", "api")
    assert decided_parts({}, {}, MATCHER, shipped()) == []


def test_a_lead_without_a_time_of_submit_has_that_of_its_score() -> None:
    assert part(submitted_at=None).submitted_at == datetime(2026, 11, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "entry"), [({"form_id": "f1"}, "form"), ({"form_id": "f1", "entry": "call"}, "call"), ({}, "api")]
)
def test_the_way_in(changes: dict[str, str], entry: str) -> None:
    assert part(**changes).entry == entry


def test_the_campaign_of_a_click_goes_first() -> None:
    made = part({"d1": ClickCampaign("google_ads", "1", "78")}, click="d1", click_platform="google_ads")
    assert made.match is not None
    assert (made.match.key, made.match.matched_by) == ("google_ads:1:78", "click")


def test_the_channel_follows_the_present_rules() -> None:
    channels = {
        "Offline": {"entry": "fair"},
        "Direct": {"source": None, "medium": None, "campaign": None},
        "Email": {"source": "newsletter", "medium": "email"},
    }
    assert {name: origin_of_row({**ROW, **row}, shipped()).channel for name, row in channels.items()} == {
        name: name for name in channels
    }
    origin = origin_of_row({**ROW, "click_platform": "meta"}, shipped())
    assert (origin.country, origin.click_platform, origin.click_id, origin.domain) == ("IT", "meta", None, None)
