"""Queries of sums by groups, over one table or several, as integers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Select, func, select, union_all

from store.report_scope import ReportScope, counted, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

Sums: TypeAlias = dict[str, int]
Grouped: TypeAlias = dict[tuple[str, ...], Sums]
"""Values of the columns of the groups -> name of the sum -> sum."""


@lru_cache(maxsize=256)
def _sums(table: FromClause, names: tuple[str, ...]) -> tuple[ColumnElement[int], ...]:
    """Return the sums of columns; kept, since many expressions take longer to make than the query to run."""
    return tuple(func.coalesce(func.sum(table.c[name]), 0).label(name) for name in names)


def sums_by_day(
    table: FromClause, scope: ReportScope, first: date, last: date, names: Sequence[str], by: Sequence[str]
) -> Select[Any]:
    """Return the query of the sums of a table with a column `day`."""
    columns = [table.c[name] for name in by]
    sums = _sums(table, tuple(names))
    query = select(*columns, *sums).where(within(table.c.day, first, last), *scope.conditions(table))
    return query.group_by(*columns)


def sums_by_period(
    table: FromClause, scope: ReportScope, period: str, bounds: tuple[str, str], names: Sequence[str], by: Sequence[str]
) -> Select[Any]:
    """Return the query of the sums of a table with a column of weeks or months, between two of them."""
    columns = [table.c[name] for name in by]
    sums = _sums(table, tuple(names))
    query = select(*columns, *sums).where(table.c[period].between(*bounds), *scope.conditions(table))
    return query.group_by(*columns)


def read_added(
    connection: Connection, parts: Sequence[Select[Any]], by: Sequence[str], names: Sequence[str]
) -> Grouped:
    """Return the sums of several queries, added up in one statement."""
    if not parts:
        return {}
    if len(parts) == 1:
        return read_grouped(connection, parts[0], by, names)
    rows = union_all(*parts).subquery()
    columns = [rows.c[name] for name in by]
    query = select(*columns, *(func.sum(rows.c[name]).label(name) for name in names)).group_by(*columns)
    return read_grouped(connection, query, by, names)


def read_grouped(connection: Connection, query: Select[Any], by: Sequence[str], names: Sequence[str]) -> Grouped:
    """Return the rows of a query by the columns of its groups, which come first."""
    width = len(by)
    return {
        tuple(str(value) for value in row[:width]): dict(zip(names, counted(row[width:]), strict=True))
        for row in connection.execute(query)
    }
