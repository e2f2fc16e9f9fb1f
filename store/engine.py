"""Open the store's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from leadworth.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

CONNECT_SECONDS = 3


def open_engine(url: str) -> Engine:
    """Return an engine for a store URL, without connecting.

    Parameters
    ----------
    url
        `sqlite:///file.db` or `postgresql://user@host/database`.

    Raises
    ------
    ConfigurationError
        Where the URL cannot be read, or its driver is not installed.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": 5.0})
        event.listen(engine, "connect", _tune_sqlite)
        return engine
    options = f"{parsed.query.get('options', '')} -c statement_timeout=5000".strip()
    try:
        return create_engine(
            parsed, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_SECONDS, "options": options}
        )
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the store's URL names PostgreSQL, whose driver is not installed", do="install leadworth[postgres]"
        ) from error


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
    """Let readers and one writer work side by side; a power cut may cost the last commits, never the file."""
    del entry
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
