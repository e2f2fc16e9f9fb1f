"""Stores that are ready at once: most tests need one without rows, and few test how its tables are made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from uuid import uuid4

import sqlalchemy as sa

from store.engine import open_engine
from store.migrate import upgrade
from store.schema import metadata

POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"

Revisions = Callable[[sa.Engine], tuple[str | None, str]]

# A difference to the text of a schema that was just migrated means that a test has changed more than rows.
_TABLES = """
SELECT concat(
    (SELECT string_agg(concat_ws(' ', attrelid, attnum, relname, attname, atttypid, attnotnull, attisdropped), ',')
     FROM (SELECT * FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
           WHERE relnamespace = current_schema()::regnamespace AND attnum > 0 ORDER BY attrelid, attnum) a), '/',
    (SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_constraint
     WHERE connamespace = current_schema()::regnamespace), '/',
    (SELECT string_agg(oid::text, ',') FROM pg_proc WHERE pronamespace = current_schema()::regnamespace), '/',
    (SELECT count(*) FROM pg_statistic JOIN pg_class c ON c.oid = starelid
     WHERE relnamespace = current_schema()::regnamespace), '/',
    (SELECT string_agg(version_num, ',') FROM alembic_version))
"""
_NUMBERED = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = current_schema() AND last_value > 0"


class PostgresSchemas:
    """Schemas in a real PostgreSQL: new ones, and a migrated one that is emptied and used again."""

    def __init__(self) -> None:
        address = POSTGRES.replace("postgresql", "postgresql+psycopg")
        self._engine = sa.create_engine(address, connect_args={"connect_timeout": 2})
        self._ready: str | None = None
        self._tables = ""
        self._with_rows = ""
        self._first_rows: dict[str, list[dict[str, object]]] = {}

    def answers(self) -> bool:
        """Return False where there is no server."""
        try:
            self._engine.connect().close()
        except sa.exc.OperationalError:
            return False
        return True

    @staticmethod
    def url(schema: str) -> str:
        """Return the URL of a schema, whose commits do not wait for the disk."""
        return f"{POSTGRES}?options=-csearch_path%3D{schema}%20-csynchronous_commit%3Doff"

    @contextmanager
    def new(self) -> Iterator[str]:
        """Make a schema, and drop it after the block."""
        schema = self._create()
        yield schema
        self._drop(schema)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Take the migrated schema, and empty it after the block."""
        schema = self._ready or self._migrate()
        self._ready = None
        yield schema
        if self._empty(schema):
            self._ready = schema
        else:
            self._drop(schema)

    def close(self) -> None:
        """Drop the migrated schema."""
        if self._ready:
            self._drop(self._ready)
        self._engine.dispose()

    def _create(self) -> str:
        schema = f"leadworth_{uuid4().hex[:12]}"
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        return schema

    def _drop(self, schema: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")

    def _migrate(self) -> str:
        schema = self._create()
        engine = open_engine(self.url(schema))
        upgrade(engine)
        engine.dispose()
        names = sorted(metadata.tables)
        self._with_rows = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
        with self._in(schema) as connection:
            self._tables = str(connection.exec_driver_sql(_TABLES).scalar_one())
            filled = connection.exec_driver_sql(self._with_rows).scalars()
            self._first_rows = {name: _rows(connection, name) for name in filled.all()}
        return schema

    def _empty(self, schema: str) -> bool:
        """Delete the rows; return False where the schema is no longer as `upgrade` has made it."""
        with self._in(schema) as connection:
            if connection.exec_driver_sql("SELECT current_schema()").scalar() != schema:
                return False
            if connection.exec_driver_sql(_TABLES).scalar_one() != self._tables:
                return False
            filled = connection.exec_driver_sql(self._with_rows).scalars().all()
            if filled:
                connection.exec_driver_sql(f"TRUNCATE {', '.join(filled)}")
            for name, rows in self._first_rows.items():
                connection.execute(metadata.tables[name].insert(), rows)
            for sequence in connection.exec_driver_sql(_NUMBERED).scalars().all():
                connection.exec_driver_sql(f"ALTER SEQUENCE {sequence} RESTART")
        return True

    @contextmanager
    def _in(self, schema: str) -> Iterator[sa.Connection]:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            yield connection


def _rows(connection: sa.Connection, table: str) -> list[dict[str, object]]:
    return [dict(row) for row in connection.execute(metadata.tables[table].select()).mappings()]


class SQLiteCopies:
    """Copies a migrated store into a new SQLite file: a tenth of the time of making its tables.

    Parameters
    ----------
    folder
        For the migrated store.
    revisions
        The function of `store.migrate`, in whose place `revisions` of this object is called.
    """

    def __init__(self, folder: Path, revisions: Revisions) -> None:
        self._revisions = revisions
        self._lock = Lock()
        engine = open_engine(f"sqlite:///{folder / 'migrated.db'}")
        upgrade(engine)
        engine.dispose()
        self._migrated = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(folder / "migrated.db")) as file:
            file.backup(self._migrated)

    def revisions(self, engine: sa.Engine) -> tuple[str | None, str]:
        """Return the revision of a database, into which the migrated store is copied first if it has no tables."""
        found = self._revisions(engine)
        if found[0] is not None or engine.dialect.name != "sqlite" or not engine.url.database:
            return found
        with self._lock, engine.connect() as connection:
            file = connection.connection.driver_connection
            assert isinstance(file, sqlite3.Connection)
            if file.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
                return self._revisions(engine)
            self._migrated.backup(file)
        return self._revisions(engine)

    def close(self) -> None:
        """Release the memory."""
        self._migrated.close()
