"""Counts of some names are replaced, others stay."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from store import metric_days
from tests.store.report_rows import FIRST, LAST, metric


def count(connection: Connection, table: object) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_counts_of_other_names_stay(connection: Connection) -> None:
    metric_days.replace_days(connection, "1", {"downloads"}, FIRST, LAST, [metric()])
    metric_days.replace_days(connection, "1", {"log_ins"}, FIRST, LAST, [metric(name="log_ins")])
    assert count(connection, metric_days.metric_days) == 2
    assert metric_days.imports_of(connection, "1", {"sign_ups"}, FIRST, LAST) == frozenset()
