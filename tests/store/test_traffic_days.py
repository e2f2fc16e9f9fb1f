"""Traffic of a property is replaced."""

from __future__ import annotations

from sqlalchemy import Connection

from store import traffic_days
from store.day_rows import ReplacedDays
from tests.store.report_rows import FIRST, LAST, traffic


def test_traffic(connection: Connection) -> None:
    traffic_days.replace_days(connection, "1", FIRST, LAST, [traffic(), traffic(source="bing")])
    assert traffic_days.replace_days(connection, "1", FIRST, LAST, [traffic()]) == ReplacedDays(2, 1, False)
    assert traffic_days.imports_of(connection, "1", FIRST, LAST) == {"a" * 32}
