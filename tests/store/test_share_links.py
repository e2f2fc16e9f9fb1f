"""Share links: when they show the report, and which are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from store import api_key_table
from store.share_links import ShareLink, add_link, link_of, links, revoke_link
from store.timestamps import stamp

NOW = datetime(2026, 11, 28, 9, 40, tzinfo=UTC)
LINK = ShareLink("a1", "k1", "period=2026", False, stamp(NOW), stamp(NOW + timedelta(days=7)))


def test_a_link_is_in_use_until_its_end() -> None:
    assert LINK.in_use(NOW + timedelta(days=7, microseconds=-1))
    assert not LINK.in_use(NOW + timedelta(days=7))
    assert not replace(LINK, revoked_at=stamp(NOW)).in_use(NOW)


def test_links_come_newest_first(connection: Connection) -> None:
    later = replace(LINK, link_id="b2", money=True, created_at=stamp(NOW + timedelta(hours=1)))
    same = replace(later, link_id="b1")
    for link in (LINK, later, same):
        add_link(connection, link)
    assert links(connection) == [same, later, LINK]
    assert link_of(connection, "b2") == later
    assert link_of(connection, "c3") is None


def test_a_link_is_revoked_once(connection: Connection) -> None:
    add_link(connection, LINK)
    assert revoke_link(connection, "a1", NOW)
    assert link_of(connection, "a1") == replace(LINK, revoked_at=stamp(NOW))
    assert not revoke_link(connection, "a1", NOW + timedelta(days=1))
    assert not revoke_link(connection, "c3", NOW)


def test_a_link_of_a_revoked_key_is_revoked(connection: Connection) -> None:
    for key in ("k1", "k2"):
        api_key_table.add(
            connection, key_id=key, name=key, scopes="report", hash=key, created_at=stamp(NOW - timedelta(days=1))
        )
    other, proxied = replace(LINK, link_id="b2", created_by="k2"), replace(LINK, link_id="c3", created_by="proxy:ana")
    for link in (LINK, other, proxied):
        add_link(connection, link)
    api_key_table.revoke(connection, "k1", NOW)
    ended = replace(LINK, revoked_at=stamp(NOW))
    assert links(connection) == [ended, other, proxied]
    assert link_of(connection, "a1") == ended
    assert link_of(connection, "b2") == other


def test_links_that_ended_before_go_with_the_next(connection: Connection) -> None:
    ended = replace(LINK, link_id="e", expires_at=stamp(NOW + timedelta(days=1)))
    revoked = replace(LINK, link_id="r")
    for link in (ended, revoked, LINK):
        add_link(connection, link)
    revoke_link(connection, "r", NOW)
    newest = replace(LINK, link_id="n", created_at=stamp(NOW + timedelta(days=2)))
    add_link(connection, newest)
    assert links(connection) == [newest, LINK]
