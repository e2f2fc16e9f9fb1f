"""Rows of spend for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from leadworth.campaign_keys import campaign_key
from store.report_schema import spend_days


def add_spend(connection: Connection, **values: Any) -> None:
    """Add a day of spend; `values` override."""
    row = {
        "platform": "google_ads",
        "account_id": "1",
        "campaign_id": "7",
        "campaign_name": "Brand",
        "network": "SEARCH",
        "country": "",
        "day": "2026-11-10",
        "channel": "Paid Search",
        "currency": "EUR",
        "cost_micros": 10_000_000,
        "import_id": "i",
        **values,
    }
    row.setdefault("converted_micros", row["cost_micros"])
    row["campaign_key"] = campaign_key(row["platform"], row["account_id"], row["campaign_id"], row["campaign_name"])
    connection.execute(spend_days.insert(), row)
