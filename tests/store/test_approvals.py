"""Approved model versions."""

from __future__ import annotations

from sqlalchemy import Connection

from store.approvals import approve, approved_versions
from tests.store.rows import NOW


def test_version_is_approved_once(connection: Connection) -> None:
    assert approved_versions(connection) == set()
    for person in ("ada", "grace"):
        approve(connection, "2", person, NOW)
    assert approved_versions(connection) == {"2"}
