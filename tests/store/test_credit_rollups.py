"""Rollup of credit: days that are replaced, their months, and sums under filters."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from store.credit_rollups import SUBMIT, WIN, replace_credits, touched_channels
from store.report_scope import ReportScope

FIRST, LAST = date(2026, 1, 30), date(2026, 4, 2)
CELL = ("2026-02-03", "Email", "c1", "IT", "Display")
OTHER = ("2026-04-01", "Email", "c2", "DE", "Email")


def total(connection: Connection, scope: ReportScope, basis: str = SUBMIT) -> dict[str, dict[str, int]]:
    return touched_channels(connection, scope, basis, FIRST, LAST, ("first", "w"))


def test_months_and_days_add_up_under_any_filter(connection: Connection) -> None:
    days = [CELL[0], OTHER[0]]
    assert replace_credits(connection, SUBMIT, days, {CELL: [1, 2, 3, 4, 5, 6], OTHER: [10] * 6}) == 4
    assert total(connection, ReportScope()) == {
        "Display": {"first": 1, "w": 5},
        "Email": {"first": 10, "w": 10},
    }
    assert total(connection, ReportScope(campaigns=("c1",))) == {"Display": {"first": 1, "w": 5}}
    assert total(connection, ReportScope(countries=("DE",))) == {"Email": {"first": 10, "w": 10}}
    assert total(connection, ReportScope(("Direct",))) == {}
    assert total(connection, ReportScope(), WIN) == {}


def test_a_day_is_replaced_with_its_month(connection: Connection) -> None:
    replace_credits(connection, SUBMIT, [CELL[0]], {CELL: [1, 2, 3, 4, 5, 6]})
    replace_credits(connection, WIN, [CELL[0]], {CELL: [9] * 6})
    replace_credits(connection, SUBMIT, [CELL[0]], {})
    assert total(connection, ReportScope()) == {}
    assert total(connection, ReportScope(), WIN) == {"Display": {"first": 9, "w": 9}}
