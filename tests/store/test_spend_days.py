"""Spend of one account is replaced, that of others stays."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store import spend_days
from store.day_rows import ReplacedDays
from tests.store.report_rows import FIRST, LAST, spend


def test_days_of_one_account_are_replaced(connection: Connection) -> None:
    other = spend(account_id="2")
    assert spend_days.replace_days(connection, "meta", "2", FIRST, LAST, [other]) == ReplacedDays(0, 1, False)
    assert (
        spend_days.replace_days(connection, "meta", "1", FIRST, LAST, [spend(), spend(day="2026-10-02")]).inserted == 2
    )
    assert spend_days.replace_days(connection, "meta", "1", FIRST, FIRST, [spend(cost_micros=5)]) == ReplacedDays(
        1, 1, False
    )
    table = spend_days.spend_days
    costs = select(table.c.account_id, table.c.day, table.c.cost_micros).order_by(table.c.account_id, table.c.day)
    assert [tuple(row) for row in connection.execute(costs)] == [
        ("1", "2026-10-01", 5),
        ("1", "2026-10-02", -1_250_000),
        ("2", "2026-10-01", -1_250_000),
    ]
