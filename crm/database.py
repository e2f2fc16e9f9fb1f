"""A table or query of a database, read through SQLAlchemy in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from crm.raw_table import RawBatch, RawTable, unique_names
from leadworth import values
from leadworth.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine

_BATCH_ROWS = 20_000


def is_url(path: str) -> bool:
    """Tell whether a path is the URL of a database.

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
        Name of the table or view, with its schema where it needs one.
    query
        A SELECT, instead of `table`.

    Raises
    ------
    ConfigurationError
        Where the URL or the choice of table and query cannot be used.
    InputError
        Where the database does not answer, or refuses the query. The password is never shown.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    if bool(table) == bool(query):
        raise ConfigurationError(
            "a database needs either `table` or `query`", allowed="one of them", do="set one beside `path`"
        )
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigurationError(
            f"the database URL cannot be used: {type(error).__name__}",
            allowed="sqlite:///file.db, postgresql+psycopg://user@host/name",
            do="correct `path`; PostgreSQL needs `pip install leadworth[postgres]`",
        ) from error
    shown = engine.url.render_as_string(hide_password=True)
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
            f"{shown} cannot be read: {cause}", do="check that the database runs, the table and the rights"
        ) from error
    return RawTable(table or "query", columns, _batches(engine, connection, result, columns, shown))


def _quoted(engine: Engine, table: str) -> str:
    return ".".join(engine.dialect.identifier_preparer.quote(part) for part in table.split("."))


def _batches(
    engine: Engine,
    connection: Connection,
    result: CursorResult[tuple[object, ...]],
    columns: tuple[str, ...],
    shown: str,
) -> Iterator[RawBatch]:
    from sqlalchemy.exc import SQLAlchemyError

    seen = 0
    try:
        while rows := result.fetchmany(_BATCH_ROWS):
            arrays = [_array(column) for column in zip(*rows, strict=True)]
            yield RawBatch(pa.table(arrays, names=list(columns)), np.arange(seen + 1, seen + 1 + len(rows)))
            seen += len(rows)
    except SQLAlchemyError as error:
        raise InputError(f"{shown} stopped after row {seen}: {error}", do="run it again") from error
    finally:
        connection.close()
        engine.dispose()


def _array(column: Sequence[object]) -> pa.Array:
    """Return a column as the database typed it, or as text where its types are mixed."""
    try:
        return pa.array(column)
    except (pa.ArrowException, OverflowError):
        return pa.array([values.text(value) for value in column], pa.string())
