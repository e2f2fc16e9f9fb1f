"""Remove deleted rows from the files of the database, so that no copy of a file has them."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql.schema import Table

_OTHERS = stat.S_IRWXO


def overwrite_deleted(connection: Connection) -> None:
    """Let this connection overwrite what it deletes with zeros; call it before a transaction. Only SQLite can."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON").close()
        connection.rollback()


def purge(engine: Engine, tables: tuple[Table, ...]) -> str | None:
    """Remove deleted rows from the files; return what prevented it, or None.

    SQLite: the file is rebuilt and the write-ahead log emptied. PostgreSQL: `VACUUM` of the tables; the server may
    still have the bytes in its own write-ahead log until it recycles that, and in its backups.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            if connection.dialect.name != "sqlite":
                connection.exec_driver_sql("SET statement_timeout = 0")
                for table in tables:
                    connection.exec_driver_sql(f"VACUUM {table.name}")
                connection.exec_driver_sql("RESET statement_timeout")
                return None
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        except OperationalError as error:
            return str(error.orig)
    return "another process reads the store" if busy else None


def close_to_others(engine: Engine) -> list[str]:
    """Take the permissions of other users from the files of SQLite; return the names of those that had any."""
    if engine.dialect.name != "sqlite":
        return []
    database = Path(engine.url.database or "")
    closed = []
    for file in (database, Path(f"{database}-wal"), Path(f"{database}-shm")):
        if file.exists() and (mode := stat.S_IMODE(file.stat().st_mode)) & _OTHERS:
            file.chmod(mode & ~_OTHERS)
            closed.append(file.name)
    return closed
