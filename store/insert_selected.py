"""`INSERT ... SELECT` that says how many rows it wrote, on every database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Table, insert

if TYPE_CHECKING:
    from sqlalchemy import Connection


def insert_selected(connection: Connection, table: Table, names: Sequence[str], rows: Select[Any]) -> int:
    """Insert the rows of a query; return how many.

    Parameters
    ----------
    names
        Columns of the table, in the order of those of the query.
    """
    statement = insert(table).from_select(list(names), rows)
    # SQLAlchemy takes the count of an INSERT from the driver only if it is asked to; psycopg's is -1 otherwise.
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
