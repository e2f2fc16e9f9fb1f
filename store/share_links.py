"""Share links of the report: what they show, until when, and whether they or the key that made them are revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from store.report_schema import share_links
from store.schema import api_keys
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select


@dataclass(frozen=True)
class ShareLink:
    """A link that shows the report with fixed filters to people without a key.

    Attributes
    ----------
    query
        Filters in their shortest form.
    money
        Whether it shows money.
    created_by
        Id of the key that made it, or `proxy:NAME` of a user of the proxy.
    revoked_at
        When the link, or the key that made it, was revoked.
    """

    link_id: str
    created_by: str
    query: str
    money: bool
    created_at: str
    expires_at: str
    revoked_at: str | None = None

    def in_use(self, now: datetime) -> bool:
        """Return whether the link still shows the report."""
        return self.revoked_at is None and stamp(now) < self.expires_at


def add_link(connection: Connection, link: ShareLink) -> None:
    """Store a link, and delete those that ended before it was made."""
    ended = share_links.c.expires_at < link.created_at
    connection.execute(delete(share_links).where(ended | share_links.c.revoked_at.is_not(None)))
    connection.execute(insert(share_links).values(vars(link)))


def links(connection: Connection) -> list[ShareLink]:
    """Return all links, newest first."""
    query = _with_keys().order_by(share_links.c.created_at.desc(), share_links.c.link_id)
    return [ShareLink(**row) for row in connection.execute(query).mappings()]


def link_of(connection: Connection, link_id: str) -> ShareLink | None:
    """Return a link by its id; None where it does not exist."""
    row = connection.execute(_with_keys().where(share_links.c.link_id == link_id)).mappings().one_or_none()
    return None if row is None else ShareLink(**row)


def revoke_link(connection: Connection, link_id: str, now: datetime) -> bool:
    """Let a link show nothing from now on; return whether it was in use."""
    chosen = (share_links.c.link_id == link_id) & share_links.c.revoked_at.is_(None)
    return connection.execute(update(share_links).where(chosen).values(revoked_at=stamp(now))).rowcount == 1


def _with_keys() -> Select[tuple[object, ...]]:
    """Return the query of all links; one whose key is revoked is revoked, also if it was made in those seconds."""
    revoked = func.coalesce(share_links.c.revoked_at, api_keys.c.revoked_at).label("revoked_at")
    columns = [column for column in share_links.c if column.name != "revoked_at"]
    made_by = share_links.outerjoin(api_keys, share_links.c.created_by == api_keys.c.key_id)
    return select(*columns, revoked).select_from(made_by)
