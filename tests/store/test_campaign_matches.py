from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from leadworth.campaign_keys import UNMATCHED
from store import lead_facts
from store.campaign_matches import (
    ClickCampaign,
    MatchRates,
    campaigns_of_clicks,
    delete_clicks_before,
    match_rates,
    spend_campaigns,
)
from store.report_schema import click_campaigns
from tests.reporting.facts.spend_rows import add_spend
from tests.store.fact_rows import fact

AT = datetime(2026, 11, 10, 12, tzinfo=UTC)


def test_campaigns_come_once_for_each_name_the_newest_last(connection: Connection) -> None:
    add_spend(connection, day="2026-11-12", campaign_name="New")
    add_spend(connection, day="2026-11-10", campaign_name="Old")
    add_spend(connection, day="2026-11-11", campaign_name="Old")
    found = spend_campaigns(connection)
    assert [(row.name, row.campaign_key, row.last_day) for row in found] == [
        ("Old", "google_ads:1:7", "2026-11-11"),
        ("New", "google_ads:1:7", "2026-11-12"),
    ]


def test_campaigns_of_clicks_are_forgotten(connection: Connection) -> None:
    row = {"click": "d", "platform": "google_ads", "account_id": "1", "campaign_id": "7", "day": "2026-11-10"}
    connection.execute(click_campaigns.insert(), row)
    assert campaigns_of_clicks(connection, ["d", "e"]) == {"d": ClickCampaign("google_ads", "1", "7")}
    assert delete_clicks_before(connection, AT) == 0
    assert delete_clicks_before(connection, AT.replace(day=11)) == 1
    assert campaigns_of_clicks(connection, ["d"]) == {}


def test_match_rates_by_spend_and_by_leads(connection: Connection) -> None:
    add_spend(connection, cost_micros=90)
    add_spend(connection, campaign_id="8", cost_micros=10)
    add_spend(connection, campaign_id="9", day="2025-01-01", cost_micros=1_000)
    lead_facts.write(
        connection,
        [
            fact("A", AT),
            fact("B", AT),
            fact("C", AT, campaign_key=UNMATCHED, matched_by=""),
            fact("D", AT, channel="Direct", campaign_key=UNMATCHED, matched_by=""),  # no spend is for it
        ],
    )
    rates = match_rates(connection, "2026-11-01", "2026-11-30")
    assert rates == MatchRates(90, 100, 2, 3)
    assert (rates.by_spend, rates.by_leads) == (0.9, 2 / 3)
    nothing = match_rates(connection, "2024-01-01", "2024-01-02")
    assert (nothing.by_spend, nothing.by_leads) == (None, None)
