"""Audit log: entries are chained, and every change of a row, gap or missing end is found."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from leadworth.settings import Settings
from store import api_key_table
from store.audit_log import AuditActor, AuditEntry, AuditLog, entries
from store.timestamps import stamp
from tests.store.rows import NOW

LOG = AuditLog(b"k" * 32)
ADA = AuditActor("user:ada", "host")
COLUMNS = ("at", "who", "origin", "action", "object_kind", "object_id", "result", "details", "digest")


def record(connection: Connection, count: int = 4, log: AuditLog = LOG) -> None:
    for number in range(count):
        log.record(connection, ADA, AuditEntry("model.promote", "model", str(number), details={"n": number}))


def test_a_whole_chain_has_no_fault(connection: Connection) -> None:
    assert LOG.verify(connection).faults == []
    record(connection)
    result = LOG.verify(connection)
    assert (result.entries, result.faults) == (4, [])
    last = connection.exec_driver_sql("SELECT digest FROM audit_entries WHERE number = 4").scalar_one()
    assert result.last == last


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found(connection: Connection, column: str) -> None:
    record(connection)
    connection.execute(sa.text(f"UPDATE audit_entries SET {column} = 'x' WHERE number = 2"))
    assert any("entry 2 was changed" in fault for fault in LOG.verify(connection).faults)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM audit_entries WHERE number = 1", "entry 1 is missing"),
        ("DELETE FROM audit_entries WHERE number IN (2, 3)", "entries 2 to 3 are missing"),
        ("DELETE FROM audit_entries WHERE number = 4", "entry 4 is missing"),
        ("DELETE FROM audit_entries", "entries 1 to 4 are missing"),
        ("DELETE FROM audit_end", "its row was removed"),
        ("UPDATE audit_end SET number = 3", "ends at entry 4, recorded is 3"),
        ("UPDATE audit_end SET seal = 'x'", "recorded end of the log was changed"),
        ("UPDATE audit_entries SET signed_by = 'x' WHERE number = 3", "signed with another secret"),
    ],
)
def test_a_removed_row_is_found(connection: Connection, change: str, says: str) -> None:
    record(connection)
    connection.execute(sa.text(change))
    assert any(says in fault for fault in LOG.verify(connection).faults)


def test_the_end_cannot_be_moved_back_with_the_rows(connection: Connection) -> None:
    record(connection)
    third = connection.exec_driver_sql("SELECT digest FROM audit_entries WHERE number = 3").scalar_one()
    connection.exec_driver_sql("DELETE FROM audit_entries WHERE number = 4")
    connection.execute(sa.text("UPDATE audit_end SET number = 3, digest = :digest"), {"digest": third})
    assert LOG.verify(connection).faults == ["the recorded end of the log was changed"]


def test_rows_swapped_are_found(connection: Connection) -> None:
    record(connection)
    for before, after in ((2, 99), (3, 2), (99, 3)):
        connection.exec_driver_sql(f"UPDATE audit_entries SET number = {after} WHERE number = {before}")
    assert len(LOG.verify(connection).faults) >= 2


def test_entries_of_an_earlier_secret_are_named(connection: Connection) -> None:
    record(connection, 2, AuditLog(b"old" * 11))
    record(connection, 2)
    [fault] = LOG.verify(connection).faults
    assert "2 entries, from 1 to 2, are signed with another secret" in fault


def test_an_entry_is_undone_with_its_action(engine: Engine) -> None:
    def fail() -> None:
        with engine.begin() as connection:
            record(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with engine.begin() as connection:
        record(connection, 1)
        assert LOG.verify(connection).entries == 1


def test_writers_at_the_same_time_make_one_chain(engine: Engine) -> None:
    def write() -> None:
        for _ in range(10):
            with engine.begin() as connection:
                record(connection, 1)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        result = LOG.verify(connection)
    assert (result.entries, result.faults) == (40, [])


def test_no_personal_data_is_kept(connection: Connection) -> None:
    entry = AuditEntry(
        "lead.history", "lead", LOG.pseudonym("zelda@acme.example"), details={"why": "for zelda@acme.example"}
    )
    LOG.record(connection, AuditActor.of_key("ab12", "203.0.113.7"), entry)
    row = connection.exec_driver_sql("SELECT * FROM audit_entries").one()
    assert "zelda" not in str(row)
    assert "[redacted]" in str(row)


def listed(connection: Connection, **options: Any) -> list[str]:
    return [row["action"] for row in entries(connection, **options)]


def test_entries_are_found_by_time_actor_action_and_object(connection: Connection) -> None:
    key = {"key_id": "ab12", "name": "shop", "scopes": "score", "hash": "h", "created_at": stamp(NOW)}
    api_key_table.add(connection, **key)
    now = datetime.now(UTC)
    lead = LOG.pseudonym("A")
    caller = AuditActor.of_key("ab12", "203.0.113.7")
    LOG.record(connection, ADA, AuditEntry("key.create", "key", "ab12"), at=now - timedelta(days=2))
    LOG.record(connection, caller, AuditEntry("lead.history", "lead", lead), at=now)
    LOG.record(connection, AuditActor.system(), AuditEntry("key_x", "key"), at=now)
    assert listed(connection) == ["key.create", "lead.history", "key_x"]
    assert listed(connection, since=now - timedelta(days=1)) == ["lead.history", "key_x"]
    assert listed(connection, who="ada") == listed(connection, who="user:ada") == ["key.create"]
    assert listed(connection, who="shop") == listed(connection, who="ab12") == ["lead.history"]
    assert listed(connection, who="system") == ["key_x"]
    assert listed(connection, action="key.") == listed(connection, action="key.create") == ["key.create"]
    assert listed(connection, object_id=lead) == ["lead.history"]
    [row] = entries(connection, who="shop")
    assert (row["key_name"], row["origin"]) == ("shop", "203.0.113.7")


def test_a_caller_without_keys_is_anyone() -> None:
    assert AuditActor.of_key("anyone", "127.0.0.1").who == "anyone"
    assert AuditActor.local_user().who.startswith("user:")


def test_the_key_is_that_of_the_installation(tmp_path: Any) -> None:
    settings = Settings(currency="EUR", leads={}, folder=tmp_path)
    assert AuditLog.of(settings).signed_by == AuditLog.of(settings).signed_by != LOG.signed_by
