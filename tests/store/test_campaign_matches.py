from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from store.campaign_matches import (
    ClickCampaign,
    campaigns_of_clicks,
    delete_clicks_before,
    spend_campaigns,
)
from store.report_schema import click_campaigns
from tests.reporting.facts.spend_rows import add_spend

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
