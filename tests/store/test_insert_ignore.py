"""INSERT that skips existing keys."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store.insert_ignore import insert_ignore
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
