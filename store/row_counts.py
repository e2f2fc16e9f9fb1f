"""Numbers of rows of all tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from store.schema import metadata

if TYPE_CHECKING:
    from sqlalchemy import Engine


def row_counts(engine: Engine) -> dict[str, int]:
    """Return table -> number of rows, in the order of the schema."""
    with engine.connect() as connection:
        return {
            name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for name, table in metadata.tables.items()
        }
