"""Bring the store's database to the shape that this version needs."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from leadworth.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

LOCK = 7_306_014_229  # any constant: who holds it migrates, the others wait


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing; two processes at once do no harm.

    Raises
    ------
    StoreError
        Where the database does not answer, or was written by a newer leadworth.
    """
    from alembic import command
    from alembic.util.exc import CommandError

    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except CommandError as error:
        raise StoreError(
            "the store was written by a newer leadworth", do="run that version, or name another store"
        ) from error
    except SQLAlchemyError as error:
        raise StoreError(f"the store did not answer ({type(error).__name__})", do="see that it runs") from error


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """Return the revision of the database and the one that this version needs.

    Raises
    ------
    StoreError
        Where the database does not answer.
    """
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise StoreError(f"the store did not answer ({type(error).__name__})", do="see that it runs") from error
    return found, ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    folder = str(files("store").joinpath("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
