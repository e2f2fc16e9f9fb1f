"""Whole days are replaced, and a repeat changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from store import spend_days
from store.day_rows import ReplacedDays
from tests.store.report_rows import FIRST, LAST, spend


def test_days_without_rows_become_empty(connection: Connection) -> None:
    spend_days.replace_days(connection, "meta", "1", FIRST, LAST, [spend()])
    assert spend_days.replace_days(connection, "meta", "1", FIRST, LAST, []) == ReplacedDays(1, 0, False)


@pytest.mark.parametrize("order", [1, -1])
def test_a_repeat_in_any_order_changes_nothing(connection: Connection, order: int) -> None:
    rows = [spend(), spend(day="2026-10-02", impressions=None)]
    spend_days.replace_days(connection, "meta", "1", FIRST, LAST, rows)
    again = [{**row, "import_id": "b" * 32} for row in rows[::order]]
    assert spend_days.replace_days(connection, "meta", "1", FIRST, LAST, again) == ReplacedDays(0, 0, True)
    assert spend_days.imports_of(connection, "meta", "1", FIRST, LAST) == {"a" * 32}
