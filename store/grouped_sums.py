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
KEPT_QUERIES = 256


@lru_cache(maxsize=KEPT_QUERIES)
def _sums(table: FromClause, names: tuple[str, ...]) -> tuple[ColumnElement[int], ...]:
    """Return the sums of columns; kept, since many expressions take longer to make than the query to run."""
    return tuple(func.coalesce(func.sum(table.c[name]), 0).label(name) for name in names)


@lru_cache(maxsize=KEPT_QUERIES)
def sums_by_day(
    table: FromClause,
    scope: ReportScope,
    first: date,
    last: date,
    names: tuple[str, ...],
    by: tuple[str, ...],
    also: tuple[tuple[str, str], ...] = (),
) -> Select[Any]:
    """Return the query of the sums of a table with a column `day`; kept, as `_sums`.

    Parameters
    ----------
    table, scope, first, last
        Rows that are added up.
    names
        Columns of sums.
    by
        Columns of the groups.
    also
        Further columns and the value that each must have.
    """
    columns = [table.c[name] for name in by]
    sums = _sums(table, names)
    query = select(*columns, *sums).where(
        within(table.c.day, first, last), *scope.conditions(table), *(table.c[name] == value for name, value in also)
    )
    return query.group_by(*columns)


@lru_cache(maxsize=KEPT_QUERIES)
def sums_by_period(
    table: FromClause,
    scope: ReportScope,
    period: str,
    bounds: tuple[str, str],
    names: tuple[str, ...],
    by: tuple[str, ...],
    also: tuple[tuple[str, str], ...] = (),
) -> Select[Any]:
    """Return the query of the sums of a table of weeks or months, between two of them; see `sums_by_day`."""
    columns = [table.c[name] for name in by]
    sums = _sums(table, names)
    query = select(*columns, *sums).where(
        table.c[period].between(*bounds), *scope.conditions(table), *(table.c[name] == value for name, value in also)
    )
    return query.group_by(*columns)


def read_added(
    connection: Connection, parts: Sequence[Select[Any]], by: tuple[str, ...], names: tuple[str, ...]
) -> Grouped:
    """Return the sums of several queries, added up in one statement."""
    if not parts:
        return {}
    query = parts[0] if len(parts) == 1 else _union(tuple(parts), tuple(by), tuple(names))
    return read_grouped(connection, query, by, names)


@lru_cache(maxsize=KEPT_QUERIES)
def _union(parts: tuple[Select[Any], ...], by: tuple[str, ...], names: tuple[str, ...]) -> Select[Any]:
    rows = union_all(*parts).subquery()
    columns = [rows.c[name] for name in by]
    return select(*columns, *(func.sum(rows.c[name]).label(name) for name in names)).group_by(*columns)


def read_grouped(connection: Connection, query: Select[Any], by: tuple[str, ...], names: tuple[str, ...]) -> Grouped:
    """Return the rows of a query by the columns of its groups, which come first."""
    width = len(by)
    return {
        tuple(str(value) for value in row[:width]): dict(zip(names, counted(row[width:]), strict=True))
        for row in connection.execute(query)
    }
