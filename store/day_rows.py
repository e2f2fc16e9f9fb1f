"""Replace whole days of one account in a table of days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from store.chunks import chunks

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ReplacedDays:
    """Rows that were deleted and inserted; both are 0 where the days already had the same rows."""

    deleted: int
    inserted: int
    unchanged: bool


def days_between(first_day: date, last_day: date) -> list[str]:
    """Return the days from one to another, both included.

    Examples
    --------
    >>> days_between(date(2026, 10, 31), date(2026, 11, 1))
    ['2026-10-31', '2026-11-01']
    """
    return [str(first_day + timedelta(days=number)) for number in range((last_day - first_day).days + 1)]


def replace_rows(
    connection: Connection,
    table: Table,
    scope: Sequence[ColumnElement[bool]],
    first_day: date,
    last_day: date,
    rows: Sequence[Row],
) -> ReplacedDays:
    """Delete the rows of a scope and days, and insert others, unless they differ in `import_id` only.

    Parameters
    ----------
    table
        Has the columns `day` and `import_id`.
    scope
        Conditions on the columns of the account.
    rows
        All columns of the table, of the days and the scope, with distinct primary keys.
    """
    where = (*scope, table.c.day.between(first_day.isoformat(), last_day.isoformat()))
    compared = [column for column in table.columns if column.name != "import_id"]
    names = [column.name for column in compared]
    stored = {tuple(row) for row in connection.execute(select(*compared).where(*where))}
    if stored == {tuple(row[name] for name in names) for row in rows}:
        return ReplacedDays(0, 0, unchanged=True)
    connection.execute(delete(table).where(*where))
    for part in chunks(rows):
        connection.execute(insert(table), list(map(dict, part)))
    return ReplacedDays(len(stored), len(rows), unchanged=False)


def import_ids(
    connection: Connection, table: Table, scope: Sequence[ColumnElement[bool]], first_day: date, last_day: date
) -> Iterator[str]:
    """Yield the imports that the rows of a scope and days come from."""
    days = table.c.day.between(first_day.isoformat(), last_day.isoformat())
    yield from connection.execute(select(table.c.import_id).where(*scope, days).distinct()).scalars()
