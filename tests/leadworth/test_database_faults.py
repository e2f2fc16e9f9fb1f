"""Faults of databases by the codes of their drivers."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest

from leadworth.database_faults import database_fault
from leadworth.errors import StoreError


def _what(error: BaseException) -> str | None:
    fault = database_fault(error)
    return None if fault is None else fault.what


def test_faults_of_sqlite_are_named(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    own = sqlite3.connect(file, isolation_level=None)
    own.execute("CREATE TABLE leads (text)")
    own.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError) as locked:
        sqlite3.connect(file, timeout=0).execute("INSERT INTO leads VALUES ('')")
    own.execute("ROLLBACK")
    with pytest.raises(sqlite3.OperationalError) as read_only:
        sqlite3.connect(f"file:{file}?mode=ro", uri=True).execute("INSERT INTO leads VALUES ('')")
    own.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as full:
        own.execute("INSERT INTO leads VALUES (?)", ("text" * 9_000,))
    own.close()
    file.write_bytes(b"no database at all" * 99)
    with pytest.raises(sqlite3.DatabaseError) as damaged:
        sqlite3.connect(file).execute("SELECT * FROM leads")
    assert [_what(caught.value) for caught in (locked, read_only, full, damaged)] == [
        "another process has locked it",
        "it is read-only",
        "its disk is full",
        "its file is damaged, or is no SQLite database",
    ]


def test_faults_of_postgresql_are_named() -> None:
    with pytest.raises(psycopg.OperationalError) as unreachable:
        psycopg.connect("postgresql://ada:secret@127.0.0.1:9/leadworth")
    assert _what(unreachable.value) == "there is no connection, or it was lost"
    assert _what(psycopg.errors.DiskFull()) == "its disk is full"
    assert "ended the connection" in str(_what(psycopg.errors.AdminShutdown()))


def test_an_error_is_looked_up_in_what_caused_it() -> None:
    error = StoreError("the store did not answer")
    error.__cause__ = psycopg.errors.DiskFull()
    assert _what(error) == "its disk is full"


def test_other_errors_have_no_fault() -> None:
    with pytest.raises(sqlite3.OperationalError) as no_table:
        sqlite3.connect(":memory:").execute("SELECT * FROM leads")
    for error in (no_table.value, psycopg.errors.UndefinedTable(), KeyError("email"), None):
        assert database_fault(error) is None
