"""The number of rows is the same on every database."""

from __future__ import annotations

from sqlalchemy import Connection, insert, literal, select

from store.insert_selected import insert_selected
from store.report_schema import traffic_days, traffic_weeks
from tests.store.report_rows import traffic


def test_the_number_of_rows_is_returned(connection: Connection) -> None:
    connection.execute(insert(traffic_days), [traffic(), traffic(country="DE")])
    keys = [traffic_days.c[name] for name in ("channel", "campaign_key", "country")]
    rows = select(literal("2026-09-28"), *keys)
    names = ["week", "channel", "campaign_key", "country"]
    assert insert_selected(connection, traffic_weeks, names, rows) == 2
    assert insert_selected(connection, traffic_weeks, names, rows.where(traffic_days.c.country == "FR")) == 0
