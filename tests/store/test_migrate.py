"""Migrations: older stores are brought to this version with their rows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command

from leadworth.errors import StoreError
from serving import replay_command
from store import decision_log, feedback, outbox, outbox_queries
from store.bounded_connection import BoundedConnection
from store.engine import open_engine
from store.long_transaction import long_transaction
from store.migrate import LOCK, _config, revisions, upgrade
from tests.store.rows import decision_row, event

pytestmark = pytest.mark.usefixtures("made_stores")

RENAMED = {"sent_value": "told", "in_doubt_until": "quiet_until"}


def move(engine: sa.Engine, revision: str) -> None:
    """Bring a database up or down to a revision."""
    config = _config()
    current = revisions(engine)[0]
    with long_transaction(engine) as connection:
        config.attributes["connection"] = connection
        (command.downgrade if current and current > revision else command.upgrade)(config, revision)


def test_rows_of_the_first_version_are_kept_and_cannot_be_replayed(new_url: str) -> None:
    engine = open_engine(new_url)
    move(engine, "0001")
    with engine.begin() as connection:
        old = {
            name: value for name, value in decision_row("A").items() if value is not None or name == "idempotency_key"
        }
        table = sa.Table("decisions", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(table).values(**old))
    upgrade(engine)
    assert revisions(engine)[0] == revisions(engine)[1]
    with engine.connect() as connection:
        [kept] = decision_log.replayable(connection, decision=None, lead=None, last=None)
        assert kept["lead_id"] == "A"
        assert replay_command.again(kept, None).state == replay_command.OLD
        assert feedback.current(connection, "A")["verdict"] == "accept"
    move(engine, "0001")
    with engine.begin() as connection:
        assert "vector" not in {column["name"] for column in sa.inspect(connection).get_columns("decisions")}
    engine.dispose()


def test_outbox_columns_are_renamed_with_their_values_and_indexes(new_url: str) -> None:
    engine = open_engine(new_url)
    row = event("A", sent_value="12.50", in_doubt_until="2026-03-01T00:00:00.000000+00:00")
    move(engine, "0003")
    with engine.begin() as connection:
        table = sa.Table("export_events", sa.MetaData(), autoload_with=connection)
        columns = {RENAMED.get(name, name): value for name, value in row.items()}
        old = {name: value for name, value in columns.items() if name in table.c}
        connection.execute(sa.insert(table).values(**old))
        indexes = {index["name"] for index in sa.inspect(connection).get_indexes("export_events")}
    upgrade(engine)
    with engine.begin() as connection:
        assert outbox_queries.events_of_leads(connection, ["A"]) == [row]
        kept = {index["name"] for index in sa.inspect(connection).get_indexes("export_events")}
        assert kept == indexes - {"export_events_of_transaction"}  # of which the unique index has the columns
        assert outbox.add(connection, {"export_events": [event("A")]}) == 0  # the unique index is still there
    move(engine, "0003")
    with engine.begin() as connection:
        [downgraded] = connection.execute(sa.text("SELECT told, quiet_until FROM export_events")).all()
        assert downgraded == ("12.50", "2026-03-01T00:00:00.000000+00:00")
    engine.dispose()


def test_migration_twice_changes_nothing(engine: sa.Engine) -> None:
    upgrade(engine)
    assert len(set(revisions(engine))) == 1


def test_store_of_a_newer_version_is_refused(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer leadworth"):
        upgrade(engine)


def test_a_migration_may_take_longer_than_a_request(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.engine.SESSION_OPTIONS", "-c statement_timeout=200")
    monkeypatch.setattr(BoundedConnection, "answer_seconds", 0.4)
    engine = open_engine(postgres)
    monkeypatch.setattr(command, "stamp", lambda config, _: slow(config.attributes["connection"]))
    upgrade(engine)
    assert "decisions" in sa.inspect(engine).get_table_names()
    engine.dispose()


def slow(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SELECT pg_sleep(1)")


def test_the_wait_for_a_table_in_use_is_short(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.migrate.LOCK_MILLISECONDS", 100)
    engine = open_engine(postgres)
    with engine.begin() as other:
        other.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        with pytest.raises(StoreError, match="did not answer"):
            upgrade(engine)
    upgrade(engine)
    assert len(set(revisions(engine))) == 1
    engine.dispose()
