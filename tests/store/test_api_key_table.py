"""Rows of API keys."""

from __future__ import annotations

from sqlalchemy import Connection

from store import api_key_table
from store.api_key_table import USE_RESOLUTION
from store.schema import api_keys
from store.timestamps import stamp
from tests.store.rows import NOW

ROW = {"key_id": "k1", "name": "shop", "scopes": "score", "hash": "h", "created_at": stamp(NOW)}


def test_key_is_revoked_once(connection: Connection) -> None:
    row = dict.fromkeys(api_keys.columns.keys()) | ROW
    api_key_table.add(connection, **row)
    assert api_key_table.rows(connection) == [row]
    assert api_key_table.revoke(connection, "k1", NOW)
    assert not api_key_table.revoke(connection, "k1", NOW)
    assert not api_key_table.revoke(connection, "k2", NOW)
    assert api_key_table.rows(connection) == [{**row, "revoked_at": stamp(NOW)}]


def test_last_use_moves_by_the_hour(connection: Connection) -> None:
    api_key_table.add(connection, **ROW)
    for passed, expected in ((0.0, 0.0), (0.5, 0.0), (1.0, 1.0), (1.5, 1.0)):
        api_key_table.mark_used(connection, ["k1", "k2"], NOW + passed * USE_RESOLUTION)
        assert api_key_table.rows(connection)[0]["last_used_at"] == stamp(NOW + expected * USE_RESOLUTION)
