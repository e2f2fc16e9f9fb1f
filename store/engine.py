"""Open the store's database, by URL or as the settings name it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, func, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from leadworth.errors import ConfigurationError
from store.migrate import upgrade
from store.schema import metadata, secret_fingerprints
from store.secret_check import require_same_secret
from store.store_errors import store_errors

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from leadworth.settings import Settings

CONNECT_SECONDS = 3
SESSION_OPTIONS = "-c statement_timeout=5000 -c max_parallel_workers_per_gather=0"
"""Of PostgreSQL; to start the workers of a parallel query takes longer than the queries of a page."""


def open_engine(url: str) -> Engine:
    """Return an engine for a store URL, without connecting.

    Parameters
    ----------
    url
        `sqlite:///file.db` or `postgresql://user@host/database`.

    Raises
    ------
    ConfigurationError
        If the URL cannot be read, or its driver is not installed.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": 5.0})
        event.listen(engine, "connect", _tune_sqlite)
        return engine
    options = f"{parsed.query.get('options', '')} {SESSION_OPTIONS}".strip()
    try:
        from store.bounded_connection import TCP_OPTIONS, BoundedConnection

        engine = create_engine(
            parsed,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS, "options": options, **TCP_OPTIONS},
        )
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the store's URL names PostgreSQL, whose driver is not installed", do="install leadworth[postgres]"
        ) from error

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Any, options: Any) -> BoundedConnection:
        return BoundedConnection.connect(*arguments, **options)

    return engine


def store_url(settings: Settings) -> str:
    """Return the URL of the store that the settings name."""
    return settings.database(settings.serving.store.get_secret_value())


@contextmanager
def open_store(settings: Settings, *, migrate: bool = False) -> Iterator[Engine]:
    """Open the store that the settings name, and close it after the block.

    Parameters
    ----------
    settings
        Application settings.
    migrate
        Create the tables, or bring them to this version, first.

    Raises
    ------
    ConfigurationError
        If the URL cannot be used, or the store was written with another secret.
    StoreError
        If the database does not answer, in the block too, or was written by a newer leadworth.
    """
    engine = open_engine(store_url(settings))
    try:
        with store_errors():
            if migrate:
                upgrade(engine)
            if migrate or _has_fingerprints(engine):
                require_same_secret(engine, settings, record=migrate)
            yield engine
    finally:
        engine.dispose()


def is_new(engine: Engine) -> bool:
    """Return True before the first start of the service: the SQLite file or all tables are missing.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        If the database does not answer.
    """
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return True  # connecting would create the file
    return not set(inspect(engine).get_table_names()) & set(metadata.tables)


def _has_fingerprints(engine: Engine) -> bool:
    """Return False for a store that is not there, or has not been migrated yet."""
    return not is_new(engine) and inspect(engine).has_table(secret_fingerprints.name)


def database_time(connection: Connection) -> datetime:
    """Return the current time of the database server, timezone-aware; of this machine for SQLite."""
    now: datetime | str = connection.execute(select(func.current_timestamp())).scalar_one()
    at = datetime.fromisoformat(now) if isinstance(now, str) else now
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise _refused("it is not a SQLAlchemy URL") from error
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise _refused(f"it names {backend}")
    return parsed


def _refused(why: str) -> ConfigurationError:
    # The URL may hold a password, so it is not repeated.
    return ConfigurationError(
        f"the store's URL cannot be used: {why}",
        allowed="sqlite:///leadworth.db, postgresql://user:password@host:5432/database",
        do="correct [serving] store or LEADWORTH_SERVING__STORE",
    )


def _tune_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Let readers work while one writer writes; a power cut may cost the last commits, never the file."""
    del entry
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
