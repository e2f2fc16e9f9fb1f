"""Read a table or query of a database through SQLAlchemy, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from crm.plain_columns import plain_column, value_text
from crm.raw_table import RawBatch, RawTable, unique_names
from leadworth.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine

_BATCH_ROWS = 20_000


def is_url(path: str) -> bool:
    """Return whether a path is the URL of a database.

    Examples
    --------
    >>> is_url("sqlite:///crm.db"), is_url("leads.csv")
    (True, False)
    """
    return "://" in path


def open_database(url: str, table: str | None, query: str | None) -> RawTable:
    """Open a table or query; the line of a row is its number, from 1.

    Parameters
    ----------
    url
        SQLAlchemy URL.
    table
        Name of the table or view, with its schema if needed.
    query
        SELECT statement, instead of `table`.

    Raises
    ------
    ConfigurationError
        If the URL is not supported, or not exactly one of table and query is set.
    InputError
        If the database is not available or rejects the query. The message never contains the password.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    if bool(table) == bool(query):
        raise ConfigurationError(
            "a database needs either `table` or `query`",
            allowed="one of them",
            do="set one in the same section as `path`",
        )
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigurationError(
            f"the database URL cannot be used: {type(error).__name__}",
            allowed="sqlite:///file.db, postgresql+psycopg://user@host/name",
            do="correct `path`; PostgreSQL needs `pip install leadworth[postgres]`",
        ) from error
    safe_url = engine.url.render_as_string(hide_password=True)
    connection: Connection | None = None
    try:
        connection = engine.connect()
        options = connection.execution_options(stream_results=True, max_row_buffer=_BATCH_ROWS, no_parameters=True)
        result = options.exec_driver_sql(query or f"SELECT * FROM {_quoted(engine, str(table))}")
        columns = unique_names(tuple(result.keys()))
    except SQLAlchemyError as error:
        if connection is not None:
            connection.close()
        engine.dispose()
        cause = str(getattr(error, "orig", None) or type(error).__name__).split("\n")[0]
        raise InputError(
            f"{safe_url} cannot be read: {cause}", do="check that the database runs, the table and the rights"
        ) from error
    batches = _batches(engine, connection, result, columns, safe_url)
    next(batches)  # a generator that has begun closes the connection, even if no row is read
    return RawTable(table or "query", columns, batches)


def _quoted(engine: Engine, table: str) -> str:
    return ".".join(engine.dialect.identifier_preparer.quote(part) for part in table.split("."))


def _batches(
    engine: Engine,
    connection: Connection,
    result: CursorResult[tuple[object, ...]],
    columns: tuple[str, ...],
    safe_url: str,
) -> Iterator[RawBatch]:
    """Yield an empty batch, and then the rows."""
    from sqlalchemy.exc import SQLAlchemyError

    rows_read = 0
    try:
        yield RawBatch(pa.table({}), np.zeros(0, dtype=np.int64))
        while rows := result.fetchmany(_BATCH_ROWS):
            arrays = [_array(column) for column in zip(*rows, strict=True)]
            yield RawBatch(pa.table(arrays, names=list(columns)), np.arange(rows_read + 1, rows_read + 1 + len(rows)))
            rows_read += len(rows)
    except SQLAlchemyError as error:
        raise InputError(f"{safe_url} stopped after row {rows_read}: {error}", do="run it again") from error
    finally:
        with suppress(SQLAlchemyError):
            result.close()
        connection.close()
        engine.dispose()


def _array(column: Sequence[object]) -> pa.Array:
    """Return a column with the type of the database, or as text if its types are mixed."""
    try:
        return plain_column(pa.array(column))
    except (pa.ArrowException, OverflowError):
        return pa.array([value_text(value) for value in column], pa.string())
