"""Share links of the report: what they show, until when, and whether they are revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from store.report_schema import share_links
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class ShareLink:
    """A link that shows the report with fixed filters to people without a key.

    Attributes
    ----------
    query
        Filters in their shortest form.
    money
        Whether it shows money.
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
    query = select(share_links).order_by(share_links.c.created_at.desc(), share_links.c.link_id)
    return [ShareLink(**row) for row in connection.execute(query).mappings()]


def link_of(connection: Connection, link_id: str) -> ShareLink | None:
    """Return a link by its id; None where it does not exist."""
    row = connection.execute(select(share_links).where(share_links.c.link_id == link_id)).mappings().one_or_none()
    return None if row is None else ShareLink(**row)


def revoke_link(connection: Connection, link_id: str, now: datetime) -> bool:
    """Let a link show nothing from now on; return whether it was in use."""
    chosen = (share_links.c.link_id == link_id) & share_links.c.revoked_at.is_(None)
    return connection.execute(update(share_links).where(chosen).values(revoked_at=stamp(now))).rowcount == 1
