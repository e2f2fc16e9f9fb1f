"""Migrate the store's database to the schema of this version."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from leadworth.errors import StoreError
from store.long_transaction import long_transaction
from store.mirror_statistics import write_statistics
from store.store_errors import store_errors

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

LOCK = 7_306_014_229
"""Advisory lock of PostgreSQL, an arbitrary constant: its holder migrates, other processes wait."""
LOCK_MILLISECONDS = 5_000
"""Longest wait for a lock of PostgreSQL."""


def upgrade(engine: Engine) -> None:
    """Create the tables in an empty database, else run the missing migrations; safe in several processes at once.

    A migration may take longer than a request, for example an index on a large table. The wait for a lock, of another
    process that migrates or on a table in use, is short: until it is granted, all later queries would wait too.

    Raises
    ------
    StoreError
        If the database does not answer, or was written by a newer leadworth.
    """
    from alembic import command
    from alembic.util.exc import CommandError
    from sqlalchemy import inspect

    from store.schema import metadata

    current, needed = revisions(engine)
    if current == needed:
        return
    try:
        with store_errors(), long_transaction(engine) as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            config = _config()
            config.attributes["connection"] = connection
            if inspect(connection).get_table_names():
                command.upgrade(config, "head")
            else:
                metadata.create_all(connection, checkfirst=False)
                if connection.dialect.name == "sqlite":
                    write_statistics(connection)
                command.stamp(config, "head")
    except CommandError as error:
        raise StoreError(
            "the store was written by a newer leadworth", do="run that version, or name another store"
        ) from error


def revisions(engine: Engine) -> tuple[str | None, str]:
    """Return the revision of the database and the one that this version needs.

    Raises
    ------
    StoreError
        If the database does not answer.
    """
    from alembic.runtime.migration import MigrationContext

    with store_errors(), engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, known_revisions()[-1]


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the revisions that this version can read, oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(script.revision for script in scripts)[::-1]


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    folder = str(files("store").joinpath("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
