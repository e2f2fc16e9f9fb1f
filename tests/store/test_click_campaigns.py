"""Campaigns of clicks."""

from __future__ import annotations

import sqlalchemy as sa

from store.click_campaigns import store_clicks
from store.engine import open_engine
from store.report_schema import click_campaigns
from store.schema import metadata


def row(click: str, campaign: str) -> dict[str, str]:
    return {
        "click": click,
        "platform": "google_ads",
        "account_id": "1",
        "campaign_id": campaign,
        "day": "2026-11-01",
    }


def test_clicks_are_stored_once_with_their_newest_campaign(store_url: str) -> None:
    engine = open_engine(store_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        store_clicks(connection, [row(str(number), "1") for number in range(1_200)])
        store_clicks(connection, [row("7", "2")])
        store_clicks(connection, [])
        rows = connection.execute(sa.select(click_campaigns.c.click, click_campaigns.c.campaign_id)).all()
    assert len(rows) == 1_200
    assert {each.click for each in rows if each.campaign_id == "2"} == {"7"}
    engine.dispose()
