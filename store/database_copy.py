"""Consistent copies of databases while others write, and putting them back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import NullPool, create_engine, func, inspect, select, text
from sqlalchemy.engine import make_url

from leadworth.errors import StoreError
from store.engine import CONNECT_SECONDS
from store.migrate import known_revisions, revisions, upgrade
from store.schema import metadata
from store.store_errors import store_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL

VERSIONS = "alembic_version"
Kind = Literal["sqlite", "postgresql"]


class StoreCopy(BaseModel):
    """What a copy of the store holds.

    Attributes
    ----------
    kind
        Database that it is a copy of.
    revision
        Revision of the schema.
    namespace
        Schema of PostgreSQL in which the tables are.
    rows
        Table -> number of rows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    revision: str | None
    namespace: str | None = None
    rows: dict[str, int]


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy an SQLite database as of one moment; others may write meanwhile.

    Raises
    ------
    StoreError
        If the database cannot be read, or the copy cannot be written.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    address = f"{source.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)  # all pages in one step: one read transaction
    except sqlite3.Error as error:
        raise StoreError(f"{source} could not be copied ({error})", do="check the file and the free space") from error


def refuse_in_use(database: Path) -> None:
    """Refuse an SQLite database that another process has open; write its log into the file.

    Raises
    ------
    StoreError
        If another process has it open.
    """
    try:
        with closing(sqlite3.connect(database, timeout=1.0)) as connection:
            # Leaving the mode of the write-ahead log needs the file alone.
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.Error as error:
        raise StoreError(
            f"{database} is in use ({error})", do="stop the service and the export worker, then repeat"
        ) from error


def copy_store(url: URL, target: Path) -> StoreCopy:
    """Copy the store to a file as of one moment: SQLite as a database, PostgreSQL as a dump of pg_dump.

    Parameters
    ----------
    url
        Address of the store, with its driver.
    target
        A new file.

    Raises
    ------
    StoreError
        If the database does not answer, or pg_dump is missing or refuses.
    """
    if url.get_backend_name() == "sqlite":
        copy_sqlite(Path(url.database or ""), target)
        return describe_sqlite(target)
    program = _program("pg_dump")
    with _opened(url) as engine, engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        snapshot = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())
        copy = _described(connection)
        tables = [f'--table="{copy.namespace}"."{name}"' for name in (*copy.rows, VERSIONS)]
        wanted = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"]
        _run(url, [program, *wanted, *tables])
    target.chmod(0o600)
    return copy


def describe_store(url: URL) -> StoreCopy:
    """Return what the store holds now.

    Raises
    ------
    StoreError
        If the database does not answer.
    """
    with _opened(url) as engine, engine.connect() as connection:
        return _described(connection)


def describe_sqlite(file: Path) -> StoreCopy:
    """Return what an SQLite store holds.

    Raises
    ------
    StoreError
        If it is not a store.
    """
    return describe_store(make_url(f"sqlite:///{file}"))


@contextmanager
def _opened(url: URL) -> Iterator[Engine]:
    """Yield an engine without the time limits of the service: counting and migrating take as long as they take."""
    bounds = {} if url.get_backend_name() == "sqlite" else {"connect_timeout": CONNECT_SECONDS}
    engine = create_engine(url, poolclass=NullPool, connect_args=bounds)
    try:
        with store_errors():
            yield engine
    finally:
        engine.dispose()


def _described(connection: Connection) -> StoreCopy:
    tables = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
    rows = {
        name: int(connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one())
        for name in tables
    }
    revision = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar()
    if connection.dialect.name == "sqlite":
        return StoreCopy(kind="sqlite", revision=revision, rows=rows)
    return StoreCopy(kind="postgresql", revision=revision, namespace=_namespace(connection), rows=rows)


def _namespace(connection: Connection) -> str:
    return str(connection.execute(text("SELECT current_schema()")).scalar_one())


def refuse_newer(copy: StoreCopy) -> None:
    """Refuse a copy that was made by a newer leadworth.

    Raises
    ------
    StoreError
        If this version does not know its revision.
    """
    if copy.revision is not None and copy.revision not in known_revisions():
        raise StoreError(
            f"the backup was made by a newer leadworth: its store has revision {copy.revision}",
            allowed=f"revisions up to {max(known_revisions())}",
            do="install the version that made the backup, or a newer one, and restore again",
        )


def refuse_store(copy: StoreCopy, url: URL) -> None:
    """Refuse a copy that cannot be put into the store of the settings.

    Raises
    ------
    StoreError
        If the database is of the other kind, or the PostgreSQL database already has tables of leadworth.
    """
    kind = url.get_backend_name()
    if kind != copy.kind:
        raise StoreError(
            f"the backup has a store of {copy.kind}, the settings name {kind}",
            allowed="the same kind of database",
            do="set [serving] store or LEADWORTH_SERVING__STORE to where the store shall be",
        )
    if kind == "postgresql":
        _refuse_filled(copy, url)


def _refuse_filled(copy: StoreCopy, url: URL) -> None:
    _program("pg_restore")
    with _opened(url) as engine, engine.connect() as connection:
        present = {*inspect(connection).get_table_names()} & {*metadata.tables, VERSIONS}
        namespace = _namespace(connection)
    if present:
        raise StoreError(
            f"the database already has {len(present)} tables of leadworth; none of them is replaced",
            allowed="an empty database",
            do="create one (createdb leadworth_restored) and name it in LEADWORTH_SERVING__STORE",
        )
    if namespace != copy.namespace:
        raise StoreError(
            f"the backup's tables are in the schema {copy.namespace}, new tables of this database in {namespace}",
            do=f"restore into a database whose search_path begins with {copy.namespace}",
        )


def put_store(file: Path, copy: StoreCopy, url: URL) -> StoreCopy:
    """Put a copy into the store, compare its rows, and migrate it to this version.

    Parameters
    ----------
    file
        What `copy_store` wrote.
    copy
        What it returned.
    url
        Address of the store: a new SQLite file, or an empty PostgreSQL database.

    Returns
    -------
    StoreCopy
        What the store holds now.

    Raises
    ------
    StoreError
        If the rows differ from those of the backup, or the database does not answer.
    """
    if copy.kind == "sqlite":
        copy_sqlite(file, Path(url.database or ""))
    else:
        wanted = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        _run(url, [_program("pg_restore"), *wanted, str(file)])
    with _opened(url) as engine:
        with engine.connect() as connection:
            restored = _described(connection)
        if restored.rows != copy.rows:
            raise StoreError(
                f"the restored store has other row counts than the backup: {restored.rows}, not {copy.rows}",
                do="take another backup, or restore an earlier one",
            )
        upgrade(engine)
        return restored.model_copy(update={"revision": revisions(engine)[0]})


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise StoreError(
            f"the store is on PostgreSQL, and {name} is not installed here",
            do="install the client programs of PostgreSQL (Debian: postgresql-client), not older than the server",
        )
    return found


def _run(url: URL, command: Sequence[str]) -> None:
    """Run a client program of PostgreSQL; the password goes through the environment, which other users cannot read."""
    from psycopg.conninfo import make_conninfo

    parameters = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    query = {name: str(value) for name, value in url.query.items() if name != "options"}
    address = make_conninfo("", **parameters, **query)
    environment = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    done = subprocess.run(
        [*command, "--dbname", address],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise StoreError(
            f"{Path(command[0]).name} failed: {lines[0]}",
            do="use client programs that are not older than the server, and a user who may read and create the tables",
        )
