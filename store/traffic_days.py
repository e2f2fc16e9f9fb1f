"""Sessions of an analytics property by source, campaign and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from store.day_rows import ReplacedDays, Row, days_between, import_ids, replace_rows
from store.funnel_rollups import rewrite_funnel
from store.report_schema import traffic_days
from store.traffic_weeks import rewrite_weeks

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def replace_days(
    connection: Connection, property_id: str, first_day: date, last_day: date, rows: Sequence[Row]
) -> ReplacedDays:
    """Replace whole days of one property, and write the sums of these days again.

    Parameters
    ----------
    rows
        All columns of `traffic_days`.
    """
    result = replace_rows(connection, traffic_days, _property(property_id), first_day, last_day, rows)
    if not result.unchanged:
        days = days_between(first_day, last_day)
        rewrite_weeks(connection, days)
        rewrite_funnel(connection, days)
    return result


def imports_of(connection: Connection, property_id: str, first_day: date, last_day: date) -> frozenset[str]:
    """Return the ids of the imports that wrote days of a property."""
    return frozenset(import_ids(connection, traffic_days, _property(property_id), first_day, last_day))


def _property(property_id: str) -> tuple[ColumnElement[bool], ...]:
    return (traffic_days.c.property_id == property_id,)
