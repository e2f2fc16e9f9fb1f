"""Imported counts by name, account and day: e-mail, webinars, events, downloads, social engagement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from store.day_rows import ReplacedDays, Row, import_ids, replace_rows
from store.report_schema import metric_days

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def replace_days(
    connection: Connection,
    account_id: str,
    names: Collection[str],
    first_day: date,
    last_day: date,
    rows: Sequence[Row],
) -> ReplacedDays:
    """Replace whole days of some counts of one account; its other counts stay.

    Parameters
    ----------
    names
        Names of the counts.
    rows
        All columns of `metric_days`.
    """
    return replace_rows(connection, metric_days, _counts(account_id, names), first_day, last_day, rows)


def imports_of(
    connection: Connection, account_id: str, names: Collection[str], first_day: date, last_day: date
) -> frozenset[str]:
    """Return the ids of the imports that wrote days of some counts of an account."""
    return frozenset(import_ids(connection, metric_days, _counts(account_id, names), first_day, last_day))


def _counts(account_id: str, names: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return metric_days.c.account_id == account_id, metric_days.c.name.in_(sorted(names))
