"""Campaigns of clicks."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from store.click_campaigns import KEPT_DAYS, store_clicks
from store.engine import open_engine
from store.report_schema import click_campaigns
from store.schema import metadata

TODAY = date(2026, 11, 29)


def row(click: str, campaign: str, age: int) -> dict[str, str]:
    day = (TODAY - timedelta(days=age)).isoformat()
    return {"click": click, "platform": "google_ads", "account_id": "1", "campaign_id": campaign, "day": day}


def test_clicks_are_stored_once_and_deleted_after_90_days(store_url: str) -> None:
    engine = open_engine(store_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        assert store_clicks(connection, [row("a", "1", KEPT_DAYS), row("b", "1", 1)], today=TODAY) == 0
        assert store_clicks(connection, [row("b", "2", 1)], today=TODAY) == 0
        assert store_clicks(connection, [], today=TODAY + timedelta(days=1)) == 1
        rows = connection.execute(sa.select(click_campaigns.c.click, click_campaigns.c.campaign_id)).all()
    assert [tuple(each) for each in rows] == [("b", "2")]
    engine.dispose()
