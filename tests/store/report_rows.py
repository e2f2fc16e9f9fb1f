"""Rows of the tables of the report."""

from __future__ import annotations

from datetime import date
from typing import Any

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
IMPORT = "a" * 32


def spend(**changes: Any) -> dict[str, Any]:
    """Return a row of `spend_days`."""
    row = {
        "platform": "meta",
        "account_id": "1",
        "campaign_id": "9",
        "network": "",
        "country": "",
        "day": "2026-10-01",
        "campaign_name": "Brand",
        "campaign_key": "meta:1:9",
        "channel": "Paid Social",
        "currency": "EUR",
        "cost_micros": -1_250_000,
        "converted_micros": None,
        "impressions": 10,
        "clicks": 1,
        "invalid_clicks": None,
        "eligible_impressions": 12.5,
        "eligible_is_bound": False,
        "import_id": IMPORT,
    }
    return {**row, **changes}


def traffic(**changes: Any) -> dict[str, Any]:
    """Return a row of `traffic_days`."""
    row = {
        "property_id": "1",
        "day": "2026-10-01",
        "source": "google",
        "medium": "organic",
        "campaign_id": "",
        "campaign_name": "",
        "country": "IT",
        "channel": "Organic Search",
        "campaign_key": "(unmatched)",
        "sessions": 5,
        "engaged_sessions": 3,
        "users": None,
        "views": 9,
        "session_seconds": 100,
        "key_events": None,
        "quality": "",
        "import_id": IMPORT,
    }
    return {**row, **changes}


def metric(**changes: Any) -> dict[str, Any]:
    """Return a row of `metric_days`."""
    row = {"name": "downloads", "account_id": "1", "day": "2026-10-01", "campaign_key": "(unmatched)"}
    return {**row, "channel": "", "count": 3, "import_id": IMPORT, **changes}


def query(**changes: Any) -> dict[str, Any]:
    """Return a row of `query_days`."""
    row = {"account_id": "1", "kind": "organic", "day": "2026-10-01", "query": "crm", "country": "", "clicks": 1}
    money = {"cost_micros": None, "converted_micros": None, "currency": None}
    return {**row, "impressions": 2, **money, "import_id": IMPORT, **changes}


def record(**changes: Any) -> dict[str, Any]:
    """Return a row of `data_imports` without its time."""
    row = {
        "import_id": IMPORT,
        "kind": "spend",
        "platform": "meta",
        "account_id": "1",
        "origin": "file a.csv",
        "first_day": "2026-10-01",
        "last_day": "2026-10-31",
        "zone": "",
        "rows_read": 1,
        "rows_set_aside": 0,
        "total_micros": 0,
        "source_total_micros": None,
        "currency": "EUR",
        "quality": "",
    }
    return {**row, **changes}
