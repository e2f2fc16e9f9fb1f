"""Rows of API keys: digest, scopes, and when a key was made, expires, was last used and was revoked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, select, update

from store.schema import api_keys
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

USE_RESOLUTION = timedelta(hours=1)
"""The time of the last use is written at most this often for a key, by all processes together."""


def add(connection: Connection, **columns: Any) -> None:
    """Add a key."""
    connection.execute(insert(api_keys).values(**columns))


def revoke(connection: Connection, key_id: str, now: datetime) -> bool:
    """Revoke a key; return False if there is none of this id, or it is revoked already."""
    statement = update(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=stamp(now))).rowcount > 0


def replace(connection: Connection, key_id: str, by: str, expires_at: datetime) -> None:
    """Note the key that replaces another one, which expires then, unless it does so earlier."""
    end = stamp(expires_at)
    row = api_keys.c.key_id == key_id
    connection.execute(update(api_keys).where(row).values(replaced_by=by))
    later = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > end)
    connection.execute(update(api_keys).where(row, later).values(expires_at=end))


def mark_used(connection: Connection, key_ids: Iterable[str], now: datetime) -> None:
    """Write the time of the last use of keys, except of those with a time of the last hour."""
    old = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at <= stamp(now - USE_RESOLUTION))
    statement = update(api_keys).where(api_keys.c.key_id.in_(list(key_ids)), old)
    connection.execute(statement.values(last_used_at=stamp(now)))


def rows(connection: Connection) -> list[dict[str, Any]]:
    """Return all keys, oldest first, revoked ones included."""
    return [dict(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.created_at)).mappings()]
