"""Log of imports: where the rows of the report come from, how old they are, and their sums."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from store.any_of import any_of
from store.report_schema import data_imports
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SAME = ("kind", "platform", "account_id", "origin", "first_day", "last_day")


def add_import(connection: Connection, row: dict[str, Any], now: datetime) -> None:
    """Add one import; `row` has all columns but `imported_at`."""
    connection.execute(insert(data_imports), {**row, "imported_at": stamp(now)})


def repeat_import(connection: Connection, row: dict[str, Any], now: datetime) -> str:
    """Record that an import brought nothing new: the import of the same days gets the time of the repeat.

    Returns
    -------
    str
        Id of the earlier import; of `row`, which is added, where the same days have none.
    """
    same = [data_imports.c[name] == row[name] for name in _SAME]
    newest = select(data_imports.c.import_id).where(*same).order_by(data_imports.c.imported_at.desc()).limit(1)
    earlier = connection.execute(newest).scalar()
    if earlier is None:
        add_import(connection, row, now)
        return str(row["import_id"])
    connection.execute(update(data_imports).where(data_imports.c.import_id == earlier).values(imported_at=stamp(now)))
    return str(earlier)


def origins_of(connection: Connection, import_ids: Collection[str]) -> dict[str, str]:
    """Return the origin of each import."""
    columns = data_imports.c
    query = select(columns.import_id, columns.origin).where(any_of(columns.import_id, import_ids))
    return {row.import_id: row.origin for row in connection.execute(query)}
