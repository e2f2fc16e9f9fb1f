from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from store import crm_cursors
from store.crm_cursors import StreamCursor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_cursor_is_read_as_it_was_saved_last(connection: Connection) -> None:
    work = StreamCursor("leads", "records", None, None, NOW, "page 2")
    crm_cursors.save(connection, "acme", work, NOW)
    assert crm_cursors.read(connection, "acme") == {("leads", "records"): work}
    done = StreamCursor("leads", "records", NOW + timedelta(1))
    crm_cursors.save(connection, "acme", done, NOW)
    assert crm_cursors.read(connection, "acme") == {("leads", "records"): done}
    assert crm_cursors.read(connection, "other") == {}
