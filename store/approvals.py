"""Model versions that are approved to change sent values without the weekly ramp."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from store.insert_ignore import insert_ignore
from store.schema import export_approvals
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


def approve(connection: Connection, version: str, by: str, now: datetime) -> None:
    """Approve a model version; approving it again changes nothing."""
    row = {"model_version": version, "approved_by": by, "approved_at": stamp(now)}
    connection.execute(insert_ignore(connection, export_approvals), [row])


def approved_versions(connection: Connection) -> set[str]:
    """Return the approved model versions."""
    return set(connection.execute(select(export_approvals.c.model_version)).scalars())
