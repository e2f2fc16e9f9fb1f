"""Rows of API keys: digest, scopes, and when a key was made and revoked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from store.schema import api_keys
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


def add(connection: Connection, **columns: Any) -> None:
    """Add a key."""
    connection.execute(insert(api_keys).values(**columns))


def revoke(connection: Connection, key_id: str, now: datetime) -> bool:
    """Revoke a key; return False if there is none of this id, or it is revoked already."""
    statement = update(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=stamp(now))).rowcount > 0


def rows(connection: Connection) -> list[dict[str, Any]]:
    """Return all keys, oldest first, revoked ones included."""
    return [dict(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.created_at)).mappings()]
