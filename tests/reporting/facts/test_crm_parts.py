"""Leads and outcomes of the CRM, and the parts of facts that they give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from crm.lead_history import LeadHistory
from leadworth.channel_groups import shipped
from leadworth.encryption import IdentifierCipher
from leadworth.settings import Settings
from reporting.facts.campaign_matching import CampaignMatcher
from reporting.facts.crm_parts import CrmLead, CrmReader, click_digests, crm_parts
from store.campaign_matches import ClickCampaign

AT = datetime(2026, 11, 1, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
MATCHER = CampaignMatcher([], [], shipped())


def leads_of(
    outcomes: list[dict[str, Any]], contacts: dict[str, list[datetime]] | None = None, **columns: list[Any]
) -> list[CrmLead]:
    leads = pd.DataFrame({"lead_id": ["A", "B", "C"], **columns})
    leads["submitted_at"] = pd.Series([AT, AT + HOUR, pd.NaT], dtype="datetime64[us, UTC]")
    accounts = pd.Series(["acme", None, None], dtype="str")
    names = ("lead_id", "won", "won_at", "lost", "lost_at", "junk", "junk_at", "revenue")
    table = pd.DataFrame(outcomes, columns=list(names), dtype="object")
    history = LeadHistory(leads, table, {}, counts=None, accounts=accounts)  # type: ignore[arg-type]
    reader = CrmReader(history, contacts or {}, frozenset({"sql"}), shipped(), NOW)
    return [lead for part in reader.leads() for lead in part]


def test_leads_without_a_time_of_submit_are_left_out() -> None:
    leads = leads_of([], source=["google", None, "x"], medium=["cpc", None, "y"])
    assert [(lead.lead_id, lead.submitted_at, lead.account) for lead in leads] == [
        ("A", AT, "acme"),
        ("B", AT + HOUR, None),
    ]
    assert [lead.origin.channel for lead in leads] == ["Paid Search", "Direct"]
    assert leads[1].fields["source"] is None


@pytest.mark.parametrize(
    ("outcome", "won_at", "lost_at"),
    [
        ({}, None, None),
        ({"won": True, "won_at": pd.Timestamp(AT + HOUR)}, AT + HOUR, None),
        ({"won": True}, NOW, None),  # without a time: that of the refresh
        ({"won": True, "lost": True, "lost_at": AT}, NOW, None),  # a win goes first
        ({"lost": True, "lost_at": AT + HOUR}, None, AT + HOUR),
        ({"lost": True, "junk": True, "junk_at": AT}, None, NOW),
        ({"junk": True, "junk_at": AT + 2 * HOUR}, None, AT + 2 * HOUR),
        ({"won": False, "won_at": AT}, None, None),
    ],
)
def test_outcomes(outcome: dict[str, Any], won_at: datetime | None, lost_at: datetime | None) -> None:
    first = leads_of([{"lead_id": "A", **outcome}])[0].outcome
    assert (first.won_at, first.lost_at) == (won_at, lost_at)


def test_revenue_and_the_first_contact_after_the_submit() -> None:
    contacts = {"A": [AT - HOUR, AT + HOUR, AT + 2 * HOUR], "B": [AT]}
    first, second = (lead.outcome for lead in leads_of([{"lead_id": "A", "won": True, "revenue": 50}], contacts))
    assert (first.revenue, first.touched_at) == (50.0, AT + HOUR)
    assert (second.revenue, second.touched_at) == (None, None)


def test_parts_of_leads_that_the_service_scored_keep_their_form(settings: Settings) -> None:
    cipher = IdentifierCipher.from_settings(settings)
    leads = leads_of([], email=["a@one.it", "b@two.it", None], source=["fair", "google", None])
    first, second = crm_parts(leads, {"A", "B"}, {}, MATCHER, cipher)
    assert (first.origin, first.match, first.submitted_at) == (None, None, None)
    assert (first.account_key, second.account_key) == (cipher.account_key("crm:acme"), "")


def test_parts_of_other_leads_say_where_they_came_from(settings: Settings) -> None:
    cipher = IdentifierCipher.from_settings(settings)
    leads = leads_of([], email=["a@one.it", "b@two.it", None], gclid=["c1", None, None], entry=[None, "fair", None])
    clicks = {cipher.click_digest("c1"): ClickCampaign("google_ads", "1", "78")}
    assert click_digests(leads, cipher) == list(clicks)
    first, second = crm_parts(leads, set(), clicks, MATCHER, cipher)
    assert first.match is not None
    assert (first.match.key, first.match.matched_by, first.entry) == ("google_ads:1:78", "click", "crm")
    assert second.origin is not None
    assert (second.origin.channel, second.entry, second.submitted_at) == ("Offline", "fair", AT + HOUR)
    assert second.account_key == cipher.account_key("two.it")
