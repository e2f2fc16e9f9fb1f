"""Spend by channel and currency."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, insert

from store.report_schema import spend_days
from store.report_scope import ReportScope
from store.spend_by_currency import CurrencySpend, spend_by_currency
from tests.store.report_rows import spend

DAY = date(2026, 10, 1)


def test_each_currency_of_a_channel_is_a_row(connection: Connection) -> None:
    rows = [
        spend(day="2026-10-01", channel="Email", currency="USD", cost_micros=5, converted_micros=None),
        spend(day="2026-10-01", channel="Email", campaign_id="2", currency="USD", cost_micros=7, converted_micros=6),
        spend(day="2026-10-01", channel="Email", campaign_id="3", currency="EUR", cost_micros=2, converted_micros=2),
        spend(day="2026-10-02", channel="Email", currency="USD", cost_micros=9, converted_micros=None),
    ]
    connection.execute(insert(spend_days), rows)
    assert spend_by_currency(connection, ReportScope(), DAY, DAY) == [
        CurrencySpend("Email", "EUR", 2, True),
        CurrencySpend("Email", "USD", 12, False),
    ]
    assert spend_by_currency(connection, ReportScope(("Direct",)), DAY, DAY) == []
