"""Queries of sums by groups, over one table or several, as integers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import BigInteger, FromClause, Select, cast, func, select, union_all

from store.report_scope import ReportScope, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

Sums: TypeAlias = dict[str, int]
Grouped: TypeAlias = dict[tuple[str, ...], Sums]
"""Values of the columns of the groups -> name of the sum -> sum."""
KEPT_QUERIES = 256


@lru_cache(maxsize=KEPT_QUERIES)
def rows_of_days(
    table: FromClause,
    scope: ReportScope,
    first: date,
    last: date,
    names: tuple[str, ...],
    by: tuple[str, ...],
    also: tuple[tuple[str, str], ...] = (),
) -> Select[Any]:
    """Return the query of the rows of a table with a column `day`; kept, since it takes longer to make than to run.

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
    query = select(*(table.c[name] for name in (*by, *names)))
    return query.where(
        within(table.c.day, first, last), *scope.conditions(table), *(table.c[name] == value for name, value in also)
    )


@lru_cache(maxsize=KEPT_QUERIES)
def rows_of_periods(
    table: FromClause,
    scope: ReportScope,
    period: str,
    bounds: tuple[str, str],
    names: tuple[str, ...],
    by: tuple[str, ...],
    also: tuple[tuple[str, str], ...] = (),
) -> Select[Any]:
    """Return the query of the rows of a table of weeks or months, between two of them; see `rows_of_days`."""
    query = select(*(table.c[name] for name in (*by, *names)))
    return query.where(
        table.c[period].between(*bounds), *scope.conditions(table), *(table.c[name] == value for name, value in also)
    )


def read_added(
    connection: Connection, parts: Sequence[Select[Any]], by: tuple[str, ...], names: tuple[str, ...]
) -> Grouped:
    """Return the sums of the rows of several queries, added up in one statement."""
    return read_grouped(connection, _added(tuple(parts), by, names), by, names) if parts else {}


@lru_cache(maxsize=KEPT_QUERIES)
def _added(parts: tuple[Select[Any], ...], by: tuple[str, ...], names: tuple[str, ...]) -> Select[Any]:
    """Return the query of the sums; of integers, since PostgreSQL adds up to decimals, which are slow to read."""
    rows = parts[0].subquery() if len(parts) == 1 else union_all(*parts).subquery()
    columns = [rows.c[name] for name in by]
    return select(*columns, *(cast(func.sum(rows.c[name]), BigInteger) for name in names)).group_by(*columns)


def read_grouped(connection: Connection, query: Select[Any], by: tuple[str, ...], names: tuple[str, ...]) -> Grouped:
    """Return the rows of a query of integers by the columns of its groups, which come first; no row adds up to 0."""
    width = len(by)
    return {
        tuple(map(str, row[:width])): dict(zip(names, [amount or 0 for amount in row[width:]], strict=True))
        for row in map(tuple, connection.execute(query).all())
    }
