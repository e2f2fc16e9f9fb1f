"""Search queries by account and day: organic clicks, and paid clicks with their cost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from store.day_rows import ReplacedDays, Row, import_ids, replace_rows
from store.report_schema import query_days

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def replace_days(
    connection: Connection,
    account_id: str,
    kinds: Collection[str],
    first_day: date,
    last_day: date,
    rows: Sequence[Row],
) -> ReplacedDays:
    """Replace whole days of one account.

    Parameters
    ----------
    kinds
        organic, paid, or both.
    rows
        All columns of `query_days`.
    """
    return replace_rows(connection, query_days, _account(account_id, kinds), first_day, last_day, rows)


def imports_of(
    connection: Connection, account_id: str, kinds: Collection[str], first_day: date, last_day: date
) -> frozenset[str]:
    """Return the ids of the imports that wrote days of an account."""
    return frozenset(import_ids(connection, query_days, _account(account_id, kinds), first_day, last_day))


def _account(account_id: str, kinds: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return query_days.c.account_id == account_id, query_days.c.kind.in_(sorted(kinds))
