"""INSERT ... ON CONFLICT DO NOTHING on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def insert_ignore(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT statement that skips rows whose key exists."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows, skip those whose key exists, and return how many were new.

    The driver counts them. RETURNING would make a statement of its own for each number of rows, of up to a thousand,
    and SQLite's driver keeps 128 statements prepared, which takes tens of megabytes.
    """
    if not rows:
        return 0
    statement = insert_ignore(connection, table)
    return int(connection.execute(statement, list(rows), execution_options={"preserve_rowcount": True}).rowcount)
