"""Rows of one key are added up, with money in the currency of the settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from leadworth.channel_groups import shipped
from leadworth.settings import Settings
from reporting.facts.campaign_matching import CampaignMatcher
from reporting.imports.import_rows import ImportBatch, ImportKind, ImportRow, MetricRow, QueryRow, SpendRow, TrafficRow
from reporting.imports.stored_rows import batch_total, stored_rows

DAY = date(2026, 10, 1)
SETTINGS = Settings(currency="EUR", leads={}, currencies={"USD": 0.5})
SPENT = SpendRow("google_ads", "123-456-7890", "77", "Brand", "SEARCH", "", DAY, "USD", Decimal("1.50"), clicks=3)
VISITS = TrafficRow("314", DAY, "google", "organic", "", "", "IT", None, sessions=4, engaged_sessions=2, views=9)
QUERY = QueryRow("a.com", "paid", DAY, "crm", "", 2, 10, Decimal("0.80"), "USD")


def batch(kind: ImportKind, *rows: ImportRow) -> ImportBatch:
    return ImportBatch(kind, "google_ads", "123-456-7890", "interface", "", DAY, DAY, rows, len(rows))


def stored(kind: ImportKind, *rows: ImportRow) -> list[dict[str, Any]]:
    return stored_rows(batch(kind, *rows), SETTINGS, "i1", CampaignMatcher([], [], shipped()))


def test_spend_of_one_campaign_and_day_is_one_row() -> None:
    (row,) = stored("spend", SPENT, replace(SPENT, cost=Decimal("-0.25"), clicks=None, campaign_name="Brand new"))
    assert (row["cost_micros"], row["converted_micros"]) == (1_250_000, 625_000)
    assert (row["clicks"], row["impressions"]) == (3, None)
    assert (row["campaign_key"], row["campaign_name"]) == ("google_ads:1234567890:77", "Brand new")
    assert (row["channel"], row["import_id"]) == ("Paid Search", "i1")


def test_without_a_rate_or_an_id() -> None:
    (row,) = stored("spend", replace(SPENT, currency="GBP", campaign_id="", eligible_is_bound=True))
    assert row["converted_micros"] is None
    assert (row["campaign_id"], row["eligible_is_bound"]) == ("name:brand", True)


def test_channels_of_visits() -> None:
    cross = replace(VISITS, channel="Cross-network", country="DE")
    unknown = replace(VISITS, source="", medium="", channel="Carrier pigeon")
    rows = stored("traffic", VISITS, VISITS, cross, unknown)
    assert [row["channel"] for row in rows] == ["Organic Search", "Cross-network", "Unassigned"]
    assert [row["sessions"] for row in rows] == [8, 4, 4]
    assert (rows[0]["views"], rows[0]["users"]) == (18, None)


def test_counts_and_queries() -> None:
    sent = MetricRow("email_sent", "l1", DAY, "Spring", 5)
    (row,) = stored("metrics", sent, replace(sent, campaign="spring", count=2))
    assert (row["count"], row["channel"], row["campaign_key"]) == (7, "Email", "name:spring")
    paid, organic = stored("queries", QUERY, replace(QUERY, kind="organic", cost=None))
    assert (paid["converted_micros"], paid["currency"]) == (400_000, "USD")
    assert (organic["converted_micros"], organic["currency"]) == (None, None)


def test_the_total_is_what_a_source_states() -> None:
    assert batch_total(batch("spend", SPENT, SPENT)) == Decimal("3.00")
    assert batch_total(batch("traffic", VISITS)) == 4
    assert batch_total(batch("metrics", MetricRow("downloads", "l1", DAY, "", 6))) == 6
    assert batch_total(batch("queries", QUERY)) == 2
    assert batch_total(batch("spend")) == 0
