"""Imports are recorded, repeats once."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from store.data_imports import add_import, origins_of, repeat_import
from store.report_schema import data_imports
from tests.store.report_rows import record
from tests.store.rows import NOW


def count(connection: Connection, table: object) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_a_repeated_import_is_recorded_once(connection: Connection) -> None:
    add_import(connection, record(), NOW)
    assert repeat_import(connection, record(import_id="b" * 32), NOW) == "a" * 32
    assert repeat_import(connection, record(import_id="c" * 32, last_day="2026-11-01"), NOW) == "c" * 32
    assert count(connection, data_imports) == 2
    assert origins_of(connection, {"a" * 32, "x"}) == {"a" * 32: "file a.csv"}
