"""Queries of one kind are replaced, those of the other stay."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from store import query_days
from tests.store.report_rows import FIRST, LAST, query


def count(connection: Connection, table: object) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_queries_of_the_other_kind_stay(connection: Connection) -> None:
    query_days.replace_days(connection, "1", {"organic"}, FIRST, LAST, [query()])
    query_days.replace_days(connection, "1", {"paid"}, FIRST, LAST, [query(kind="paid")])
    assert count(connection, query_days.query_days) == 2
    assert query_days.imports_of(connection, "1", {"paid"}, FIRST, date(2026, 10, 2)) == {"a" * 32}
