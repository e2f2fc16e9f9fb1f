"""INSERT that skips existing keys."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, event, select

from store.insert_ignore import insert_ignore, insert_new
from store.schema import export_approvals
from store.timestamps import stamp
from tests.store.rows import NOW


def test_existing_key_is_skipped(connection: Connection) -> None:
    rows = [
        {"model_version": version, "approved_by": person, "approved_at": stamp(NOW)}
        for version, person in (("1", "ada"), ("1", "grace"), ("2", "grace"))
    ]
    connection.execute(insert_ignore(connection, export_approvals), rows)
    query = select(export_approvals.c.model_version, export_approvals.c.approved_by).order_by("model_version")
    assert connection.execute(query).all() == [("1", "ada"), ("2", "grace")]


@pytest.mark.parametrize("number", [1, 2, 1_500])
def test_new_rows_are_counted_with_one_statement(connection: Connection, number: int) -> None:
    statements: set[str] = set()
    event.listen(connection, "before_cursor_execute", lambda *given: statements.add(given[2]))
    old = {"model_version": "0", "approved_by": "ada", "approved_at": stamp(NOW)}
    assert insert_new(connection, export_approvals, [old]) == 1
    rows = [{**old, "model_version": str(key)} for key in range(number)]
    assert insert_new(connection, export_approvals, rows) == number - 1
    assert insert_new(connection, export_approvals, []) == 0
    assert len(statements) == 1
