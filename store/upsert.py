"""INSERT ... ON CONFLICT DO UPDATE on both databases."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def upsert(connection: Connection, table: Table, *, keep: Collection[str] = ()) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT statement that replaces rows whose primary key exists.

    Parameters
    ----------
    keep
        Columns that keep their value in existing rows.
    """
    insert = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    keys = {column.name for column in table.primary_key.columns}
    names = [column.name for column in table.columns]
    changed = {name: insert.excluded[name] for name in names if name not in keys and name not in keep}
    return insert.on_conflict_do_update(index_elements=list(keys), set_=changed)
