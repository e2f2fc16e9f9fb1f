"""Spend of the ad platforms by account, campaign and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from store.day_rows import ReplacedDays, Row, days_between, import_ids, replace_rows
from store.funnel_rollups import rewrite_funnel
from store.report_schema import spend_days

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def replace_days(
    connection: Connection, platform: str, account_id: str, first_day: date, last_day: date, rows: Sequence[Row]
) -> ReplacedDays:
    """Replace whole days of one account, and write the sums of these days again.

    Parameters
    ----------
    rows
        All columns of `spend_days`.
    """
    result = replace_rows(connection, spend_days, _account(platform, account_id), first_day, last_day, rows)
    if not result.unchanged:
        rewrite_funnel(connection, days_between(first_day, last_day))
    return result


def days(connection: Connection) -> list[str]:
    """Return the days that have spend."""
    return list(connection.execute(select(spend_days.c.day).distinct()).scalars())


def imports_of(
    connection: Connection, platform: str, account_id: str, first_day: date, last_day: date
) -> frozenset[str]:
    """Return the ids of the imports that wrote days of an account."""
    return frozenset(import_ids(connection, spend_days, _account(platform, account_id), first_day, last_day))


def _account(platform: str, account_id: str) -> tuple[ColumnElement[bool], ...]:
    return spend_days.c.platform == platform, spend_days.c.account_id == account_id
