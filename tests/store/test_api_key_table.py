"""Rows of API keys."""

from __future__ import annotations

from sqlalchemy import Connection

from store import api_key_table
from store.timestamps import stamp
from tests.store.rows import NOW


def test_key_is_revoked_once(connection: Connection) -> None:
    row = {"key_id": "k1", "name": "shop", "scopes": "score", "hash": "h", "created_at": stamp(NOW), "revoked_at": None}
    api_key_table.add(connection, **row)
    assert api_key_table.rows(connection) == [row]
    assert api_key_table.revoke(connection, "k1", NOW)
    assert not api_key_table.revoke(connection, "k1", NOW)
    assert not api_key_table.revoke(connection, "k2", NOW)
    assert api_key_table.rows(connection) == [{**row, "revoked_at": stamp(NOW)}]
