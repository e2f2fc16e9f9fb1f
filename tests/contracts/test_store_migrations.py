"""Every migration of the store, found in its folder, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from store.engine import open_engine
from store.long_transaction import long_transaction
from store.migrate import _config, known_revisions, revisions, upgrade
from store.schema import metadata

pytestmark = pytest.mark.usefixtures("made_stores")

REVISIONS = known_revisions()

ROWS_ONLY = {"0006", "0017"}
"""Migrations that change rows and no table."""


def tables_of(connection: sa.Connection) -> dict[str, set[str]]:
    inspector = sa.inspect(connection)
    return {
        name: {column["name"] for column in inspector.get_columns(name)}
        | {str(index["name"]) for index in inspector.get_indexes(name)}
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


@pytest.mark.parametrize("revision", REVISIONS)
def test_downgrade_reverts_the_upgrade(new_url: str, revision: str) -> None:
    engine = open_engine(new_url)
    config = _config()
    with long_transaction(engine) as connection:
        config.attributes["connection"] = connection
        position = REVISIONS.index(revision)
        before = REVISIONS[position - 1] if position else "base"
        if position:
            command.upgrade(config, before)
        tables = tables_of(connection)
        command.upgrade(config, revision)
        assert (tables_of(connection) == tables) == (revision in ROWS_ONLY)
        command.downgrade(config, before)
        assert tables_of(connection) == tables
    engine.dispose()


def test_an_empty_database_gets_what_the_migrations_make(new_url: str) -> None:
    engine = open_engine(new_url)
    upgrade(engine)
    with long_transaction(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        created = tables_of(connection)
        rows = {name: connection.execute(sa.select(table)).all() for name, table in metadata.tables.items()}
        for table in reversed(metadata.sorted_tables):
            table.drop(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert tables_of(connection) == created
        assert {name: connection.execute(sa.select(table)).all() for name, table in metadata.tables.items()} == rows
    assert len(set(revisions(engine))) == 1
    engine.dispose()


def test_migrated_tables_are_those_of_the_schema(new_url: str) -> None:
    engine = open_engine(new_url)
    config = _config()
    with long_transaction(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
