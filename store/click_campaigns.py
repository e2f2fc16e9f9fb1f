"""Campaigns of clicks, by a keyed digest of the click id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from store.chunks import chunks
from store.report_schema import click_campaigns
from store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEPT_DAYS = 90


def store_clicks(connection: Connection, rows: Sequence[Mapping[str, str]], *, today: date) -> int:
    """Store the campaigns of clicks, and delete those of clicks that are older than 90 days.

    Parameters
    ----------
    rows
        Columns of `click_campaigns`; a click that is stored already gets the new campaign.
    today
        Present day.

    Returns
    -------
    int
        Rows that were deleted.
    """
    for part in chunks(rows):
        connection.execute(upsert(connection, click_campaigns), list(part))
    oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
    return connection.execute(delete(click_campaigns).where(click_campaigns.c.day < oldest)).rowcount
