from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from store import report_refreshes
from store.report_refreshes import ReportRefresh

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


def test_the_newest_refresh(connection: Connection) -> None:
    assert report_refreshes.newest(connection) is None
    first = ReportRefresh("2026-05-24", AT, AT + timedelta(seconds=9), 5, 100)
    second = ReportRefresh("2026-05-25", AT + timedelta(days=1), AT + timedelta(days=1, seconds=2), 0, 90, "EUR", AT)
    for refresh in (second, first):
        report_refreshes.add(connection, refresh)
    assert report_refreshes.newest(connection) == second


def test_the_currency_changes_once(connection: Connection) -> None:
    for number in range(2):
        report_refreshes.add(connection, ReportRefresh("2026-05-24", AT, AT, number, 1, "EUR"))
    assert report_refreshes.change_currency(connection, "EUR", "CHF")
    assert not report_refreshes.change_currency(connection, "EUR", "CHF")
    newest = report_refreshes.newest(connection)
    assert newest is not None
    assert newest.currency == "CHF"
